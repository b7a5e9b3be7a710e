"""What an offer gives, as data: one frozen form per way in which documents give money."""

from dataclasses import dataclass, field
from fractions import Fraction

from companies.facts import Text
from policies.rules.expressions import Expression, FactNamed


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be added to any benefit: years it is paid, instalments, an assumption, a note, its clause."""

    years: int | None = None
    instalments: tuple[tuple[Fraction, Text], ...] = ()
    assumption: Text | None = None
    note: Text | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Lowest and highest payment, and per what the highest counts."""

    floor: Fraction | None = None
    cap: Fraction | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of a table: an amount, or a rate of a base."""

    amount: Fraction | None = None
    rate: Fraction | None = None
    of: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """Any form."""

    terms: Terms = field(default_factory=Terms)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Benefit):
    """One amount."""

    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Benefit):
    """A share of a base."""

    rate: Fraction
    of: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Banded(Benefit):
    """A table of lines, each from its number (inclusive); nothing below the first."""

    of: Expression
    steps: tuple[tuple[Fraction, Grant], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLevel(Benefit):
    """A table by the choice of a one-of fact; nothing for a choice that is not in it."""

    fact: str
    levels: tuple[tuple[str, Grant], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(Benefit):
    """An amount for each unit."""

    amount: Fraction
    of: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching(Benefit):
    """A share of another award."""

    of: Expression
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Benefit):
    """What a table gives, less what was already given."""

    of: Expression
    steps: tuple[tuple[Fraction, Grant], ...]
    less: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class UpTo(Benefit):
    """An amount set by evaluation, of which only the highest is published."""

    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate(Benefit):
    """A lower rate of tax on a base."""

    usual: Fraction
    reduced: Fraction
    of: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDeduction(Benefit):
    """An extra share of a spend taken off the taxable income, worth the tax rate of it."""

    extra: Fraction
    of: Expression
    at: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCredit(Benefit):
    """A share of a base taken off the tax itself."""

    rate: Fraction
    of: Expression


@dataclass(frozen=True, slots=True)
class TaxedPart:
    """The part of a base from `start` to `end` (None: open) and the share of it that is taxed."""

    start: Fraction
    end: Fraction | None
    taxed: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxBands(Benefit):
    """Parts of an income of which only a share is taxed; `usual` says the same without the benefit (all of it is taxed)."""

    of: Expression
    at: Fraction
    steps: tuple[TaxedPart, ...]
    usual: tuple[TaxedPart, ...] = (TaxedPart(Fraction(0), None, Fraction(1)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseOne(Benefit):
    """The company chooses one of several."""

    of: tuple[Benefit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InKind(Benefit):
    """Something other than money."""

    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ToConfirm(Benefit):
    """Money whose amount the document does not say."""

    text: Text


TAX_FORMS = (TaxRate, TaxDeduction, TaxCredit, TaxBands)


def expressions_of(benefit: Benefit) -> list[Expression]:
    """Every expression of a benefit, the fact of a table by level among them."""
    if isinstance(benefit, ChooseOne):
        return [used for one in benefit.of for used in expressions_of(one)]
    used = [getattr(benefit, name, None) for name in ("of", "less")]
    if isinstance(benefit, ByLevel):
        used += [FactNamed(benefit.fact), *(grant.of for _, grant in benefit.levels)]
    if isinstance(benefit, Banded | Difference):
        used += [grant.of for _, grant in benefit.steps]
    return [one for one in used if isinstance(one, Expression)]
