"""OpenFisca: each rule a pair of variables (sure, possible), over a pair for each distinct criterion or all in one formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from matching.bench.workload import MEMBERS, Companies, Denied, Every, Node, Test, criteria_of, facts

PERIOD = "2026"
_COMPANY = Entity("company", "companies", "A company", "")
_TYPES: dict[str, type] = {"money": float, "whole": int, "ratio": int, "day": int, "one_of": int, "yes_no": bool}


def system_of(rules: list[Node], *, shared: bool = True) -> TaxBenefitSystem:
    """The rules as a tax and benefit system; `shared` makes each distinct criterion a variable, which is the faster form."""
    system = TaxBenefitSystem([_COMPANY])
    for name, kind in facts().items():
        parts = [f"{name}_{at}" for at in range(len(MEMBERS))] if kind == "many_of" else [name]
        for part in parts:
            system.add_variable(_variable(part, _TYPES.get(kind, bool)))
        system.add_variable(_variable(f"{name}_known", bool))
    numbers: dict[Test, str] = {}
    for rule in rules if shared else []:
        for test in criteria_of(rule):
            if test not in numbers:
                numbers[test] = name = f"test_{len(numbers)}"
                system.add_variable(_variable(f"{name}_sure", bool, _sure_test(test)))
                system.add_variable(_variable(f"{name}_possible", bool, _possible_test(test, name)))
    for at, rule in enumerate(rules):
        for side in ("sure", "possible"):
            system.add_variable(_variable(f"rule_{at}_{side}", bool, _formula(rule, side, numbers)))
    return system


def _variable(name: str, kind: type, formula: Callable[..., Any] | None = None) -> type[Variable]:
    body: dict[str, Any] = {
        "value_type": kind, "entity": _COMPANY, "definition_period": DateUnit.YEAR, "label": name,
    }  # fmt: skip
    if formula is not None:
        body["formula"] = formula
    return type(name, (Variable,), body)


def _sure_test(test: Test) -> Callable[..., Any]:
    name, values = test.fact, test.values

    def formula(company: Any, period: Any) -> Any:
        known = company(f"{name}_known", period)
        match test.sign:
            case "yes":
                return known & company(name, period)
            case "no":
                return known & ~company(name, period)
            case ">=":
                return known & (company(name, period) >= values[0])
            case "<":
                return known & (company(name, period) < values[0])
            case "between":
                column = company(name, period)
                return known & (column >= values[0]) & (column < values[1])
            case "in" | "not_in":
                column = company(name, period)
                found = column == values[0]
                for value in values[1:]:
                    found = found | (column == value)
            case _:
                found = company(f"{name}_{values[0]}", period)
                for value in values[1:]:
                    found = found | company(f"{name}_{value}", period)
        return known & (~found if test.sign in ("not_in", "has_none") else found)

    return formula


def _possible_test(test: Test, name: str) -> Callable[..., Any]:
    def formula(company: Any, period: Any) -> Any:
        return company(f"{name}_sure", period) | ~company(f"{test.fact}_known", period)

    return formula


def _formula(rule: Node, side: str, numbers: dict[Test, str]) -> Callable[..., Any]:
    def formula(company: Any, period: Any) -> Any:
        return _value(rule, side, numbers, company, period)

    return formula


def _value(node: Node, side: str, numbers: dict[Test, str], company: Any, period: Any) -> Any:
    if isinstance(node, Test):
        if node in numbers:
            return company(f"{numbers[node]}_{side}", period)
        sure = _sure_test(node)(company, period)
        return sure if side == "sure" else sure | ~company(f"{node.fact}_known", period)
    if isinstance(node, Denied):
        return ~_value(node.of, "possible" if side == "sure" else "sure", numbers, company, period)
    result = _value(node.of[0], side, numbers, company, period)
    for part in node.of[1:]:
        other = _value(part, side, numbers, company, period)
        result = result & other if isinstance(node, Every) else result | other
    return result


def simulation_of(system: TaxBenefitSystem, companies: Companies) -> Any:
    """A fresh simulation with the companies' answers put in."""
    simulation = SimulationBuilder().build_default_simulation(system, companies.rows)
    for name, kind in facts().items():
        values = companies.values[name]
        if kind == "many_of":
            for at in range(len(MEMBERS)):
                simulation.set_input(f"{name}_{at}", PERIOD, (values >> at & 1).astype(bool))
        else:
            simulation.set_input(name, PERIOD, values.astype(_TYPES[kind]))
        simulation.set_input(f"{name}_known", PERIOD, companies.known[name])
    return simulation


def calculate(simulation: Any, count: int) -> list[tuple[Any, Any]]:
    """Both sides of every rule."""
    return [
        (simulation.calculate(f"rule_{at}_sure", PERIOD), simulation.calculate(f"rule_{at}_possible", PERIOD))
        for at in range(count)
    ]


def answers_of(pairs: list[tuple[Any, Any]]) -> NDArray[np.int8]:
    """The answers, rules × companies."""
    return np.stack([sure.astype(np.int8) + possible.astype(np.int8) for sure, possible in pairs])
