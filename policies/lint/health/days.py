"""What time does to a catalogue: windows that close, editions that end, texts that nobody has read again."""

from __future__ import annotations

from datetime import date, timedelta

from policies.lint.health.catalogue import Catalogue, OfferPlace
from policies.lint.reading import Path, entries
from policies.rules.expressions import Holds, walk
from policies.rules.months import years_later
from policies.rules.windows import first_day, last_day, window_on

WINDOW_DAYS = 30
EDITION_DAYS = 90
READ_AGAIN_YEARS = 1


def check_days(catalogue: Catalogue) -> None:
    """Windows, editions, references to what is over, and sources not read for a year."""
    for place in catalogue.in_force.values():
        _check_window(catalogue, place)
        _check_references(catalogue, place)
    _check_editions(catalogue)
    _check_sources(catalogue)
    _check_certificates(catalogue)


def _check_window(catalogue: Catalogue, place: OfferPlace) -> None:
    state = window_on(place.offer.window, catalogue.day)
    path = (*place.path, "window")
    if state.state == "open" and state.closes is not None:
        if state.closes <= catalogue.day + timedelta(days=WINDOW_DAYS):
            en, zh = f"the window closes on {state.closes}", f"申报将于 {state.closes} 截止"
            catalogue.add(place.sheet, path, "window-closing", en, zh, severity="soon", due=state.closes)
    elif state.state == "closed" and state.closes is not None:
        en = f"the window closed on {state.closes} and no new one is announced"
        zh = f"申报已于 {state.closes} 截止，尚无新的申报期"
        catalogue.add(place.sheet, path, "window-past", en, zh, severity="soon", due=state.closes)


def _check_references(catalogue: Catalogue, place: OfferPlace) -> None:
    """What an offer names of other offers has to be there still."""
    for at, rule in enumerate(place.offer.stacking):
        if rule.form not in ("needs", "excludes"):
            continue
        for nth, other in enumerate(rule.names):
            if other in catalogue.offers and other not in catalogue.in_force:
                # An exclusion of something that is over does no harm; needing it makes the offer unreachable.
                severity = "fault" if rule.form == "needs" else "info"
                en = f"{rule.form} “{other}”, whose policy has ended"
                zh = f"{'以' if rule.form == 'needs' else '与'}“{other}”{'为前提' if rule.form == 'needs' else '互斥'}，但该政策已失效"
                path = (*place.path, "stacking", at, rule.form, nth)
                catalogue.add(place.sheet, path, "refers-to-ended", en, zh, severity=severity)


def _check_editions(catalogue: Catalogue) -> None:
    for policy, sheet in catalogue.policies.values():
        edition, standing = policy.edition, catalogue.standing(policy)
        ends = None if edition.effective_to is None else last_day(edition.effective_to)
        path: Path = ("effective", "to")
        if standing == "ended":
            if edition.status in ("in_force", "in_force_presumed"):
                over = _over_since(ends, edition.superseded_on)
                en = f"it ended on {over}, but its status says that it is in force"
                zh = f"已于 {over} 失效，但状态仍写为有效"
                where = path if ends is not None else ("superseded_on",)
                catalogue.add(sheet, where, "edition-ended", en, zh, severity="fault", due=over)
            continue
        if ends is not None and ends <= catalogue.day + timedelta(days=EDITION_DAYS):
            en, zh = f"it ends on {ends}", f"将于 {ends} 失效"
            catalogue.add(sheet, path, "edition-ending", en, zh, severity="soon", due=ends)
        successor = catalogue.policies.get(policy.superseded_by or "")
        if successor is not None and catalogue.standing(successor[0]) in ("in_force", "presumed"):
            en = f"“{successor[0].key}” takes its place and is in force, but this one is not over"
            zh = f"“{successor[0].key}”已替代本政策并生效，但本政策未标为失效"
            catalogue.add(sheet, ("superseded_by",), "superseded-in-force", en, zh)


def _over_since(ends: date | None, superseded_on: str | None) -> date | None:
    return ends if ends is not None or superseded_on is None else first_day(superseded_on)


def _check_sources(catalogue: Catalogue) -> None:
    for policy, sheet in catalogue.running():
        if not policy.sources:
            en = "no source is known: it cannot be published again before somebody finds one"
            zh = "尚无来源：补上来源之前无法再次发布"
            catalogue.add(sheet, ("sources",), "source-unknown", en, zh)
        try:
            read = None if policy.checked is None else last_day(policy.checked)
        except ValueError:
            read = None
        if read is None:
            en, zh = "no day says when somebody last read the source", "未记录最近一次核对来源的日期"
            catalogue.add(sheet, ("checked",), "source-unread", en, zh)
        elif (due := years_later(read, READ_AGAIN_YEARS)) <= catalogue.day:
            en = f"the source was last read in {policy.checked}, more than a year ago"
            zh = f"来源最近一次核对为 {policy.checked}，已超过一年"
            catalogue.add(sheet, ("checked",), "source-unread", en, zh, severity="soon", due=due)


def _check_certificates(catalogue: Catalogue) -> None:
    """Titles: who grants them has to be in force, and what nobody grants any more cannot be asked for."""
    sheet = catalogue.reading.sheets.get("reference/certificates.yaml")
    if sheet is None:
        return
    gone: set[str] = set()
    for path, entry in entries({"certificates": sheet.plain}, "certificates"):
        granted_by = entry.get("granted_by")
        over = [one for one in granted_by if one in catalogue.offers and one not in catalogue.in_force] if isinstance(
            granted_by, list
        ) else []  # fmt: skip
        for one in over:
            en, zh = f"granted by “{one}”, whose policy has ended", f"由“{one}”授予，但该政策已失效"
            catalogue.add(sheet, path[1:], "refers-to-ended", f"{entry.get('key')}: {en}", f"{entry.get('key')}：{zh}")
        last, validity = entry.get("granted_until"), entry.get("validity_years")
        is_known = isinstance(last, str) and last != "past" and isinstance(validity, int)
        # The last titles granted run out so long after; until then the criterion can still be met.
        if is_known and years_later(date.fromisoformat(last), validity) < catalogue.day:
            gone.add(str(entry.get("key")))
    for place in catalogue.in_force.values():
        _check_held(catalogue, place, gone)


def _check_held(catalogue: Catalogue, place: OfferPlace, gone: set[str]) -> None:
    for expression in place.offer.expressions:
        for node in walk(expression):
            if isinstance(node, Holds) and set(node.kinds) <= gone:
                names = ", ".join(node.kinds)
                en = f"asks for a certificate that nobody can hold any more: {names}"
                zh = f"要求的资质已无人可能持有：{names}"
                catalogue.add(place.sheet, (*place.path, "requires"), "certificate-run-out", en, zh, severity="fault")
