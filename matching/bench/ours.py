"""Our side of the comparison: the workload's companies as the engine's columns, and its verdicts as answers."""

import numpy as np
from numpy.typing import NDArray

from matching.bench.workload import MEMBERS, Companies, facts, vocabulary
from matching.engine.plan import PlanResult
from matching.engine.plan.bits import pack
from matching.engine.plan.columns import ChoiceColumn, Column, Columns, DayColumn, NumberColumn, SetColumn, YesNoColumn
from policies.rules import Verdict

_UNIX_ORDINAL = 719_163
_ANSWERS = {Verdict.ELIGIBLE: 2, Verdict.UNDETERMINED: 1, Verdict.INELIGIBLE: 0}
ANSWER_OF_CODE = np.array([_ANSWERS.get(verdict, -1) for verdict in Verdict], np.int8)


def columns_from(companies: Companies) -> Columns:
    """The same answers as columns, without a profile per company in between."""
    return Columns(
        vocabulary(),
        companies.rows,
        {name: _column(kind, companies.values[name], companies.known[name]) for name, kind in facts().items()},
    )


def _column(kind: str, values: NDArray[np.int64], known: NDArray[np.bool_]) -> Column:
    mask = pack(known)
    match kind:
        case "yes_no":
            return YesNoColumn(mask, pack(values.astype(bool)))
        case "one_of":
            return ChoiceColumn(mask, np.where(known, values + 1, 0).astype(np.uint8), MEMBERS)
        case "many_of":
            return SetColumn(
                mask, MEMBERS, np.stack([pack((values >> at & 1).astype(bool)) for at in range(len(MEMBERS))])
            )
        case "day":
            return DayColumn(mask, np.where(known, values + _UNIX_ORDINAL, 0).astype(np.int32), 0)
        case "money":
            return NumberColumn(mask, values * 100, 2)
        case "ratio":
            return NumberColumn(mask, (values * 100).astype(np.int32), 6)
    return NumberColumn(mask, values.astype(np.int32), 0)


def answers_of(result: PlanResult, offers: int) -> NDArray[np.int8]:
    """The verdicts as 0 false, 1 open, 2 true, offers × companies; anything else is -1."""
    return np.stack([ANSWER_OF_CODE[result.verdicts(at)] for at in range(offers)])
