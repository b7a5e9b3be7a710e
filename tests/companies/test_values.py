"""How answers are read, written and shown."""

import string
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companies.facts import (
    UNKNOWN,
    Certificate,
    Kind,
    ValueFault,
    read_value,
    show_value,
    typed_value,
    write_value,
)
from tests.companies.vocabulary import small_vocabulary

VOCABULARY = small_vocabulary()


def fact(name):
    return VOCABULARY.get(name)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("revenue_y1", "2000万", Decimal("20000000.00")),
        ("revenue_y1", "3亿", Decimal("300000000.00")),
        ("revenue_y1", "1.2亿元", Decimal("120000000.00")),
        ("revenue_y1", "1亿2000万", Decimal("120000000.00")),
        ("revenue_y1", "１，２００，０００", Decimal("1200000.00")),
        ("revenue_y1", "1,200,000", Decimal("1200000.00")),
        ("revenue_y1", "20_000_000", Decimal("20000000.00")),
        ("revenue_y1", "¥ 5 million", Decimal("5000000.00")),
        ("revenue_y1", "CNY 1.5bn", Decimal("1500000000.00")),
        ("revenue_y1", "人民币500万元整", Decimal("5000000.00")),
        ("revenue_y1", 1e6, Decimal("1000000.00")),
        ("revenue_y1", 0.1, Decimal("0.10")),
        ("revenue_y1", "0", Decimal("0.00")),
        ("net_profit_y1", "－300万", Decimal("-3000000.00")),
        ("market_share", "5%", Decimal("0.05")),
        ("market_share", "５％", Decimal("0.05")),
        ("market_share", "0.05", Decimal("0.05")),
        ("market_share", "5‰", Decimal("0.005")),
        ("employees", "２５人", 25),
        ("employees", 12.0, 12),
        ("employees", "1.2万", 12000),
        ("listed", "是", True),
        ("listed", "无", False),
        ("listed", "Yes", True),
        ("listed", "有", True),
        ("founding_day", "2024-03-12", date(2024, 3, 12)),
        ("founding_day", "2024年3月12日", date(2024, 3, 12)),
        ("founding_day", "2024/3/12", date(2024, 3, 12)),
        ("founding_day", "12 March 2024", date(2024, 3, 12)),
        ("founding_day", "Mar 12, 2024", date(2024, 3, 12)),
        ("founding_day", "２０２４．０３．１２", date(2024, 3, 12)),
        ("legal_form", "公司", "enterprise"),
        ("legal_form", "UNIVERSITY", "university"),
        ("sectors", "医药健康、Advanced energy", frozenset({"health", "energy"})),
        ("sectors", [], frozenset()),
        ("sectors", "无", frozenset()),
        ("certificates", [], frozenset()),
        ("certificates", ["专精特新小巨人"], frozenset({Certificate("little_giant")})),
        ("listed", "不清楚", UNKNOWN),
        ("revenue_y1", "  ", UNKNOWN),
        ("sectors", None, UNKNOWN),
        ("employees", "\u200b25\ufeff", 25),
    ],
)
def test_what_people_type_is_read_exactly(name, typed, value):
    assert read_value(fact(name), typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("employees", "-3", "out_of_bounds"),
        ("employees", "2.5", "not_whole"),
        ("employees", True, "not_a_number"),
        ("employees", "10²", "not_a_number"),
        ("employees", "٣", "not_a_number"),
        ("employees", "😀", "not_a_number"),
        ("employees", "مرحبا", "not_a_number"),
        ("employees", "1\x00", "control_character"),
        ("employees", "\x1b[31m", "control_character"),
        ("employees", "\ud800", "control_character"),
        ("employees", "\u202e12", "turning_character"),
        ("employees", "5%", "share_not_asked"),
        pytest.param("employees", 10**5000, "out_of_bounds", id="many-digits"),
        pytest.param("listed", 10**5000, "not_yes_or_no", id="many-digits-for-yes"),
        pytest.param("employees", [10**5000], "not_a_number", id="many-digits-in-a-list"),
        ("employees", "5" * 501, "too_long"),
        ("revenue_y1", "1e30", "out_of_bounds"),
        ("revenue_y1", 1e30, "out_of_bounds"),
        ("revenue_y1", "1e9999", "out_of_bounds"),
        ("revenue_y1", "2万亿", "out_of_bounds"),
        ("revenue_y1", float("nan"), "not_a_number"),
        ("revenue_y1", float("inf"), "not_a_number"),
        ("revenue_y1", Decimal("NaN"), "not_a_number"),
        ("revenue_y1", "NaN", "not_a_number"),
        ("revenue_y1", "Infinity", "not_a_number"),
        ("revenue_y1", "1,5", "not_a_number"),
        ("revenue_y1", "1.005", "too_exact"),
        ("revenue_y1", "5000美元", "currency"),
        ("revenue_y1", "约500万", "not_a_number"),
        ("revenue_y1", {}, "not_a_number"),
        ("market_share", "5", "out_of_bounds"),
        ("market_share", "0.1234567", "too_exact"),
        ("score", "123456789012345678901", "out_of_bounds"),
        ("score", "1.234567890123456789", "too_exact"),
        ("founding_day", "1800-01-01", "day_out_of_bounds"),
        ("founding_day", "2201-01-01", "day_out_of_bounds"),
        ("founding_day", "2024-02-30", "no_such_day"),
        ("founding_day", "3/12/2024", "not_a_day"),
        ("founding_day", "2024-03", "not_a_day"),
        ("founding_day", 20240312, "not_a_day"),
        ("listed", "maybe", "not_yes_or_no"),
        ("listed", 2, "not_yes_or_no"),
        ("legal_form", "enterprize", "unknown_choice"),
        ("legal_form", ["enterprise"], "not_a_choice"),
        ("sectors", ["health", "helth"], "unknown_choice"),
        ("sectors", {"health": 1}, "not_a_list"),
        ("certificates", ["hnte", "hnte"], "duplicate_certificate"),
        ("certificates", [{"kind": "hnte", "issued": "2024-01-01", "expires": "2023-01-01"}], "days_contradict"),
        ("certificates", [{"kind": "hnte", "issued": "1800-01-01"}], "day_out_of_bounds"),
        ("certificates", [{"issued": "2024-01-01"}], "no_kind"),
        ("certificates", [{"kind": "hnte", "colour": "red"}], "unknown_part"),
        ("certificates", [{"kind": "hnte", "number": "\x00"}], "control_character"),
        ("certificates", [5], "not_a_certificate"),
    ],
)
def test_what_cannot_be_read_says_why_in_both_languages(name, typed, code):
    with pytest.raises(ValueFault) as caught:
        read_value(fact(name), typed)

    assert caught.value.code == code
    assert caught.value.message.en.strip().endswith((".", "?"))
    assert caught.value.message.zh.strip().endswith(("。", "？"))
    assert not any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in caught.value.message.en)


