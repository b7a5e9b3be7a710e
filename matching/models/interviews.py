"""How far a company's interview is: what was asked, in order, and what nobody could tell yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Company


class Interview(models.Model):
    """The interview of one company; the answers themselves are in its profile versions."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="interview")
    # Names of facts, in the order in which they were first answered or declined.
    asked = models.JSONField(default=list)
    # Those of them that the company cannot tell yet: not asked again by themselves.
    declined = models.JSONField(default=list)

    class Meta:
        ordering = ["company"]
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")

    def __str__(self) -> str:
        return f"interview {self.pk}"

    def before(self, name: str | None) -> str | None:
        """The fact that was asked before this one; before the one that is still to come (None), the last."""
        if name is None or name not in self.asked:
            return self.asked[-1] if self.asked else None
        place = self.asked.index(name)
        return self.asked[place - 1] if place else None
