"""Companies that somebody describes without an account: who holds one, and until when it is kept."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models.letters import Letter
from companies.models.tokens import digest_of_token

# A company is kept for a month from its last answer.
KEPT = timedelta(days=30)
_AT_ONCE = 100


class Visitor(AnonymousUser):
    """Somebody not signed in, with the secrets of the companies that this browser holds."""

    def __init__(self, secrets_held: Iterable[str] = ()) -> None:
        super().__init__()
        self.held = tuple(digest_of_token(one) for one in secrets_held)

    def __str__(self) -> str:
        return "visitor"


class VisitQuerySet(models.QuerySet["Visit"]):
    """Questions about visits; every time is compared with the database's clock."""

    def live(self) -> Self:
        """Those that are still kept."""
        return self.filter(expires_at__gt=Now())

    def over(self) -> Self:
        """Those that have been kept long enough."""
        return self.filter(expires_at__lte=Now())

    def held_by(self, actor: Any) -> Self:
        """Those that a visitor's browser holds; none for anybody else."""
        held = getattr(actor, "held", ())
        if not held:
            return self.none()
        keys = VisitKey.objects.filter(digest__in=held, kind=VisitKey.Kind.BROWSER)
        return self.live().filter(pk__in=keys.values("visit"))

    def erase_over(self) -> int:
        """Erase those that have been kept long enough with their companies, some at a time; how many there were."""
        erased = 0
        while True:
            # Locked, so that nobody answers, or takes the company along, while it goes.
            with transaction.atomic():
                over = list(self.over().select_for_update(of=("self",)).select_related("company")[:_AT_ONCE])
                for visit in over:
                    visit.company.delete()
            erased += len(over)
            if not over:
                return erased

    def keep_longer(self, company: Any) -> None:
        """Somebody answered: the month begins anew."""
        self.filter(company=company).update(expires_at=timezone.now() + KEPT)


class Visit(models.Model):
    """A company that has no members yet: whoever holds one of the visit's keys may see and change it.

    It ends when the company goes to an account, or with the company when it was kept long enough.
    """

    company = models.OneToOneField("companies.Company", on_delete=models.CASCADE, related_name="visit")
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("visit without an account")
        verbose_name_plural = _("visits without an account")

    def __str__(self) -> str:
        return f"visit {self.pk}"


class VisitKeyQuerySet(models.QuerySet["VisitKey"]):
    """Questions about keys."""

    def open_links(self) -> Self:
        """The links sent by e-mail that can still be used."""
        return self.filter(kind=VisitKey.Kind.LINK, expires_at__gt=Now(), visit__expires_at__gt=Now())

    def opened_with(self, secret: str) -> Self:
        """The link with this secret, with its company, if it can still be used."""
        return self.open_links().filter(digest=digest_of_token(secret)).select_related("visit__company")


class VisitKey(models.Model):
    """What opens a visit: the secret of a browser, or that of a link sent by e-mail, which makes one browser's and is gone."""

    class Kind(models.TextChoices):
        BROWSER = "browser", _("a browser")
        LINK = "link", _("a link sent by e-mail")

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=10, choices=Kind)
    digest = models.CharField(max_length=64, unique=True)
    # NULL for a browser: it ends with the visit.
    expires_at = models.DateTimeField(null=True)
    # The letter with the link in it.
    letter = models.ForeignKey(Letter, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = VisitKeyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("key of a visit")
        verbose_name_plural = _("keys of visits")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="browser", expires_at=None) | Q(kind="link", expires_at__isnull=False),
                name="visit_key_links_expire",
            ),
        ]

    def __str__(self) -> str:
        return f"key of visit {self.visit_id}"
