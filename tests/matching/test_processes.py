"""Real workers that are killed and frozen, and a broker that does not answer: every report comes, once."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from tests.matching.scene import a_scene, kill
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.xdist_group("stack")]


# Companies whose ids are far apart: each is a part of the run of its own.
FOUR_PARTS = """
from companies.models import Company, User
from matching.actions import version_to_match
lin = User.objects.get()
for pk in (5000, 10000, 20000):
    Company.objects.create(pk=pk, name="Example")
    version_to_match(company=Company.objects.get(pk=pk), by=lin)
"""
RUN = "SELECT state, companies, attempt FROM matching_run"


@pytest.fixture
def scene():
    """Leases of two seconds, offers that take half a second each."""
    with (
        tempfile.TemporaryDirectory(prefix="changce-m-") as folder,
        a_scene(Path(folder), JOB_LEASE_SECONDS="2", SWEEP_SECONDS="0.5", SLOW_OFFER_SECONDS="0.5") as scene,
    ):
        yield scene


def test_a_worker_killed_in_the_middle_of_a_match_costs_time_but_no_report(scene):
    scene.start_broker()
    scene.start_timetable()
    # Asked first: on a busy machine the one who asks may still be going when the match is done.
    scene.ask(1)
    worker = scene.start_worker()
    wait_until(lambda: scene.states() == ["running"], what="the match being worked on")

    kill(worker)
    assert scene.states() == ["running"]
    scene.start_worker()

    wait_until(lambda: scene.states() == ["done"], what="the report")
    assert scene.reports() == 1
    assert scene.rows("SELECT attempt FROM matching_matchrequest") == [(2,)]


def test_a_frozen_worker_that_wakes_up_cannot_write(scene):
    scene.start_broker()
    scene.start_timetable()
    scene.ask(1)
    frozen = scene.start_worker()
    wait_until(lambda: scene.states() == ["running"], what="the match being worked on")

    os.killpg(frozen.pid, signal.SIGSTOP)
    try:
        scene.start_worker()
        wait_until(lambda: scene.states() == ["done"], what="the report of the other worker")
        digest = scene.rows("SELECT digest FROM matching_matchreport")
    finally:
        os.killpg(frozen.pid, signal.SIGCONT)
    scene.ask(1, prefix="after")
    wait_until(lambda: scene.states() == ["done", "done"], what="the next report")

    assert scene.rows("SELECT digest FROM matching_matchreport ORDER BY id LIMIT 1") == digest
    assert scene.reports() == 2


def test_two_workers_share_the_work_and_never_do_it_twice(scene):
    scene.environment["SLOW_OFFER_SECONDS"] = "0.02"
    scene.start_broker()
    scene.start_timetable()
    scene.start_worker(concurrency=2)
    scene.start_worker(concurrency=2)

    scene.ask(20)

    wait_until(lambda: set(scene.states()) == {"done"}, what="all reports")
    assert scene.reports() == 20
    assert scene.rows("SELECT DISTINCT attempt FROM matching_matchrequest") == [(1,)]
    assert len(scene.rows("SELECT DISTINCT digest FROM matching_matchreport")) == 1


def test_a_frozen_broker_does_not_stop_anybody_from_asking(scene):
    broker = scene.start_broker()
    scene.start_timetable()
    scene.environment["SLOW_OFFER_SECONDS"] = "0"
    scene.start_worker()
    os.killpg(broker.pid, signal.SIGSTOP)
    try:
        seconds = scene.ask(3)
    finally:
        os.killpg(broker.pid, signal.SIGCONT)

    assert len(seconds) == 3
    # Half a second for the bell, and something for the first import of the client.
    assert max(seconds[1:]) < 1.0
    wait_until(lambda: set(scene.states()) == {"done"}, what="the reports after the broker's return")
    assert scene.reports() == 3


def test_a_broker_that_was_emptied_has_lost_nothing(scene):
    broker = scene.start_broker()
    scene.ask(3)
    kill(broker)
    for kept in (scene.folder / "broker").rglob("*"):
        if kept.is_file():
            kept.unlink()
    scene.socket.unlink(missing_ok=True)

    scene.environment["SLOW_OFFER_SECONDS"] = "0"
    scene.start_broker()
    scene.start_timetable()
    scene.start_worker()

    wait_until(lambda: set(scene.states()) == {"done"}, what="the reports")
    assert scene.reports() == 3


def test_a_worker_killed_in_the_middle_of_a_run_costs_one_step_and_the_run_is_done_once(scene):
    scene.environment["RUN_OF_THE_DAY_SECONDS"] = "1"
    scene.environment["SLOW_OFFER_SECONDS"] = "1"
    scene.run(FOUR_PARTS)
    scene.start_broker()
    scene.start_timetable()
    worker = scene.start_worker()
    parts = "SELECT count(*) FROM matching_runpart"
    wait_until(lambda: scene.rows(parts) == [(1,)] and scene.rows(RUN)[0][0] == "running", what="the second step")

    kill(worker)
    assert scene.rows(RUN) == [("running", 0, 1)]
    scene.ask(1)
    scene.start_worker()

    wait_until(lambda: scene.states() == ["done"], what="the report")
    assert scene.rows(RUN)[0][0] != "done"
    wait_until(lambda: scene.rows(RUN)[0][:2] == ("done", 4), what="the run")
    assert scene.rows("SELECT number, companies FROM matching_runpart") == [(0, 1), (1, 1), (2, 1), (4, 1)]
    assert scene.rows("SELECT count(*) FROM matching_runoffer") == [(3,)]
    assert len(scene.rows(RUN)) == 1


CANCEL = """
from companies.models import User
from matching import actions
from matching.models import Run
gao = User.objects.create_superuser("gao@example.com")
assert actions.cancel_run(run=Run.objects.get(), by=gao, why="the wrong release")
"""
AGAIN = """
from companies.models import User
from matching import actions
from matching.models import Run
assert actions.repeat_run(run=Run.objects.get(), by=User.objects.get(email="gao@example.com"))
"""


def test_a_run_cancelled_under_a_worker_stays_so_and_the_worker_does_the_one_asked_for_after_it(scene):
    scene.environment["RUN_OF_THE_DAY_SECONDS"] = "1"
    scene.environment["SLOW_OFFER_SECONDS"] = "4"
    scene.run(FOUR_PARTS)
    scene.start_broker()
    scene.start_timetable()
    scene.start_worker()
    parts = "SELECT count(*) FROM matching_runpart"
    wait_until(lambda: scene.rows(parts) == [(1,)] and scene.rows(RUN)[0][0] == "running", what="the second step")

    scene.run(CANCEL)
    assert scene.rows(RUN) == [("cancelled", 0, 1)]
    scene.run(AGAIN)

    wait_until(lambda: scene.rows(RUN)[-1][0] == "done", what="the run that was asked for again")
    assert scene.rows(RUN) == [("cancelled", 0, 1), ("done", 4, 1)]
    assert scene.rows("SELECT DISTINCT run_id FROM matching_runpart") == [(2,)]
    assert scene.rows("SELECT count(*) FROM matching_runoffer") == [(3,)]


BATCH = """
from datetime import date
from pathlib import Path
from companies.models import Partner
from matching import actions, batch_storage
from matching.batches.portions import open_file
from matching.models import Format
from policies import rulebook
from policies.models import Release
partner = Partner.objects.create(name="Park", contact="it@example.com")
with batch_storage.working_file() as path:
    rows = (f"C{at},{'many' if at % 100 == 7 else at}\\n" for at in range(12_000))
    path.write_text("id,employees\\n" + "".join(rows))
    opened = open_file(path, Path("companies.csv"), rulebook.current().vocabulary)
    release = Release.objects.latest()
    actions.request_batch(
        opened=opened, path=path, format=Format.CSV, release=release, day=date(2026, 11, 24), by=partner
    )
