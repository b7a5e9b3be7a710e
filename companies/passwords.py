"""What we ask of a password beside Django's own checks."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Refuses short passwords, in both languages: Django's own sentence has lost its Chinese translation."""

    def get_error_message(self) -> str:
        """The reason, with the length we ask for."""
        return _("This password is too short. Please use at least %(least)s characters.") % {"least": self.min_length}
