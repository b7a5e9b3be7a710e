"""Ringing for work waits for the broker only as long as the setting says, and its failure is nobody's failure."""

from __future__ import annotations

from celery import current_app

from matching import jobs, tasks


def test_each_step_towards_the_broker_is_bounded_by_the_setting_and_is_not_repeated(monkeypatch, settings):
    settings.DOORBELL_TIMEOUT = 0.125
    asked = {}

    def away(**how):
        asked.update(how)
        raise OSError("nobody there")

    monkeypatch.setattr(current_app._get_current_object(), "connection_for_write", away)
    failed = jobs.COUNTS["rings:failed"]

    assert tasks.ring() is False

    assert jobs.COUNTS["rings:failed"] == failed + 1
    options = asked["transport_options"]
    assert {asked["connect_timeout"], options["socket_timeout"], options["socket_connect_timeout"]} == {0.125}
    assert (options["max_retries"], options["retry_on_timeout"]) == (0, False)


def test_a_broker_that_did_not_answer_is_left_alone_for_a_while_and_then_asked_again(monkeypatch):
    asked = []

    def away(**_how):
        asked.append(1)
        raise OSError("nobody there")

    monkeypatch.setattr(current_app._get_current_object(), "connection_for_write", away)

    assert [tasks.ring(), tasks.ring(), tasks.ring_for_letters()] == [False] * 3
    assert len(asked) == 1

    monkeypatch.setattr(tasks._SILENCE, "until", 1e-9)  # the while is over

    assert tasks.ring() is False
    assert len(asked) == 2
