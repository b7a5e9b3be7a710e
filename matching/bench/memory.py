"""The peak of this process's memory while something runs (Linux)."""

import ctypes
import gc
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_bytes(work: Callable[[], Any]) -> int | None:
    """By how much memory grew at its highest, over what was held before; None where the system does not tell."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        _CLEAR.write_text("5")  # forget the highest mark so far
    except (OSError, AttributeError):
        return None
    before = _status("VmRSS")
    held = work()
    peak = _status("VmHWM")
    del held
    return peak - before


def _status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text())
    return int(found.group(1)) * 1024 if found else 0
