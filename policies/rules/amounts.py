"""What a benefit comes to: one amount, an honest range, or "to be confirmed". Unknown is never 0."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from companies.facts import Text
from policies.rules import benefits as b
from policies.rules.benefit_words import say_benefit
from policies.rules.evaluation import evaluate_number
from policies.rules.expressions import Expression, FactNamed
from policies.rules.intervals import Interval, less
from policies.rules.missing import is_settled, missing_facts
from policies.rules.situation import Keys, Situation
from policies.rules.truth import Truth

_NOTHING = Interval.point(0)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One of the parts in which an amount is paid: when, and how much of it, as far as the amount is known."""

    when: Text
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Amount:
    """What an offer may come to, in CNY; an end that is None is not known or not published."""

    status: str
    """exact, range, up_to, at_least, to_confirm or in_kind."""
    low: Decimal | None
    high: Decimal | None
    nature: str
    """cash, tax_saving or in_kind."""
    said: Text
    missing: tuple[str, ...] = ()
    per: str | None = None
    instalments: tuple[Instalment, ...] = ()

    def contains(self, amount: Decimal) -> bool:
        """Whether the amount lies in the range; an end that is not known bounds nothing."""
        return (self.low is None or self.low <= amount) and (self.high is None or amount <= self.high)


def amount_of(benefit: b.Benefit, situation: Situation, kind: str = "") -> Amount:
    """The amount in this situation; `kind` is the offer's kind of benefit, for amounts that are not published."""
    # A default bound (a trillion CNY) is a guard against slips, not a promise, so it never becomes a high end.
    situation = situation.with_open_ends()
    amount = _amount(benefit, situation, kind)
    per = "year" if benefit.terms.years else benefit.limits.scope
    return replace(
        amount,
        said=say_benefit(benefit, situation.vocabulary),
        per=None if per == "enterprise" else per,
        instalments=_paid_in_parts(amount, benefit.terms),
    )


def _paid_in_parts(amount: Amount, terms: b.Terms) -> tuple[Instalment, ...]:
    """The instalments in money; none of nothing, or of an amount that is not known at all."""
    if not terms.instalments or not (amount.low or amount.high):
        return ()
    ends = [
        [None] * len(terms.instalments) if end is None else instalments_of(int(end.scaleb(2)), terms)
        for end in (amount.low, amount.high)
    ]
    return tuple(
        Instalment(when, *(None if fen is None else Decimal(fen).scaleb(-2) for fen in paid))
        for (_share, when), *paid in zip(terms.instalments, *ends, strict=True)
    )


def _amount(benefit: b.Benefit, situation: Situation, kind: str) -> Amount:
    silent = Text("", "")
    nature = "tax_saving" if isinstance(benefit, b.TAX_FORMS) or kind == "tax" else "cash"
    match benefit:
        case b.InKind():
            return Amount("in_kind", None, None, "in_kind", silent)
        case b.ToConfirm():
            return Amount("to_confirm", None, None, "in_kind" if kind in ("service", "fast_track") else nature, silent)
        case b.UpTo():
            return Amount("up_to", None, _money(benefit.amount), nature, silent)
        case b.ChooseOne():
            return _best([_amount(one, situation, kind) for one in benefit.of])
    payment = _limited(_payment(benefit, situation), benefit.limits)
    missing = () if payment.settled else _missing(benefit, situation)
    return _stated(payment, nature, missing)


def _stated(payment: Interval, nature: str, missing: tuple[str, ...]) -> Amount:
    silent = Text("", "")
    if payment.defined is not Truth.YES:
        return Amount("to_confirm", None, None, nature, silent, missing)
    low = None if payment.low is None else _money(payment.low)
    high = None if payment.high is None else _money(payment.high)
    if payment.exact is not None or (low is not None and low == high):
        return Amount("exact", low, high, nature, silent, missing)
    if not low:
        low = None  # nothing is known to be paid yet, which is not the same as an amount of 0
    status = {(False, False): "to_confirm", (False, True): "up_to", (True, False): "at_least", (True, True): "range"}
    return Amount(status[low is not None, high is not None], low, high, nature, silent, missing)


def _best(amounts: list[Amount]) -> Amount:
    """The best of several, of which the company chooses one."""
    missing = tuple(dict.fromkeys(name for amount in amounts for name in amount.missing))
    priced = [amount for amount in amounts if amount.low is not None or amount.high is not None]
    if not priced:
        return replace(amounts[0], missing=missing)
    lows = [amount.low for amount in priced if amount.low is not None]
    highs = [amount.high for amount in amounts if amount.status != "in_kind"]
    low = max(lows, default=None)
    high = None if None in highs else max(high for high in highs if high is not None)
    if low is not None and low == high:
        return replace(priced[0], status="exact", low=low, high=high, missing=missing)
    status = {(False, False): "to_confirm", (False, True): "up_to", (True, False): "at_least", (True, True): "range"}
    return replace(priced[0], status=status[low is not None, high is not None], low=low, high=high, missing=missing)


def _money(value: Fraction) -> Decimal:
    """Whole fen, half a fen up. Rounding never changes an order, so a rounded range still holds every rounded amount."""
    scaled = value * 100
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (
        Decimal(whole).scaleb(-2).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if abs(whole) < 10**26
        else Decimal(whole) / 100
    )


