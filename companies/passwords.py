"""What we ask of a password beside Django's own checks."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# What people here begin with, beside the twenty thousand of Django's list: this service, this place, a word or two of love.
_OUR_WORDS = frozenset({
    "changce", "changping", "changpingqu", "beijing", "beijingshi", "zhongguo", "zhongguancun", "woaini", "woaizhongguo",
    "wodemima", "mima", "nihao", "administrator", "qwerty", "qwertyuiop", "asdfghjkl", "password", "passw0rd", "welcome",
    "昌策", "昌平", "北京", "密码", "我爱你",
})  # fmt: skip
_LETTER_FOR_SIGN = str.maketrans("013457@$!", "oieastasi")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class LongEnough(MinimumLengthValidator):
    """Refuses short passwords, in both languages: Django's own sentence has lost its Chinese translation."""

    def get_error_message(self) -> str:
        """The reason, with the length we ask for."""
        return _("This password is too short. Please use at least %(least)s characters.") % {"least": self.min_length}


class NotCommon(CommonPasswordValidator):
    """Refuses what lists of leaked passwords begin with, also with a year or signs around it and signs for letters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for a common one."""
        whole = password.lower().strip()
        if any(one in self.passwords or one in _OUR_WORDS for one in _cores(whole)):
            raise ValidationError(self.get_error_message(), code="password_too_common")


def _cores(whole: str) -> list[str]:
    """The password, and what is left without what people add to be let in; that only where it is half of it or more."""
    found = [whole]
    for one in (whole, whole.translate(_LETTER_FOR_SIGN)):
        core = _AROUND.sub("", one)
        if len(core) * 2 >= len(whole):
            found += [one, core]
        halves = one[: len(one) // 2], one[len(one) // 2 :]
        if halves[0] == halves[1]:
            found.append(halves[0])
    return found