def test_a_slip_in_a_choice_gets_a_suggestion():
    with pytest.raises(ValueFault, match="Did you mean “Enterprise”"):
        read_value(fact("legal_form"), "enterprize")


def test_a_renewed_certificate_is_not_a_duplicate():
    rows = [{"kind": "hnte", "issued": "2020-12-01"}, {"kind": "hnte", "issued": "2023-12-01"}]

    assert len(read_value(fact("certificates"), rows)) == 2


def test_unknown_is_no_truth_value():
    with pytest.raises(TypeError, match="neither"):
        bool(UNKNOWN)


@pytest.mark.parametrize(
    ("name", "value", "en", "zh"),
    [
        ("revenue_y1", Decimal("1200000.00"), "CNY 1.2 million", "120万元"),
        ("revenue_y1", Decimal("109075000.00"), "CNY 109,075,000", "10,907.5万元"),
        ("revenue_y1", Decimal("1234567.89"), "CNY 1,234,567.89", "1,234,567.89元"),
        ("revenue_y1", Decimal("0.00"), "CNY 0", "0元"),
        ("market_share", Decimal("0.05"), "5 %", "5%"),
        ("employees", 1250, "1,250 people", "1,250人"),
        ("employees", 1, "1 person", "1人"),
        ("founding_day", date(2024, 3, 12), "12 March 2024", "2024年3月12日"),
        ("listed", False, "no", "否"),
        ("sectors", frozenset(), "none", "无"),
        ("sectors", frozenset({"energy", "health"}), "Health; Advanced energy", "医药健康；先进能源"),
    ],
)
def test_values_are_shown_as_people_write_them(name, value, en, zh):
    shown = show_value(fact(name), value)

    assert (shown.en, shown.zh) == (en, zh)


def _fen(low, high):
    return st.integers(low, high).map(lambda fen: Decimal(fen) / 100)


_DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
_NUMBERS = st.none() | st.text(string.ascii_letters + string.digits + "京号", min_size=1, max_size=20)
_CERTIFICATES = st.builds(Certificate, st.sampled_from(["hnte", "little_giant"]), _DAYS, st.none(), _NUMBERS)
VALUES = {
    Kind.YES_NO: ("listed", st.booleans()),
    Kind.WHOLE: ("employees", st.integers(0, 10**17)),
    Kind.MONEY: ("net_profit_y1", _fen(-(10**14), 10**14)),
    Kind.RATIO: ("market_share", st.integers(0, 10**6).map(lambda part: Decimal(part) / 10**6)),
    Kind.NUMBER: ("score", st.integers(0, 10**8).map(lambda part: Decimal(part) / 10**6)),
    Kind.DAY: ("founding_day", _DAYS),
    Kind.ONE: ("legal_form", st.sampled_from(["enterprise", "university"])),
    Kind.MANY: ("sectors", st.frozensets(st.sampled_from(["health", "energy"]))),
    Kind.CERTIFICATES: (
        "certificates",
        st.lists(_CERTIFICATES, max_size=4, unique_by=lambda one: (one.kind, one.issued)).map(frozenset),
    ),
}


def test_every_kind_has_its_generated_values():
    assert set(VALUES) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
@given(drawn=st.data())
def test_reading_what_was_written_gives_the_same_value(kind, drawn):
    name, values = VALUES[kind]
    value = drawn.draw(values)

    written = write_value(fact(name), value)

    assert read_value(fact(name), written) == value
    assert write_value(fact(name), read_value(fact(name), written)) == written


@pytest.mark.parametrize("kind", [Kind.WHOLE, Kind.MONEY, Kind.RATIO, Kind.NUMBER, Kind.DAY, Kind.ONE])
@given(drawn=st.data())
def test_reading_what_stands_in_the_input_gives_the_same_value(kind, drawn):
    name, values = VALUES[kind]
    value = drawn.draw(values)

    assert read_value(fact(name), typed_value(fact(name), value)) == value


@given(drawn=st.data())
def test_any_text_is_read_or_refused_with_a_message(drawn):
    one = drawn.draw(st.sampled_from(VOCABULARY.asked))
    typed = drawn.draw(st.text(max_size=30) | st.floats() | st.integers() | st.lists(st.text(max_size=5), max_size=3))

    try:
        value = read_value(one, typed)
    except ValueFault as fault:
        value, said = None, fault.message
    else:
        said = show_value(one, value)

    assert said.en
    assert said.zh
    assert read_value(one, write_value(one, value)) == value if value is not None else True
