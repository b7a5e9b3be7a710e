"""Letters by e-mail: rows that a worker hands to the mail server, so that no page waits for it and no letter is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models.jobs import ENDED, Job, JobQuerySet, State, job_constraints, job_indexes
from companies.sealing import Seal

# How long to wait after attempt 1, 2, …: somebody may sit before an empty mailbox, and a server that is away is often back
# within the day.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5))
MAX_ATTEMPTS = len(PAUSES) + 1
_SEAL = Seal("changce letters")


class Mailing(Job):
    """A job that ends with a letter at the mail server, at most once."""

    # When it was given to the mail server. One that was given and did not come back may have left: it is not sent again.
    handed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class LetterQuerySet(JobQuerySet):
    """Questions about letters, and ending those that are not to leave any more."""

    def call_off(self) -> int:
        """Those that wait do not leave any more; how many. One in a worker's hand leaves: it is too late for it."""
        waiting: Self = self.filter(state=State.QUEUED)
        return waiting.update(state=State.CANCELLED, finished_at=Now(), **Letter.forgotten_at_end)


class Letter(Mailing):
    """One letter to one address. What it says and to whom is sealed, for there are links in it, and gone once it has left."""

    called = "letter"
    forgotten_at_end: ClassVar[Mapping[str, Any]] = {"sealed": ""}

    kind = models.CharField(max_length=60, editable=False)
    sealed = models.TextField(blank=True, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = job_indexes("letter")
        constraints = [
            *job_constraints("letter"),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, sealed="") | (~Q(state__in=ENDED) & ~Q(sealed="")),
                name="letter_says_nothing_once_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"letter {self.public_id}"

    def put_in(self, *, to: str, subject: str, body: str) -> None:
        """Seal what the letter says and whom it goes to."""
        self.sealed = _SEAL.sealed(json.dumps({"to": to, "subject": subject, "body": body}))

    def taken_out(self) -> dict[str, str]:
        """The same again: `to`, `subject` and `body`; raises SealBroken."""
        found: dict[str, str] = json.loads(_SEAL.unsealed(self.sealed))
        return found

    @property
    def fate(self) -> str:
        """What became of it, for whoever asked for it: waiting, sent, doubtful, called_off or failed."""
        if self.state == State.DONE:
            return "sent"
        if self.state == State.CANCELLED:
            return "called_off"
        if self.state == State.FAILED:
            return "doubtful" if self.handed_at is not None else "failed"
        return "waiting"