"""
OUTCOME = """
import io
import pyarrow.parquet as pq
from matching import batch_storage
from matching.models import Batch
for chunk in Batch.objects.get().chunks.found():
    table = pq.read_table(io.BytesIO(batch_storage.read(chunk.result)), columns=["id", "offer"])
    print(*(row["id"] for row in table.to_pylist()[::3]))
"""


def test_workers_killed_in_the_middle_of_a_batch_lose_and_double_no_row(scene):
    scene.environment |= {"SLOW_OFFER_SECONDS": "0", "BATCH_CHUNK_ROWS": "500"}
    scene.start_broker()
    scene.start_timetable()
    worker = scene.start_worker()
    scene.run(BATCH)
    done = "SELECT count(*) FROM matching_batchchunk WHERE state = 'done'"
    for killed_at in (1, 8, 16):
        wait_until(lambda at=killed_at: scene.rows(done)[0][0] >= at, what="chunks")
        kill(worker)
        worker = scene.start_worker()

    batch = "SELECT state, rows, accepted, rejected FROM matching_batch"
    wait_until(lambda: scene.rows(batch)[0][0] == "done", what="the batch")

    assert scene.rows(batch) == [("done", 12_000, 11_880, 120)]
    assert scene.rows("SELECT count(*), count(DISTINCT line) FROM matching_batchrejection") == [(120, 120)]
    found = scene.run(OUTCOME).split()
    assert found == [f"C{at}" for at in range(12_000) if at % 100 != 7]
