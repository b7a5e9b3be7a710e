from django.apps import AppConfig


class ChangpingConfig(AppConfig):
    name = "changping"
    verbose_name = "Changce 昌策"

    def ready(self) -> None:
        # Tasks bind to the application that was made last, so every process makes ours; the package's own
        # `__init__` stays empty, as those of the apps do.
        from changping import celery  # noqa: F401
