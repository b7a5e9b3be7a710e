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
    failed = jobs.COUNTS["rings_failed"]

    assert tasks.ring() is False

    assert jobs.COUNTS["rings_failed"] == failed + 1
    options = asked["transport_options"]
    assert {asked["connect_timeout"], options["socket_timeout"], options["socket_connect_timeout"]} == {0.125}
    assert (options["max_retries"], options["retry_on_timeout"]) == (0, False)
