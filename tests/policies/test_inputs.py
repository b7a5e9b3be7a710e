"""Parts of a draft as inputs: what nobody touched comes back as it stood, what is typed goes in as it was typed."""

from __future__ import annotations

import json

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.facts import Kind, read_vocabulary
from policies.catalogue_files import CATALOGUE_DIR, read_catalogue_folder
from policies.desk.inputs import moved, sent_part, show_part, tidied
from policies.desk.places import HEAD, OFFER
from policies.desk.writing.benefit import benefit_inputs
from policies.desk.writing.document import document_inputs, offer_inputs
from policies.desk.writing.terms import stacking_inputs, window_inputs
from policies.parts import part_at
from policies.rules.benefit_files import read_benefit
from policies.rules.reading import Reading
from tests.policies.browser_form import fields_of

FOLDER = read_catalogue_folder(CATALOGUE_DIR).to_snapshot()
LISTS, POLICIES = FOLDER["lists"], FOLDER["policies"]
VOCABULARY, _FAULTS = read_vocabulary(FOLDER["vocabulary"], LISTS)
BENEFIT, STACKING, WINDOW = benefit_inputs(VOCABULARY), stacking_inputs(), window_inputs()


def drawn(inputs, part):
    return fields_of("".join(render_to_string(one.template, {"shown": one}) for one in show_part(inputs, part, ())))


def untouched(inputs, part):
    return tidied(inputs, sent_part(inputs, json.loads(json.dumps(part)), drawn(inputs, part)))


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one["policy"])
def test_every_part_of_the_catalogue_opened_and_saved_is_the_same_part(policy):
    assert untouched(document_inputs(LISTS), part_at(policy, (HEAD,))) == part_at(policy, (HEAD,))
    for offer in policy["offers"]:
        at = ("offers", offer["offer"])
        for inputs, path in (
            (offer_inputs(LISTS), (OFFER,)), (BENEFIT, ("benefit",)), (STACKING, ("stacking",)), (WINDOW, ("window",)),
        ):  # fmt: skip
            part = part_at(policy, (*at, *path))
            assert untouched(inputs, part) == part, (offer["offer"], path)


odd = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "50万", "<b>", "a\nb"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["en", "zh", "x", "of", "steps"]), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    part=st.dictionaries(
        st.sampled_from(["fixed", "rate", "of", "cap", "band", "by", "note", "years", "instalments", "strange"]),
        odd,
        max_size=4,
    )
)
@pytest.mark.slow
def test_whatever_odd_thing_a_file_held_is_not_lost_by_opening_and_saving(part):
    found = sent_part(BENEFIT, part, drawn(BENEFIT, part))

    assert found == part


def sent(inputs, part, **typed):
    fields = drawn(inputs, part)
    for name, value in typed.items():
        fields[name.replace("_", "-")] = value
    return sent_part(inputs, part, fields)


def test_what_is_typed_goes_in_as_it_was_typed_also_when_it_is_wrong():
    part = {"fixed": 500000}

    assert sent(BENEFIT, part, p_fixed="60万") == {"fixed": "60万"}
    assert sent(BENEFIT, part, p_fixed="700000") == {"fixed": 700000}
    assert sent(BENEFIT, part, p_fixed="=cmd()") == {"fixed": "=cmd()"}


def test_another_form_keeps_what_fits_it():
    part = {"rate": "30%", "of": "rd_expense_y1", "cap": 500000, "note": {"en": "a", "zh": "甲"}}

    made = sent(BENEFIT, part, p_form="per_unit")

    assert made == {"per_unit": "30%", "of": "rd_expense_y1", "cap": 500000, "note": {"en": "a", "zh": "甲"}}


def test_another_form_keeps_nothing_that_it_has_no_inputs_for():
    steps = [{"from": 0, "amount": 10}]
    part = {"band": {"of": "revenue_y1", "steps": steps}, "cap": 500000}

    assert sent(BENEFIT, part, p_form="by") == {"by": {}, "cap": 500000}
    assert sent(BENEFIT, part, p_form="difference") == {"difference": part["band"], "cap": 500000}
    assert sent(BENEFIT, part, p_form="tax_bands") == {
        "tax_bands": {"of": "revenue_y1", "steps": [{"from": 0}]},
        "cap": 500000,
    }
    assert sent(BENEFIT, part, p_form="in_kind") == {"in_kind": {}}


