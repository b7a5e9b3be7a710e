"""A wall around reading a file that may lie about its size: what it would take more is refused, and the process lives on."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

MOST_BYTES = 150 << 20
_STATM = Path("/proc/self/statm")


@contextlib.contextmanager
def bounded_memory(most: int = MOST_BYTES) -> Iterator[None]:
    """Lets this process take at most so many bytes more; beyond them the library inside raises pyarrow.ArrowException or OSError.

    A few kilobytes of Parquet can stand for gigabytes, and no header has to say so. The wall is the process's own, so
    keep what is done behind it short. Only where the system tells a process's size and keeps to the limit (Linux).
    """
    if not _STATM.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(_STATM.read_text().split()[0]) * resource.getpagesize()
    before = pa.default_memory_pool()
    # The others keep large rooms in reserve, and would ask for one of them rather than for what is needed.
    pa.set_memory_pool(pa.system_memory_pool())
    resource.setrlimit(resource.RLIMIT_AS, (_least(now + most, soft, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        pa.set_memory_pool(before)


def _least(*limits: int) -> int:
    return min(limit for limit in limits if limit != resource.RLIM_INFINITY)
