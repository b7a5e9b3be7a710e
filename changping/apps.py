from django.apps import AppConfig


class ChangpingConfig(AppConfig):
    name = "changping"
    verbose_name = "Changce 昌策"
