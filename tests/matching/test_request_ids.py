"""One name for a request: in its answer, in its lines of the log, and in the jobs that it asks for."""

from __future__ import annotations

import re
import uuid

import pytest
import structlog
from celery.signals import before_task_publish
from structlog.testing import capture_logs

from changping.celery import app
from matching import jobs, tasks
from matching.models import MatchRequest


@pytest.fixture
def lines():
    """The lines of the log, with what is bound to them."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as said:
        yield said


def test_every_answer_has_an_id_of_its_own(client):
    ids = {client.get(page).headers["X-Request-ID"] for page in ("/healthz", "/healthz", "/no/such/page")}

    assert len(ids) == 3
    assert all(uuid.UUID(one) for one in ids)


def test_a_strangers_id_is_replaced(client, settings):
    settings.TRUSTED_PROXIES = 0

    answer = client.get("/healthz", headers={"X-Request-ID": "chosen-by-a-stranger"})

    assert answer.headers["X-Request-ID"] != "chosen-by-a-stranger"


def test_the_id_of_our_own_proxy_is_taken_over(client, settings):
    settings.TRUSTED_PROXIES = 1

    answer = client.get("/healthz", headers={"X-Request-ID": "7b1e9d60-edge.1"})

    assert answer.headers["X-Request-ID"] == "7b1e9d60-edge.1"


@pytest.mark.parametrize(
    "hostile", ["short", "x" * 65, "two words here", 'a"}\n{"level":"x', "昌平昌平昌平昌平", "a\r\nSet-Cookie: b=c"]
)
def test_an_id_that_could_break_a_line_of_the_log_is_replaced(client, settings, hostile: str):
    settings.TRUSTED_PROXIES = 1

    answer = client.get("/healthz", HTTP_X_REQUEST_ID=hostile)

    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-ID"])


def test_a_job_carries_the_id_of_the_request_that_asked_for_it(ask, lines):
    with structlog.contextvars.bound_contextvars(request_id="asked-in-this-one"):
        request = ask()

    jobs.do_next("w@one")

    assert MatchRequest.objects.get(pk=request.pk).request_id == "asked-in-this-one"
    (done,) = [line for line in lines if line["event"] == "job_done"]
    assert (done["request_id"], done["match"], done["attempt"]) == ("asked-in-this-one", str(request.public_id), 1)


def test_what_a_worker_logged_of_one_job_is_not_said_of_the_next(ask, lines):
    with structlog.contextvars.bound_contextvars(request_id="the-first-request"):
        ask()
    jobs.do_next("w@one")
    with structlog.contextvars.bound_contextvars(request_id=""):
        ask()
    jobs.do_next("w@one")

    assert [line["request_id"] for line in lines if line["event"] == "job_done"] == ["the-first-request", ""]
    assert "match" not in structlog.contextvars.get_contextvars()


def test_a_doorbell_carries_no_name_of_a_request():
    sent = []

    def look(headers: dict, **_) -> None:
        sent.append(dict(headers))

    before_task_publish.connect(look)
    with (
        structlog.contextvars.bound_contextvars(request_id="somebodys-request"),
        app.connection_for_write("memory://") as connection,
    ):
        tasks.look_for_work.apply_async(connection=connection)
    before_task_publish.disconnect(look)

    assert [message["task"] for message in sent] == ["matching.look_for_work"]
    assert "somebodys-request" not in str(sent)
