from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Whether a company can get an offer, and why: match requests, the work, the reports."""

    name = "matching"
    default_auto_field = "django.db.models.BigAutoField"
