"""Polars: one lazy select of Kleene expressions over nullable columns, common parts shared by its optimiser."""

import functools
import operator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.bench.workload import MEMBERS, Companies, Denied, Every, Node, Test, facts

_DTYPES = {
    "money": pl.Int64, "whole": pl.Int64, "ratio": pl.Int32, "day": pl.Int32, "yes_no": pl.Boolean, "one_of": pl.UInt8,
}  # fmt: skip


def frame_of(companies: Companies) -> pl.DataFrame:
    """The companies as nullable columns; a many-of fact is a Boolean column per member."""
    columns = []
    for name, kind in facts().items():
        values, known = companies.values[name], companies.known[name]
        parts = (
            {name: values} if kind != "many_of" else {f"{name}_{at}": values >> at & 1 for at in range(len(MEMBERS))}
        )
        for part, array in parts.items():
            dtype = _DTYPES.get(kind, pl.Boolean)
            series = pl.Series(part, array.astype(bool) if dtype == pl.Boolean else array).cast(dtype)
            columns.append(series.to_frame().select(pl.when(pl.Series(known)).then(pl.col(part)).alias(part)))
    return pl.concat(columns, how="horizontal").rechunk()


def query_of(frame: pl.DataFrame, rules: list[Node]) -> pl.LazyFrame:
    """One column of truths per rule, null where it is open."""
    return frame.lazy().select([_tree(rule).alias(str(at)) for at, rule in enumerate(rules)])


def answers_of(result: pl.DataFrame) -> NDArray[np.int8]:
    """The answers, rules × companies."""
    return np.stack([_answer(column) for column in result])


def _answer(column: pl.Series) -> NDArray[np.int8]:
    return (column.cast(pl.Int8) * 2).fill_null(1).to_numpy().astype(np.int8)


def _tree(node: Node) -> pl.Expr:
    if isinstance(node, Test):
        return _test(node)
    if isinstance(node, Denied):
        return ~_tree(node.of)
    sign = operator.and_ if isinstance(node, Every) else operator.or_
    return functools.reduce(sign, [_tree(part) for part in node.of])


def _test(test: Test) -> pl.Expr:
    column = pl.col(test.fact)
    match test.sign:
        case "yes":
            return column
        case "no":
            return ~column
        case ">=":
            return column >= test.values[0]
        case "<":
            return column < test.values[0]
        case "between":
            return (column >= test.values[0]) & (column < test.values[1])
        case "in" | "not_in":
            found = functools.reduce(operator.or_, [column == at for at in test.values])
        case _:
            found = functools.reduce(operator.or_, [pl.col(f"{test.fact}_{at}") for at in test.values])
    return ~found if test.sign in ("not_in", "has_none") else found
