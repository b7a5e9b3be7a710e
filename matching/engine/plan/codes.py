"""One byte per node for one company: four bits of what it may be as asked for, four of its denial.

The low four bits are true, possible, true if judged favourably, true if unseen text is so as well (`policies.rules.verdicts`);
the high four are the same bits of the denial, inverted. So "all" is a bitwise and, "any" a bitwise or of whole bytes.
"""

import numpy as np
from numpy.typing import NDArray

from matching.engine.plan.results import VERDICTS
from policies.rules import Status, Truth
from policies.rules.verdicts import Sides, Truths, name_verdict

Codes = NDArray[np.uint8]

STATUSES: tuple[Status, ...] = tuple(Status)
"""The number of a status is its place here."""
YES, NO, UNKNOWN = 0xFF, 0x00, 0xD2


def code_of(sides: Sides) -> int:
    """The byte of a node's truths."""
    return _bits(sides.holds) | (~_bits(sides.fails) & 15) << 4


def _bits(truths: Truths) -> int:
    said = (
        truths.computed is Truth.YES,
        truths.computed is not Truth.NO,
        truths.judged is Truth.YES,
        truths.assumed is Truth.YES,
    )
    return sum(1 << at for at, bit in enumerate(said) if bit)


def _truths(bits: int) -> Truths:
    open_or_no = Truth.UNKNOWN if bits & 2 else Truth.NO
    return Truths(*(Truth.YES if bits & bit else open_or_no for bit in (1, 4, 8)))


def _status(bits: int) -> Status:
    truths = _truths(bits)
    if truths.computed is not Truth.UNKNOWN:
        return Status.YES if truths.computed is Truth.YES else Status.NO
    if truths.judged is Truth.YES:
        return Status.JUDGED
    return Status.NOT_MODELLED if truths.assumed is Truth.YES else Status.UNKNOWN


_STATUS_OF = bytes(STATUSES.index(_status(code & 15)) for code in range(256))
DENIED: Codes = np.array([~(code >> 4 | code << 4) & 255 for code in range(256)], np.uint8)
_VERDICT_OF = [
    bytes(VERDICTS.index(name_verdict(_truths(code & 15), has_criterion=has_criterion)) for code in range(256))
    for has_criterion in (False, True)
]


def statuses_of(codes: Codes) -> Codes:
    """The status of each node, by its place in `STATUSES`."""
    # A table of bytes over bytes: twice as quick as an array indexed by an array.
    return np.frombuffer(codes.tobytes().translate(_STATUS_OF), np.uint8)


def verdicts_of(roots: Codes, *, has_criterion: bool = True) -> Codes:
    """The verdict of each offer by the code of its root, by its place in `VERDICTS`."""
    return np.frombuffer(roots.tobytes().translate(_VERDICT_OF[has_criterion]), np.uint8)
