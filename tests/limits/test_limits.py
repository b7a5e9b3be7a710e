"""Every limit is printed with its real value, stands in the manual, and holds: at its value, and not one beyond."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command

from changping import limits, retention
from companies.models import User
from tests.api.conftest import call, key, partner, release  # noqa: F401  # a partner's call, as the tests of the API make it
from tests.changping.test_settings import variables_of_settings
from tests.limits.at_the_edge import CALLED, PURE, SENT
from tests.stack import ROOT

BY_SOURCE = {limit.source: limit for limit in limits.LIMITS}
# Tried where what it limits is tested anyway.
ELSEWHERE = {
    "companies.api.problems:MOST_ERRORS": "tests/api/test_hostile.py",
    "companies.api.asking:LONGEST_KEY": "tests/api/test_idempotency.py::test_a_key_of_255_characters_is_one",
    "companies.api.pages:USUAL": "tests/api/test_catalogue.py::test_releases_come_page_by_page",
    "matching.api.waiting:LONGEST_WAIT": "tests/api/test_matches.py::test_nobody_waits_longer_than_is_allowed",
    "matching.api.waiting:_WAITING_AT_ONCE": "tests/api/test_matches.py::test_where_too_many_wait_the_next_one_does_not",
    "settings:API_RATE": "tests/api/test_door.py::test_who_asks_too_often_is_told_how_long_to_wait",
    "settings:API_PUBLIC_RATE": "tests/api/test_door.py::test_two_processes_count_together_what_comes_at_once",
    "settings:ACCOUNT_RATE_LIMITS.login_failed": "tests/limits/test_limits.py::test_the_sixth_wrong_password_is_not_looked_at",
    "companies.guessing:MISSES_A_MINUTE": "tests/companies/test_members.py::test_who_tries_many_links_is_turned_away",
    "matching.interview.views:STARTS_AN_HOUR": "tests/matching/test_interview.py::test_a_network_starts_only_so_many_in_an_hour",
    "companies.visitors:MOST_HELD": "tests/matching/test_interview.py::test_a_browser_starts_only_so_many",
    "companies.keeping:TO_ONE_MAILBOX": "tests/companies/test_keeping.py::test_one_mailbox_gets_only_so_many_links_from_whoever_asks",
    "companies.keeping:OF_ONE_COMPANY": "tests/companies/test_keeping.py::test_one_company_sends_only_so_many_links",
    "companies.actions.members:INVITATIONS_A_DAY": "tests/companies/test_members.py",
    "matching.actions.exports:EXPORTS_A_DAY": "tests/matching/test_exports.py",
    "companies.views:_MOST_KEPT": "tests/companies/test_pages.py::test_more_than_a_form_can_hold_is_not_kept_for_strangers",
    "matching.rendering.blocks:TIME_LIMIT": "tests/matching/rendering/test_files.py::test_a_document_that_takes_too_long_is_given_up",
    "matching.rendering.blocks:_AT_ONCE": "tests/matching/rendering/test_files.py::test_where_too_many_are_set_at_once_the_next_one_is_given_up",
    "settings:AUTH_PASSWORD_VALIDATORS.1.OPTIONS.min_length": "tests/companies/test_pages.py::test_a_short_password_is_refused_in_the_language_of_the_page",
    "matching.actions.shared:KEPT_OPENINGS": "tests/matching/sharing/test_shared_page.py::test_of_a_link_that_is_opened_all_day_the_newest_openings_are_kept",
    "matching.actions.shared:DAYS": "tests/matching/sharing/test_making_links.py::test_a_link_that_cannot_be_made_is_explained_and_keeps_what_was_typed",
    "companies.models.invitations:LIFE": "tests/companies/test_members.py::test_taken_back_over_replaced_and_unknown_invitations_are_not_there",
    "companies.models.claims:LIFE": "tests/api/test_claims.py::test_a_link_that_is_over_is_not_there",
    "companies.actions.visits:LINK_KEPT": "tests/companies/test_keeping.py::test_a_link_that_is_over_opens_nothing",
    "companies.actions.erasing:COOLING_OFF": "tests/matching/test_erasing.py::test_nothing_is_erased_while_there_is_time",
    "policies.rules.requirement_files:DEEPEST_TREE": "tests/policies/test_parts.py::test_a_tree_as_deep_as_a_rule_may_be_can_be_saved_and_a_deeper_one_is_told_so",
    "policies.rules.documents:MOST_NODES": "tests/policies/test_requirement_rows.py::test_more_parts_than_the_language_allows_are_said_at_the_top_row",
    "policies.rules.scores:MOST_ITEMS": "tests/policies/test_desk_scores.py::test_there_is_an_end_to_adding",
    **dict.fromkeys(
        [
            "policies.catalogue_files.reader:MAX_BYTES",
            "policies.catalogue_files.reader:MAX_DEPTH",
            "policies.catalogue_files.reader:MAX_SCALAR",
            "policies.catalogue_files.reader:MAX_VALUES",
            "policies.catalogue_files.archives:MAX_UPLOAD",
            "policies.catalogue_files.archives:MAX_ENTRIES",
            "policies.catalogue_files.archives:MAX_UNPACKED",
        ],
        "tests/policies/test_hostile_files.py::test_each_is_refused_with_its_reason_in_both_languages_and_soon",
    ),
    "matching.importing.tables:MOST_UNPACKED": "tests/matching/test_importing.py::test_a_workbook_that_unpacks_to_very_much_is_refused",
    "settings:BATCH_MAX_BYTES": "tests/api/test_batches.py::test_more_bytes_than_allowed_are_refused_packed_or_not",
    "settings:BATCH_MAX_ROWS": "tests/matching/test_batches.py",
    "settings:BATCH_MAX_LIVE": "tests/api/test_batches.py::test_only_so_many_batches_at_once",
    "settings:BATCH_CHUNK_ROWS": "tests/matching/test_batches.py",
    "matching.batches.files:LONGEST_LINE": "tests/matching/batches/test_reading.py::test_a_line_beyond_the_limit_is_named_wherever_it_stands",
    "matching.api.batches.uploads:MOST_TIMES": "tests/api/test_batches.py::test_a_gzip_bomb_is_refused_after_a_little_of_it",
    "matching.batches.parquet_rows:MOST_FOOTER": "tests/matching/batches/test_parquet_bombs.py::test_a_small_parquet_file_that_stands_for_gigabytes_is_refused_in_bounded_memory",
    "matching.batches.bounded_memory:MOST_BYTES": "tests/matching/batches/test_parquet_bombs.py::test_a_small_parquet_file_that_stands_for_gigabytes_is_refused_in_bounded_memory",
    "matching.webhooks.actions:MOST_ENDPOINTS": "tests/api/test_webhooks.py::test_more_than_the_most_are_refused_with_the_reason",
    "matching.jobs.deliveries:ATTEMPTS": "tests/matching/webhooks/test_deliveries.py::test_each_attempt_waits_longer_and_after_ten_over_three_days_the_delivery_is_set_aside",
    "matching.jobs.deliveries:PATIENCE": "tests/matching/webhooks/test_deliveries.py::test_after_three_days_of_failures_the_endpoint_is_stopped_and_the_contact_hears_of_it_once",
    "matching.jobs.deliveries:LONGEST_WISH": "tests/matching/webhooks/test_deliveries.py::test_a_receiver_that_asks_for_more_time_gets_it_but_not_more_than_a_day",
    "matching.jobs.deliveries:AT_ONCE": "tests/matching/webhooks/test_deliveries.py",
    "matching.webhooks.posting:SECONDS": "tests/matching/webhooks/test_posting.py::test_a_receiver_that_stretches_its_answer_is_cut_off_in_time",
    "matching.webhooks.posting:MAX_ANSWER": "tests/matching/webhooks/test_posting.py::test_an_answer_without_end_is_read_only_so_far",
    "matching.webhooks.actions:LONGEST_OVERLAP": "tests/api/test_webhooks.py::test_a_rotated_secret_is_shown_once_and_the_old_one_goes_on_for_as_long_as_asked",
    "settings:JOB_LEASE_SECONDS": "tests/matching/test_jobs.py::test_a_lease_in_time_is_not_taken_away",
    "settings:JOB_MAX_ATTEMPTS": "tests/matching/test_jobs.py::test_a_poisonous_request_is_set_aside_after_five_attempts_and_others_go_on",
    "matching.jobs.leases:PAUSES": "tests/matching/test_jobs.py::test_each_attempt_waits_longer_than_the_one_before",
    "matching.jobs.matches:TIME_LIMIT": "tests/matching/test_jobs.py::test_work_that_takes_too_long_is_stopped",
    "matching.jobs.runs:TIME_LIMIT": "tests/matching/test_runs.py",
    "settings:DOORBELL_TIMEOUT": "tests/matching/test_processes.py::test_a_frozen_broker_does_not_stop_anybody_from_asking",
}
# The framework's own, or a size of buffers and pools: nothing of ours refuses anything there.
NOT_OURS = {
    "settings:ACCOUNT_RATE_LIMITS.reset_password",
    "settings:ACCOUNT_RATE_LIMITS.signup",
    "settings:SESSION_COOKIE_AGE",
    "settings:ACCOUNT_REAUTHENTICATION_TIMEOUT",
    "settings:WEBHOOK_SLOTS",
    "settings:JOB_WORKER_SLOTS",
    "settings:CELERY_TASK_TIME_LIMIT",
    "settings:CELERY_TASK_SOFT_TIME_LIMIT",
    "settings:CELERY_WORKER_MAX_MEMORY_PER_CHILD",
    "settings:CELERY_WORKER_MAX_TASKS_PER_CHILD",
}
# Limits that no test tries at their edge yet.
UNTRIED = {
    "companies.keeping:FROM_ONE_NETWORK",
    "companies.profile_form:MOST_KEPT",
    "companies.management.commands.api_key:LONGEST_DAYS",
    "matching.batches.work:LONGEST_NAME",
    "matching.api.batches.references:MOST_IDS",
    "matching.jobs.batches:TIME_LIMIT",
    "matching.jobs.exports:TIME_LIMIT",
}


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("limits", *arguments, stdout=out)
    return out.getvalue()


def test_the_page_of_the_manual_is_what_is_printed():
    page = (ROOT / "docs" / "limits.md").read_text()

    assert said("--format", "markdown") == page, "make it anew: ./run limits --format markdown > docs/limits.md"


def test_every_limit_and_every_rule_is_printed_with_its_value():
    printed = said()

    assert [one.source for one in limits.LIMITS if f"{one.said} " not in printed or one.source not in printed] == []
    assert [rule.name for rule in retention.RULES if rule.what not in printed] == []


def test_a_limit_that_is_set_otherwise_is_printed_as_it_is(settings):
    settings.BATCH_MAX_ROWS = 77

    assert re.search(r"rows +77 +BATCH_MAX_ROWS ", said())


def test_the_variables_that_are_named_are_those_that_settings_read():
    named = {limit.changed_by for limit in limits.LIMITS} | {rule.setting for rule in retention.RULES}
    whole = {one.source.partition(":")[2] for one in limits.LIMITS if one.source.startswith("settings:")}

    assert named - {""} <= variables_of_settings()
    assert whole & variables_of_settings() <= named, "changed by a variable that is not named"


def test_each_limit_is_said_once_and_has_its_test():
    tried = [*PURE, *CALLED, *SENT, *ELSEWHERE, *NOT_OURS, *UNTRIED]

    assert len(BY_SOURCE) == len(limits.LIMITS)
    assert sorted(tried) == sorted(BY_SOURCE)


@pytest.mark.parametrize("source", ELSEWHERE)
def test_the_test_that_is_named_is_there(source: str):
    file, _, name = ELSEWHERE[source].partition("::")

    assert (
        f"def {name}(" in (ROOT / file).read_text() if name else source.partition(":")[2] in (ROOT / file).read_text()
    )


@pytest.mark.parametrize("source", PURE)
def test_it_holds(source: str):
    most = BY_SOURCE[source].value

    assert PURE[source](most)
    assert not PURE[source](most + 1)


@pytest.mark.parametrize("source", CALLED)
def test_it_holds_at_the_door_of_the_api(source: str, call, release):  # noqa: F811
    most = BY_SOURCE[source].value

    assert CALLED[source](call, most)
    assert not CALLED[source](call, most + 1)


@pytest.mark.parametrize("source", SENT)
def test_it_holds_at_a_page(source: str, client, db):
    most = BY_SOURCE[source].value

    assert SENT[source](client, most)
    assert not SENT[source](client, most + 1)


def test_the_sixth_wrong_password_is_not_looked_at(client, db):
    User.objects.create_user("lin@example.com", "a-long-password")
    cache.clear()

    answers = [client.post("/accounts/login/", {"login": "lin@example.com", "password": f"wrong{n}"}) for n in range(6)]
    right = client.post("/accounts/login/", {"login": "lin@example.com", "password": "a-long-password"})

    told = ["Too many" in answer.content.decode() for answer in answers]
    assert told == [False] * 5 + [True]
    assert right.status_code != 302, "the right one is not looked at either, or a guess could be told"