def test_a_step_is_added_filled_in_moved_and_dropped():
    part = {"band": {"of": "revenue_y1", "steps": [{"from": 0, "amount": 10}]}}
    part = moved(part, "add:band/steps")
    fields = drawn(BENEFIT, part)
    fields["p-band-steps-1-from"], fields["p-band-steps-1-amount"] = "1亿", "20"
    part = sent_part(BENEFIT, part, fields)

    assert part["band"]["steps"] == [{"from": 0, "amount": 10}, {"from": "1亿", "amount": 20}]
    assert [one["from"] for one in moved(part, "up:band/steps/1")["band"]["steps"]] == ["1亿", 0]
    assert moved(part, "drop:band/steps/0")["band"]["steps"] == [{"from": "1亿", "amount": 20}]


def test_a_level_is_picked_from_the_choices_of_the_fact_and_a_stranger_is_not_lost():
    fact = next(fact for fact in VOCABULARY if fact.kind is Kind.ONE)
    part = {"by": {"fact": fact.name, "levels": {fact.choices[0].key: {"amount": 5}, "gone": {"amount": 7}}}}
    page = "".join(render_to_string(one.template, {"shown": one}) for one in show_part(BENEFIT, part, ()))

    assert page.count(f'value="{fact.choices[-1].key}"') == 2
    assert page.count('value="gone"') == 2  # what it was on the page before, and the choice
    assert drawn(BENEFIT, part)["p-by-levels-1-key"] == "gone"
    assert untouched(BENEFIT, part) == part


def test_a_level_that_was_only_added_asks_what_it_is_for():
    fact = next(fact for fact in VOCABULARY if fact.kind is Kind.ONE)
    reading = Reading(VOCABULARY)

    read_benefit({"by": {"fact": fact.name, "levels": {"": {}}}}, (), reading)

    assert [(fault.path, fault.message.en) for fault in reading.faults] == [
        (("by", "levels", ""), "choose what this level is for")
    ]


def test_while_no_fact_is_chosen_the_level_is_typed():
    part = {"by": {"levels": {"seed": {"amount": 5}}}}
    page = "".join(render_to_string(one.template, {"shown": one}) for one in show_part(BENEFIT, part, ()))

    assert '<input class="form-control" id="p-by-levels-0-key"' in page


@pytest.mark.parametrize("form", ["tax_rate", "tax_deduction", "tax_credit", "tax_bands", "rate", "by", "band"])
def test_every_form_that_may_have_a_floor_and_a_ceiling_has_inputs_for_them(form):
    fields = drawn(BENEFIT, {form: {}, "floor": 1000, "cap": "50万", "cap_scope": "year"})

    assert [fields[f"p-{name}"] for name in ("floor", "cap", "cap_scope")] == ["1000", "50万", "year"]


def test_levels_have_keys_and_one_said_twice_is_not_lost():
    part = moved({"by": {"fact": "stage", "levels": {"seed": {"amount": 5}}}}, "level:by/levels")
    fields = drawn(BENEFIT, part)
    fields["p-by-levels-1-key"], fields["p-by-levels-1-amount"] = "seed", "7"

    assert sent_part(BENEFIT, part, fields)["by"]["levels"] == {"seed": {"amount": 5}, "seed?": {"amount": 7}}


def test_the_first_level_and_the_first_row_are_added_where_there_is_nothing_yet():
    assert moved({"by": {"fact": "stage"}}, "level:by/levels") == {"by": {"fact": "stage", "levels": {"": {}}}}
    assert moved({"band": {"of": "spend"}}, "add:band/steps") == {"band": {"of": "spend", "steps": [{}]}}


def test_empty_rows_are_room_to_write_and_are_not_saved():
    assert tidied(STACKING, [{}, {"deal_excludes": True}, {}]) == [{"deal_excludes": True}]


def test_what_is_emptied_is_gone_or_null_where_its_name_belongs():
    window = {"kind": "yearly", "opens": "03-01", "closes": "04-30"}
    head = {"number": "昌科发〔2026〕7号", "checked": None}

    assert sent(WINDOW, window, p_opens="") == {"kind": "yearly", "closes": "04-30"}
    assert sent(document_inputs(LISTS), head, p_number="") == {"number": None, "checked": None}


@pytest.mark.parametrize("button", ["drop:9", "up:0/x", "add:band/steps/7", "", "drop:", "<b>", "down:steps/1/2/3"])
def test_a_button_for_a_row_that_is_not_there_changes_nothing(button):
    part = {"band": {"steps": [{"from": 0}]}}

    assert moved(part, button) == part


def test_there_is_an_end_to_adding_rows():
    rows = []
    for _ in range(60):
        rows = moved(rows, "add:")

    assert len(rows) == 40
