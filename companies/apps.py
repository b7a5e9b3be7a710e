from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompaniesConfig(AppConfig):
    name = "companies"
    verbose_name = _("Companies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Be told of sign-ins: `visitors` takes along what somebody described before, `sessions` keeps little of them, `events` logs them."""
        from companies import visitors  # noqa: F401
        from companies.account import events, sessions  # noqa: F401
