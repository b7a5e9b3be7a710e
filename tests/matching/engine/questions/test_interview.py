"""The guided interview: what is asked first, what is never asked, and when it is over."""

from dataclasses import replace
from datetime import date

from companies.facts import Vocabulary
from matching.engine.questions import interview, missing_facts, next_question, open_facts
from tests.matching.engine.questions.rulebooks import answered, rulebook
from tests.spec.vocabulary import VOCABULARY

DAY = date(2026, 11, 24)
SAID = {"en": "Experts agree", "zh": "专家同意"}
JUDGED, UNSEEN = {"judged": SAID}, {"not_modelled": SAID}
FIXED = {"fixed": 100}


def when(*texts):
    return {"all": [{"when": text} for text in texts]}


def asked(book, profile, declined=()):
    question = next_question(book, profile, DAY, declined)
    return None if question is None else question.fact.name


def test_the_fact_that_can_rule_out_most_offers_is_asked_first():
    book = rulebook((when("listed", "foreign"), FIXED), (when("staff >= 20", "foreign"), FIXED))

    assert asked(book, answered()) == "foreign"


def test_between_facts_that_settle_as_much_the_money_decides():
    book = rulebook((when("foreign"), {"fixed": 100}), (when("listed"), {"fixed": 200}))

    assert asked(book, answered()) == "listed"


def test_a_question_says_which_offers_hang_on_it_and_for_how_much():
    book = rulebook((when("foreign"), {"fixed": 100}), (when("foreign", "listed"), {"up_to": 200}))

    question = next_question(book, answered(), DAY)

    assert question.fact.name == "foreign"
    assert question.verdicts == ("p/o1", "p/o2")
    assert question.alone == ("p/o1",)
    assert question.stake == {"low": "100.00", "high": "300.00", "low_open": True, "high_open": False, "to_confirm": 0}
    assert question.left == 2


def test_a_question_as_plain_text_reads_like_a_missing_fact_of_a_report():
    book = rulebook((when("foreign"), FIXED))
    amount = {"status": "exact", "low": "100.00", "high": "100.00", "nature": "cash", "missing": []}
    (entry,) = missing_facts([{"id": "p/o1", "missing": ["foreign"], "amount": amount}], VOCABULARY)

    assert next_question(book, answered(), DAY).to_plain() == {**entry, "left": 1, "again": False}


def test_an_offer_that_is_ruled_out_asks_nothing_more():
    book = rulebook((when("foreign", "listed", "staff >= 20"), {"rate": "10%", "of": "spend"}))

    assert open_facts(book, answered(foreign=False), DAY) == frozenset()
    assert asked(book, answered(foreign=False)) is None


def test_an_amount_that_an_answer_makes_known_is_asked_for_after_the_verdict():
    book = rulebook((when("foreign"), {"rate": "10%", "of": "spend"}))

    assert asked(book, answered()) == "foreign"
    assert asked(book, answered(foreign=True)) == "spend"
    assert asked(book, answered(foreign=True, spend=5)) is None


def test_what_was_declined_is_not_asked_again():
    book = rulebook((when("foreign", "listed"), FIXED))
    first = asked(book, answered())
    second = asked(book, answered(), {first})

    assert {first, second} == {"foreign", "listed"}
    assert asked(book, answered(), {first, second}) is None


def test_a_fact_that_can_do_nothing_beside_a_declined_one_is_not_asked():
    two_of_three = {"at_least": 2, "of": [{"when": "foreign"}, {"when": "listed"}, {"when": "staff >= 20"}]}
    book = rulebook((two_of_three, FIXED))

    assert open_facts(book, answered(), DAY, {"foreign", "listed"}) == frozenset()


def test_a_criterion_beside_a_judged_alternative_is_not_asked_where_text_is_unseen():
    book = rulebook(({"all": [{"any": [{"when": "foreign"}, JUDGED]}, {"when": "listed"}, UNSEEN]}, FIXED))

    assert open_facts(book, answered(), DAY) == {"listed"}


def test_a_criterion_beside_a_judged_alternative_is_asked_where_it_makes_the_judgement_needless():
    book = rulebook(({"any": [{"when": "foreign"}, JUDGED]}, FIXED))

    assert open_facts(book, answered(), DAY) == {"foreign"}


def test_a_certificate_without_its_last_day_is_asked_for_again():
    book = rulebook((when('holds("hnte")'), FIXED))

    question = next_question(book, answered(certificates=[{"kind": "hnte"}]), DAY)

    assert (question.fact.name, question.again) == ("certificates", True)
    assert asked(book, answered(certificates=[{"kind": "hnte", "expires": "2026-11-24"}])) is None


def test_an_interview_with_a_company_that_cannot_tell_that_day_comes_to_an_end():
    book = rulebook((when('holds("hnte")'), FIXED))

    held = interview(book, answered(certificates=[{"kind": "hnte"}]), DAY)

    assert held.asked == ("certificates", "certificates")
    assert held.declined == {"certificates"}


def test_an_exclusion_is_asked_after_a_condition_that_more_companies_fail():
    book = rulebook((when("not listed", "foreign"), FIXED))

    assert asked(book, answered()) == "foreign"


def test_offers_of_an_edition_that_is_over_ask_nothing():
    book = rulebook((when("foreign"), FIXED), effective={"from": "2020-01-01", "to": "2024-12-31"})

    assert open_facts(book, answered(), DAY) == frozenset()
    assert open_facts(book, answered(), date(2024, 12, 31)) == {"foreign"}


def test_a_number_that_lies_on_the_same_side_of_every_line_by_its_bounds_is_not_asked():
    book = rulebook((when("staff >= 0", "listed"), FIXED))

    assert open_facts(book, answered(), DAY) == {"listed"}


def test_an_offer_that_cannot_be_evaluated_asks_nothing_and_stops_no_other():
    broken = replace(VOCABULARY.get("ratio"), name="broken", derived="spend / nothing")
    vocabulary = Vocabulary(VOCABULARY.sections, (*VOCABULARY.facts, broken))
    book = rulebook((when("broken >= 5%", "foreign"), FIXED), (when("listed"), FIXED), vocabulary=vocabulary)

    assert open_facts(book, answered(), DAY) == {"listed"}
    assert asked(book, answered()) == "listed"


def test_the_same_position_gives_the_same_question():
    book = rulebook((when("foreign", "listed"), FIXED), (when("staff >= 20", "revenue >= 100"), FIXED))

    assert next_question(book, answered(), DAY) == next_question(book, answered(), DAY)
