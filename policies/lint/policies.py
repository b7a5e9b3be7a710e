"""Each policy file, and the policies among themselves: keys, days, sources, stacking, benefits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from companies.facts import Text, ValueFault, read_number
from policies.catalogue_files import Sheet
from policies.lint.reading import Path, Reading, entries, trees, walk
from policies.lint.references import reaches

_STATUSES = {
    "in_force",
    "in_force_presumed",
    "unknown",
    "possibly_revised",
    "partly_superseded",
    "superseded",
    "expired_presumed",
}
_NUMBERS = {"fixed", "rate", "cap", "floor", "per_unit", "up_to"}
_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\Z")


def check_policies(reading: Reading) -> None:
    """Everything about policy files that is not an expression or a case."""
    keys: Counter[str] = Counter()
    for stem, sheet in reading.folder.of_kind("policies"):
        plain = sheet.plain
        if not isinstance(plain, dict):
            continue
        key = plain.get("policy")
        keys[str(key)] += 1
        if keys[str(key)] > 1:
            reading.add(sheet, ("policy",), "duplicate-id", f"another file has the policy “{key}”", f"政策“{key}”重复")
        elif key != stem:
            reading.add(
                sheet,
                ("policy",),
                "file-name",
                f"the file is named “{stem}”, the policy “{key}”",
                f"文件名“{stem}”与政策键“{key}”不一致",
            )
        _check_known_keys(reading, sheet, plain)
        _check_days(reading, sheet, plain)
        _check_sources(reading, sheet, plain)
        _check_ids(reading, sheet, plain)
        for path, offer in entries(plain, "offers"):
            _check_offer(reading, sheet, path, offer)
    _check_succession(reading)
    _check_stacking(reading)


def _check_known_keys(reading: Reading, sheet: Sheet, plain: Mapping[str, Any]) -> None:
    known = {
        "level": (reading.keys("levels") or {"national", "municipal", "district"}, Text("level", "级别")),
        "pillar": (reading.keys("pillars"), Text("pillar", "支柱")),
        "status": (_STATUSES, Text("status", "状态")),
        "superseded_by": (set(reading.policies), Text("policy", "政策")),
    }
    for name, (keys, what) in known.items():
        if plain.get(name) is not None:
            reading.need_key(sheet, (name,), plain[name], keys, what, f"unknown-{name.replace('_', '-')}")
    for name, what in (("zones", Text("zone", "区域")), ("goals", Text("goal", "目标"))):
        for at, key in enumerate(plain.get(name) or []):
            reading.need_key(sheet, (name, at), key, reading.keys(name), what, f"unknown-{name[:-1]}")


def _check_days(reading: Reading, sheet: Sheet, plain: Mapping[str, Any]) -> None:
    effective = plain.get("effective") if isinstance(plain.get("effective"), dict) else {}
    days: list[tuple[Path, Any]] = [
        (("issued",), plain.get("issued")),
        (("effective", "from"), effective.get("from")),
        (("effective", "to"), effective.get("to")),
        (("superseded_on",), plain.get("superseded_on")),
    ]
    for path, day in days:
        if day is not None and not _DAY.match(str(day)):
            reading.add(sheet, path, "bad-day", f"“{day}” is not a day", f"“{day}”不是日期", "'2026-04-01'")
            return
    issued, start, end, over = (str(day) if day is not None else None for _, day in days)
    for path, early, late, en, zh in (
        (("effective", "to"), start, end, "ends before it starts", "结束早于开始"),
        (("superseded_on",), issued, over, "superseded before it was issued", "废止早于发布"),
        (("effective", "to"), issued, end, "ends before it was issued", "结束早于发布"),
        (("superseded_on",), start, over, "superseded before it was in force", "废止早于施行"),
    ):
        # Compared as far as both are known: '2024-03' and '2024-03-12' do not contradict.
        if early and late and late[: len(early)] < early[: len(late)]:
            reading.add(sheet, path, "days-contradict", f"{en}: {late} < {early}", f"{zh}：{late} < {early}")
            return


def _check_sources(reading: Reading, sheet: Sheet, plain: Mapping[str, Any]) -> None:
    if plain.get("sources"):
        return
    if plain.get("confidence") == "high":
        reading.add(
            sheet, ("sources",), "missing-source", "high confidence needs a source", "高可信度需要来源", on_key=True
        )
    elif plain.get("confidence") == "medium":
        reading.add(
            sheet,
            ("sources",),
            "missing-source",
            "no source; only low confidence may have none",
            "没有来源；仅低可信度可无来源",
            on_key=True,
        )
    for path, tree in trees(plain):
        for at, node in walk(tree):
            if isinstance(node, dict) and node.get("confidence") == "high" and not node.get("source"):
                reading.add(
                    sheet,
                    (*path, *at),
                    "missing-source",
                    "a criterion of high confidence needs a source",
                    "高可信度的条件需要来源",
                )


def _check_ids(reading: Reading, sheet: Sheet, plain: Mapping[str, Any]) -> None:
    for listed, name in (("offers", "offer"), ("cases", "case")):
        seen: set[str] = set()
        for path, item in entries(plain, listed):
            if str(item.get(name)) in seen:
                reading.add(
                    sheet, (*path, name), "duplicate-id", f"“{item.get(name)}” is used twice", f"“{item.get(name)}”重复"
                )
            seen.add(str(item.get(name)))


def _check_offer(reading: Reading, sheet: Sheet, path: Path, offer: Mapping[str, Any]) -> None:
    kinds = reading.keys("benefit_kinds")
    if offer.get("kind") is not None:
        reading.need_key(
            sheet, (*path, "kind"), offer["kind"], kinds, Text("kind of support", "支持方式"), "unknown-kind"
        )
    for at, paper in enumerate(offer.get("papers") or []):
        reading.need_key(
            sheet, (*path, "papers", at), paper, reading.keys("papers"), Text("paper", "材料"), "unknown-paper"
        )
    if not offer.get("requires") and not sheet.plain.get("requires"):
        reading.add(
            sheet,
            path,
            "no-requirement",
            "the offer requires nothing; say at least what is not modelled",
            "该事项没有任何条件；至少说明未建模的部分",
        )
    window = offer.get("window")
    if isinstance(window, dict):
        opens, closes = window.get("opens"), window.get("closes")
        if opens and closes and str(closes) < str(opens):
            reading.add(
                sheet,
                (*path, "window", "closes"),
                "days-contradict",
                "the window closes before it opens",
                "申报截止早于开始",
            )
        if (opens or closes) and window.get("kind") in ("rolling", "not_announced", "no_application"):
            reading.add(
                sheet,
                (*path, "window", "kind"),
                "window-days",
                "a window with days is fixed, yearly or batches",
                "有日期的申报期应为 fixed、yearly 或 batches",
                "fixed",
            )
    if isinstance(offer.get("benefit"), dict):
        _check_benefit(reading, sheet, (*path, "benefit"), offer["benefit"])


def _check_benefit(reading: Reading, sheet: Sheet, path: Path, benefit: Mapping[str, Any]) -> None:
    if "to_confirm" in benefit and _NUMBERS & benefit.keys():
        name = sorted(_NUMBERS & benefit.keys())[0]
        reading.add(
            sheet,
            (*path, name),
            "to-confirm-with-number",
            "an amount to be confirmed has no number",
            "待确认的金额不应有数字",
        )
    for at, node in walk(benefit, path):
        if not isinstance(node, dict):
            continue
        floor, cap = _number(node.get("floor")), _number(node.get("cap"))
        if floor is not None and cap is not None and cap < floor:
            reading.add(sheet, (*at, "cap"), "cap-below-floor", "the cap is below the floor", "上限低于下限")
        for name in ("rate", "share", "extra"):
            rate = _number(node.get(name)) if not isinstance(node.get(name), dict) else None
            # A deduction may add more than the whole (“加计扣除 120%”); a rate of a base may not.
            if rate is not None and (rate < 0 or (rate > 1 and name != "extra")):
                reading.add(
                    sheet,
                    (*at, name),
                    "rate-out-of-range",
                    f"{node[name]} is not between 0 % and 100 %",
                    f"{node[name]} 不在 0% 与 100% 之间",
                )
        if isinstance(node.get("steps"), list):
            _check_steps(reading, sheet, (*at, "steps"), node["steps"])


def _check_steps(reading: Reading, sheet: Sheet, path: Path, steps: list[Any]) -> None:
    last: Decimal | None = None
    for at, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        start, end = _number(step.get("from")), _number(step.get("to"))
        if start is not None and last is not None and start <= last and not (start == last and "to" in steps[at - 1]):
            reading.add(
                sheet, (*path, at, "from"), "bands-overlap", "bands must rise and not overlap", "分档必须递增且不重叠"
            )
        if start is not None and end is not None and end <= start:
            reading.add(
                sheet, (*path, at, "to"), "bands-overlap", "the band ends before it starts", "分档的终点不大于起点"
            )
        last = end if end is not None else start


def _number(raw: Any) -> Decimal | None:
    if raw is None or isinstance(raw, bool | dict | list):
        return None
    try:
        return Decimal(read_number(raw).value)
    except (ValueFault, ArithmeticError, TypeError, ValueError):
        return None


def _check_succession(reading: Reading) -> None:
    for key, sheet in reading.policies.items():
        seen, here = {key}, sheet.plain.get("superseded_by")
        while isinstance(here, str) and here in reading.policies:
            if here in seen:
                reading.add(
                    sheet,
                    ("superseded_by",),
                    "succession-cycle",
                    "policies supersede each other in a circle",
                    "政策相互替代形成循环",
                )
                break
            seen.add(here)
            here = reading.policies[here].plain.get("superseded_by")


def _check_stacking(reading: Reading) -> None:
    needs: dict[str, list[str]] = {}
    for offer_id, (sheet, path, offer) in reading.offers.items():
        for at, name, other in _named_offers(offer):
            where = (*path, *at)
            if not reading.need_key(
                sheet, where, other, set(reading.offers), Text("offer", "支持事项"), "unknown-offer"
            ):
                continue
            if other == offer_id:
                reading.add(sheet, where, "stacking-self", f"the offer {name} itself", "该事项指向自身")
            elif name == "needs":
                needs.setdefault(offer_id, []).append(other)
            elif not any(o == offer_id and n == "excludes" for _, n, o in _named_offers(reading.offers[other][2])):
                reading.add(
                    sheet,
                    where,
                    "exclusion-one-way",
                    f"“{other}” does not exclude this offer in turn",
                    f"“{other}”没有反向排除本事项",
                    f"excludes: [{offer_id}]",
                    # It holds both ways all the same; as a fault neither of two new policies could be published first.
                    info=True,
                )
    for offer_id, (sheet, path, _offer) in reading.offers.items():
        if reaches(needs, offer_id, offer_id):
            reading.add(
                sheet,
                (*path, "stacking"),
                "needs-cycle",
                "the offer needs itself by way of others",
                "该事项经由其他事项依赖自身",
            )


def _named_offers(offer: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for at, form in enumerate(offer.get("stacking") or []):
        for name in ("needs", "excludes"):
            if isinstance(form, dict) and isinstance(form.get(name), list):
                for place, other in enumerate(form[name]):
                    yield ("stacking", at, name, place), name, str(other)
