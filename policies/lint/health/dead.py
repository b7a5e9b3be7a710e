"""Rules that no company can meet, that every company meets, and parts of rules that never decide anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from companies.facts import Text
from policies.lint.health.catalogue import Catalogue, OfferPlace
from policies.lint.reading import Path
from policies.rules.narrowing import Assumed
from policies.rules.requirements import All, AnyOf, AtLeast, Criterion, Judged, Not, NotModelled, Requirement
from policies.rules.saying import say_expression
from policies.rules.truth import Truth

_STEPS: dict[type[Requirement], str] = {All: "all", AnyOf: "any", AtLeast: "of"}


@dataclass(frozen=True, slots=True)
class _Dead:
    """A part that never decides: where it is, the code, and what is said."""

    path: Path
    code: str
    said: Text


def check_dead(catalogue: Catalogue) -> None:
    """Each offer in force by itself, and what its policy asks of all of them once."""
    nobody = Assumed(catalogue.vocabulary, catalogue.day)
    done: set[str] = set()
    for place in catalogue.in_force.values():
        policy, offer = place.policy, place.offer
        if not offer.expressions:
            continue
        truth = nobody.truth_of(offer.requires)
        if truth is Truth.NO:
            shared = policy.requires is not None and nobody.truth_of(policy.requires) is Truth.NO
            path: Path = ("requires",) if shared else (*place.path, "requires")
            en, zh = "no company can meet all that is asked here", "没有企业能同时满足此处的全部条件"
            if not (shared and policy.key in done):
                catalogue.add(place.sheet, path, "impossible-rule", en, zh, severity="fault")
            done |= {policy.key} if shared else set()
            continue
        if truth is Truth.YES:
            en, zh = "every company meets what is asked here", "任何企业都满足此处的条件"
            catalogue.add(place.sheet, (*place.path, "requires"), "always-true-rule", en, zh, severity="fault")
            continue
        _check_parts(catalogue, place, nobody, done)


def _check_parts(catalogue: Catalogue, place: OfferPlace, nobody: Assumed, done: set[str]) -> None:
    policy, own = place.policy, place.offer.own
    found: list[_Dead] = []
    given = nobody
    if policy.requires is not None:
        if policy.key not in done:
            done.add(policy.key)
            found.extend(_dead(policy.requires, ("requires",), nobody))
        given = nobody.assume([policy.requires])
    if own is not None:
        found.extend(_dead(All((own,)), (*place.path, "requires"), given, top=True))
    for dead in found:
        catalogue.add(place.sheet, dead.path, dead.code, dead.said.en, dead.said.zh)


def _dead(node: Requirement, path: Path, given: Assumed, *, top: bool = False) -> Iterator[_Dead]:
    """Below this node, which holds under what is given. `top` wraps a whole tree, so that a lone criterion counts."""
    step = _STEPS.get(type(node))
    if step is None:
        return
    parts = node.parts()
    paths = [path if top else (*path, step, at) for at in range(len(parts))]
    told = [False] * len(parts)
    for at, (part, here) in enumerate(zip(parts, paths, strict=True)):
        inside = given
        if isinstance(node, All):
            inside = given.assume(other for nth, other in enumerate(parts) if nth != at and not told[nth])
            if inside.is_empty:
                return  # contradictions are said of the whole rule
        truth = inside.truth_of(part)
        dead = _verdict(node, part, truth, given) or (
            _covered(parts, at, given, told) if isinstance(node, AnyOf) else None
        )
        if dead is not None:
            told[at] = True
            said = _said(part, given)
            yield _Dead(here, dead[0], Text(f"“{said.en}”: {dead[1].en}", f"“{said.zh}”：{dead[1].zh}"))
        elif not isinstance(part, Criterion | Not):
            yield from _dead(part, here, inside)


def _verdict(node: Requirement, part: Requirement, truth: Truth, given: Assumed) -> tuple[str, Text] | None:
    if truth is Truth.NO and not isinstance(node, All):
        return "dead-branch", Text("can never hold here", "在此处永远不可能成立")
    if truth is not Truth.YES:
        return None
    if isinstance(node, All):
        return "needless-criterion", Text("holds anyway when the rest holds", "其余条件成立时它必然成立")
    return "dead-branch", Text("always holds here, so the others never matter", "在此处必然成立，其他分支不起作用")


def _covered(parts: tuple[Requirement, ...], at: int, given: Assumed, told: list[bool]) -> tuple[str, Text] | None:
    """Whether whoever meets this branch meets another anyway."""
    inside = given.assume([parts[at]])
    if inside.is_empty or not inside.given:
        return None
    for nth, other in enumerate(parts):
        if nth != at and not told[nth] and inside.truth_of(other) is Truth.YES:
            said = _said(other, given)
            en, zh = f"whoever meets it meets “{said.en}” anyway", f"满足它的企业必然满足“{said.zh}”"
            return "dead-branch", Text(en, zh)
    return None


def _said(node: Requirement, given: Assumed) -> Text:
    match node:
        case Criterion(when=when, says=says):
            return says or say_expression(when, given.vocabulary)
        case Judged(text=text) | NotModelled(text=text):
            return text
        case Not(of=of):
            said = _said(of, given)
            return Text(f"not: {said.en}", f"不符合：{said.zh}")
    said = [_said(part, given) for part in node.parts()]
    between = Text(" or ", "，或") if isinstance(node, AnyOf) else Text("; ", "；")
    return Text(between.en.join(one.en for one in said), between.zh.join(one.zh for one in said))