def instalments_of(fen: int, terms: b.Terms) -> tuple[int, ...]:
    """The instalments in which an amount is paid, all in whole fen; parts of a fen go to the last."""
    shares = [share for share, _when in terms.instalments]
    paid = [int(fen * share // 1) for share in shares[:-1]]
    return (*paid, fen - sum(paid))


def _payment(benefit: b.Benefit, situation: Situation) -> Interval:
    match benefit:
        case b.Fixed():
            return Interval.point(benefit.amount)
        case b.Rate() | b.Matching() | b.TaxCredit():
            return _times(benefit.rate, benefit.of, situation)
        case b.PerUnit():
            return _times(benefit.amount, benefit.of, situation)
        case b.TaxRate():
            return _times(benefit.usual - benefit.reduced, benefit.of, situation)
        case b.TaxDeduction():
            return _times(benefit.extra * benefit.at, benefit.of, situation)
        case b.Banded():
            return _stepped(benefit.of, benefit.steps, situation)
        case b.Difference():
            return _stepped(benefit.of, benefit.steps, situation) - evaluate_number(benefit.less, situation)
        case b.ByLevel():
            return _by_level(benefit, situation)
        case b.TaxBands():
            return _tax_bands(benefit, situation)
    raise TypeError(f"not a payment: {benefit!r}")


def _times(factor: Fraction, of: Expression, situation: Situation) -> Interval:
    base = evaluate_number(of, situation)
    return base if base.defined is Truth.NO else Interval.point(factor) * base


def _limited(payment: Interval, limits: b.Limits) -> Interval:
    if payment.defined is Truth.NO:
        return payment
    payment = payment.at_least(limits.floor or Fraction(0))
    return payment if limits.cap is None else payment.at_most(limits.cap)


def _stepped(of: Expression, steps: tuple[tuple[Fraction, b.Grant], ...], situation: Situation) -> Interval:
    base = evaluate_number(of, situation)
    if base.defined is Truth.NO:
        return base
    reachable = []
    if base.low is None or base.low < steps[0][0]:
        reachable.append(_NOTHING)
    for at, (start, grant) in enumerate(steps):
        end = steps[at + 1][0] if at + 1 < len(steps) else None
        if less(base, Interval.point(start)) is Truth.YES or (
            end is not None and base.low is not None and base.low >= end
        ):
            continue
        reachable.append(_granted(grant, of, _within(base, start, end), situation))
    result = reachable[0]
    for other in reachable[1:]:
        result = result.hull(other)
    return replace(result, defined=result.defined & base.defined)


def _within(base: Interval, start: Fraction, end: Fraction | None) -> Interval:
    """The part of the range between two ends (the upper one included, which only widens it)."""
    low = start if base.low is None else max(base.low, start)
    high = base.high if end is None else end if base.high is None else min(base.high, end)
    return Interval(low, high if high is None else max(low, high), base.defined)


def _granted(grant: b.Grant, of: Expression | None, part: Interval, situation: Situation) -> Interval:
    if grant.amount is not None:
        return Interval.point(grant.amount)
    base = part if grant.of is None or grant.of == of else evaluate_number(grant.of, situation)
    return base if base.defined is Truth.NO else Interval.point(grant.rate or 0) * base


def _by_level(benefit: b.ByLevel, situation: Situation) -> Interval:
    possible = situation.possible(benefit.fact)
    assert isinstance(possible, Keys), benefit.fact
    levels = dict(benefit.levels)
    result: Interval | None = None
    for key in sorted(possible.possible):
        grant = levels.get(key)
        paid = _NOTHING if grant is None else _granted(grant, None, _NOTHING, situation)
        result = paid if result is None else result.hull(paid)
    return _NOTHING if result is None else result


def _tax_bands(benefit: b.TaxBands, situation: Situation) -> Interval:
    base = evaluate_number(benefit.of, situation)
    if base.defined is Truth.NO:
        return base
    total = _NOTHING
    for start, end in segments((*benefit.steps, *benefit.usual)):
        part = base.at_least(start)
        part = part if end is None else part.at_most(end)
        saved = benefit.at * (taxed_share(benefit.usual, start) - taxed_share(benefit.steps, start))
        total = total + Interval.point(saved) * (part - Interval.point(start))
    return total


def segments(parts: tuple[b.TaxedPart, ...]) -> list[tuple[Fraction, Fraction | None]]:
    """The stretches between any two neighbouring ends of the parts, the last one open."""
    ends = sorted({part.start for part in parts} | {part.end for part in parts if part.end is not None})
    return list(zip(ends, [*ends[1:], None], strict=True))


def taxed_share(parts: tuple[b.TaxedPart, ...], at: Fraction) -> Fraction:
    """The share taxed just above this income; all of it where no part says otherwise."""
    here = (part.taxed for part in parts if part.start <= at and (part.end is None or at < part.end))
    return next(here, Fraction(1))


def _missing(benefit: b.Benefit, situation: Situation) -> tuple[str, ...]:
    """The asked facts that can still change the payment, in the order in which the benefit uses them."""
    bases: list[Expression] = []
    match benefit:
        case b.ByLevel():
            levels = dict(benefit.levels)
            possible = situation.possible(benefit.fact)
            keys = possible.possible if isinstance(possible, Keys) else frozenset()
            if not is_settled(possible):
                bases.append(FactNamed(benefit.fact))
            bases += [grant.of for key, grant in levels.items() if key in keys and grant.of is not None]
        case b.Banded() | b.Difference():
            bases += [benefit.of, *(grant.of for _, grant in benefit.steps if grant.of is not None)]
            bases += [benefit.less] if isinstance(benefit, b.Difference) else []
        case _:
            of = getattr(benefit, "of", None)
            bases += [of] if isinstance(of, Expression) else []
    return tuple(dict.fromkeys(name for base in bases for name in missing_facts(base, situation)))
