"""The body of a report's page, made once for many readings: a report never changes, and its body is most of the page's cost.

Kept in this process only, because it holds figures of a company, and given to nobody: whoever asks for it has found the
report among what the reader may see.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.utils.safestring import SafeString

MOST_BYTES = 24 << 20
"""What one process keeps at most."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """The body in one language, and what the rest of the page says of the report."""

    html: bytes
    name: str
    day: str
    has_dates: bool

    @property
    def shown(self) -> SafeString:
        """As a template shows it."""
        return SafeString(self.html.decode())  # made by a template, which has escaped what people wrote


class Bodies:
    """So many bytes of bodies, those read last."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self._kept: OrderedDict[Key, Body] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Body]) -> Body:
        """The body of this key, made where it is not kept."""
        with self._lock:
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return kept
        # Not under the lock: it takes a while, and two that make the same one at once do no harm.
        made = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self.bytes += len(made.html)
            while self.bytes > self.most_bytes:
                self.bytes -= len(self._kept.popitem(last=False)[1].html)
        return made


BODIES = Bodies(MOST_BYTES)
