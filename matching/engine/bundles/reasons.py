"""Why an offer is not in the combination, and on what the choice depends, as plain data with sentences."""

from collections.abc import Mapping
from typing import Any

from companies.facts import Text, Vocabulary
from matching.engine.bundles.accounts import money
from matching.engine.bundles.building import DEAL_FACT, Setting
from matching.engine.bundles.choosing import Choice
from matching.engine.bundles.problem import ENDS, End
from matching.engine.bundles.sentences import say_in_kind, say_left_out, say_rival, title, titles
from matching.engine.bundles.structure import bits
from policies.rules import OfferText, Truth, say_clause
from policies.rules.stacking import StackingRule


def left_out(choice: Choice, setting: Setting) -> list[dict[str, Any]]:
    """One entry for each candidate that is not in both best sets, with the rule and the offers that push it out."""
    found = []
    for at, name in enumerate(choice.structure.ids):
        missing = [end for end in ENDS if not choice.set_at(end) >> at & 1]
        if not missing:
            continue
        code, because, rule = _reason(choice, setting, at, choice.set_at(missing[0]))
        said = say_left_out(code, title(setting.offers[name]), titles(setting.offers, because), rule)
        found.append(
            {
                "offer": name,
                "at": "both" if len(missing) == 2 else missing[0],
                "code": code,
                "because": list(because),
                **_marks(rule),
                "said": said.to_plain(),
            }
        )
    return found


def _marks(rule: StackingRule | None) -> dict[str, Any]:
    if rule is None:
        return {"clause": None, "confidence": None, "note": None}
    clause, note = say_clause(rule.marks.clause), rule.marks.note
    return {
        "clause": None if clause is None else clause.to_plain(),
        "confidence": rule.marks.confidence,
        "note": None if note is None else note.to_plain(),
    }


def _reason(choice: Choice, setting: Setting, at: int, chosen: int) -> tuple[str, tuple[str, ...], StackingRule | None]:
    structure, offers = choice.structure, setting.offers
    name = structure.ids[at]
    barrier = structure.barriers.get(name)
    if barrier is not None:
        code, because = barrier
        rule = _rule(offers[name], "deal_excludes" if code == "deal" else "needs" if code.startswith("needs") else code)
        if code == "needs" and not any(other in structure.place for other in because):
            code = "needs_absent"
        return code, because, rule
    for brought in [at, *(other for other in bits(structure.brings[at]) if other != at)]:
        for other in bits(structure.against[brought] & chosen):
            clash = _clash(offers[structure.ids[brought]], offers[structure.ids[other]])
            if clash is None:
                continue
            if brought != at:
                return "needs", (structure.ids[brought],), _rule(offers[name], "needs")
            return clash[0], (structure.ids[other],), clash[1]
    # What pushes it out is not a chosen offer itself but something that a chosen one brings along, which is chosen too.
    raise AssertionError(f"left out without a reason: {name}")


def _rule(offer: OfferText, form: str) -> StackingRule | None:
    return next((rule for rule in offer.stacking if rule.form == form), None)


def _clash(one: OfferText, other: OfferText) -> tuple[str, StackingRule] | None:
    """The rule by which these two do not go together, as either of them states it."""
    for form in ("excludes", "one_per_period", "highest_only"):
        for own, against in ((one, other), (other, one)):
            for rule in own.stacking:
                if rule.form != form:
                    continue
                if form == "excludes" and against.id in rule.names:
                    return form, rule
                if form != "excludes" and any(r.form == form and r.names == rule.names for r in against.stacking):
                    return form, rule
    return None


