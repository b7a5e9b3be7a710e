"""What the pages of runs ask for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from matching.forms import AskForm


class AskForRunForm(AskForm):
    """The day that a run is about; empty means today."""

    key = None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="ask-%s", **kwargs)
        self.fields["day"].help_text = _(
            "Empty means today. Another day is a trial: its counts stand here, and no company is told of changes."
        )