def depends_on(choice: Choice, setting: Setting, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What could make another combination the better one, or add to it."""
    amounts = _amounts(choice, setting)
    named = {name for entry in amounts for name in entry["offers"]}
    return [
        *amounts,
        *_range(choice, setting, named),
        *_caps(choice, setting, vocabulary),
        *_deal(choice, setting),
        *_awards(choice, setting),
    ]


def _entry(
    code: str, offers: list[str], said: Text, facts: list[str] | None = None, more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "code": code,
        "offers": offers,
        "facts": facts or [],
        "more_than": None if more is None else dict(more),
        "said": said.to_plain(),
    }


def _amounts(choice: Choice, setting: Setting) -> list[dict[str, Any]]:
    """Offers of unknown amount that are left out, and from where on they would be the better choice."""
    structure, found = choice.structure, []
    for at in sorted({at for at, _ in choice.rivals}):
        ends: dict[End, int] = {}
        dropped = 0
        for end in ENDS:
            rival, chosen = choice.rivals.get((at, end)), choice.set_at(end)
            most = structure.candidates[at].high
            if rival is None or (most is not None and sum(most) <= rival.needed):
                continue
            ends[end] = rival.needed
            dropped |= chosen & ~rival.chosen
        if not ends:
            continue
        name, instead = structure.ids[at], structure.names(dropped)
        if _in_kind(setting, name):
            said = say_in_kind(title(setting.offers[name]), titles(setting.offers, instead))
            found.append(_entry("in_kind", [name], said))
            continue
        unknown = [
            other
            for other in instead
            if not (
                _in_kind(setting, other) or all(structure.candidates[structure.place[other]].known(e) for e in ends)
            )
        ]
        said = say_rival(
            title(setting.offers[name]),
            titles(setting.offers, instead),
            sorted(ends.values()),
            titles(setting.offers, unknown) if unknown else None,
        )
        facts = list(setting.entries[name]["amount"].get("missing", ()))
        found.append(_entry("amount", [name], said, facts, {end: money(needed) for end, needed in ends.items()}))
    return found


def _in_kind(setting: Setting, name: str) -> bool:
    return bool(setting.entries[name]["amount"]["status"] == "in_kind")


def _range(choice: Choice, setting: Setting, named: set[str]) -> list[dict[str, Any]]:
    """The offers in which the best sets at the two ends differ, and the facts that would narrow their amounts.

    Nothing where the entries of the amounts (`named`) already say from where on each newcomer is the better choice.
    """
    only_low, only_high = choice.low_set & ~choice.high_set, choice.high_set & ~choice.low_set
    names = list(choice.structure.names(only_low | only_high))
    if not names or named.issuperset(choice.structure.names(only_high)):
        return []
    facts = [fact for name in names for fact in setting.entries[name]["amount"].get("missing", ())]
    low, high = (titles(setting.offers, choice.structure.names(mask)) for mask in (only_low, only_high))
    if not only_low or not only_high:
        one = titles(setting.offers, names)
        said = Text(
            f"Whether {one.en} belongs in it depends on amounts that are not settled.",
            f"是否列入{one.zh}，取决于尚未确定的金额。",
        )
    else:
        said = Text(
            f"{low.en} is better while amounts come out low, {high.en} when they come out high.",
            f"金额偏低时选{low.zh}更优，金额偏高时选{high.zh}更优。",
        )
    return [_entry("range", names, said, list(dict.fromkeys(facts)))]


def _caps(choice: Choice, setting: Setting, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Caps that are not known exactly and could cut the best sets."""
    found = []
    chosen = choice.low_set | choice.high_set
    for cap, source in zip(setting.problem.caps, setting.caps, strict=True):
        members = choice.structure.mask(cap.members) & chosen
        if not members or cap.low == cap.high:
            continue
        amounts = [choice.structure.candidates[at] for at in bits(members)]
        most = None if any(one.high is None for one in amounts) else sum(sum(one.high or ()) for one in amounts)
        if most is not None and most <= cap.low:
            continue
        names = list(choice.structure.names(members))
        labels = [fact.label for name in source.missing if (fact := vocabulary.get(name)) is not None]
        listed, asked = titles(setting.offers, names), _listed(labels)
        said = Text(
            f"How much {listed.en} may pay in all depends on {asked.en}, which is not known yet.",
            f"{listed.zh}合计最多可得多少，取决于尚未填写的{asked.zh}。",
        )
        found.append(_entry("cap", names, said, list(source.missing)))
    return found


def _listed(labels: list[Text]) -> Text:
    if not labels:
        return Text("an amount", "某项金额")
    return Text(" and ".join(f"“{label.en}”" for label in labels), "、".join(f"“{label.zh}”" for label in labels))


def _deal(choice: Choice, setting: Setting) -> list[dict[str, Any]]:
    if setting.deal is not Truth.UNKNOWN:
        return []
    chosen = choice.structure.names(choice.low_set | choice.high_set)
    names = [name for name in chosen if _rule(setting.offers[name], "deal_excludes")]
    if not names:
        return []
    listed = titles(setting.offers, names)
    said = Text(
        f"{listed.en} is open only to a company without a case-by-case agreement with the district; whether there is one is not known.",
        f"只有未享受“一事一议”的企业才能享受{listed.zh}；是否享受尚不清楚。",
    )
    return [_entry("deal", names, said, [DEAL_FACT])]


def _awards(choice: Choice, setting: Setting) -> list[dict[str, Any]]:
    """Offers that need an award which is no candidate: it may have been granted before."""
    found = []
    for name, (code, because) in sorted(choice.structure.barriers.items()):
        if code != "needs" or any(other in choice.structure.place for other in because):
            continue
        own, first = title(setting.offers[name]), titles(setting.offers, because)
        said = Text(
            f"{own.en} needs {first.en} first: if that was granted before, it can be added.",
            f"{own.zh}须以{first.zh}为前提：如此前已获得，可再加入。",
        )
        found.append(_entry("award", [name], said))
    return found
