"""Batches: every row is accepted or rejected, once, whoever dies in between; partners take turns, matches go first."""

from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.storage import InMemoryStorage, storages
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from companies.models.partners import Partner
from matching import actions, batch_storage, jobs
from matching.batches.portions import open_file
from matching.jobs import batches
from matching.jobs.batches import chunks, intake
from matching.jobs.leases import LeaseLost
from matching.models import Batch, BatchChunk, BatchRejection, Cause, Format, MatchRequest, Reason, State
from policies import rulebook

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 24)
HEADER = "id,name,established,employees\n"


class Elsewhere(InMemoryStorage):
    """A storage whose files are not on this machine's disk, as those in S3."""

    def path(self, name):
        raise NotImplementedError

    def _relative_path(self, name):
        return name.replace("\\", "/") or "."


@pytest.fixture
def park(db) -> Partner:
    return Partner.objects.create(name="Life Science Park", contact="it@example.com")


@pytest.fixture
def bank(db) -> Partner:
    return Partner.objects.create(name="A bank", contact="it@example.org")


@pytest.fixture(autouse=True)
def small_chunks(settings):
    settings.BATCH_CHUNK_ROWS = 10


@pytest.fixture
def send(release, park, silent_bell):
    """Sends a file as a batch; the text may be bytes, or a table for Parquet."""

    def send_once(content, *, by=park, ending="csv", **more):
        with batch_storage.working_file() as path:
            if isinstance(content, pa.Table):
                pq.write_table(content, path, row_group_size=25)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            vocabulary = rulebook.of_release(release.number).vocabulary
            opened = open_file(path, Path(f"companies.{ending}"), vocabulary)
            return actions.request_batch(
                opened=opened, path=path, format=Format(ending), release=release, day=DAY, by=by, **more
            )

    return send_once


def csv(rows: int, bad: tuple[int, ...] = ()) -> str:
    """So many companies with as many employees as their number says; some with an answer that is none."""
    return HEADER + "".join(f"C{at},企业{at},yes,{'many' if at in bad else at}\n" for at in range(rows))


def work() -> int:
    """Do all that there is to do; how many steps it took."""
    steps = 0
    while jobs.do_next():
        steps += 1
        assert steps < 1_000
    return steps


def results(batch) -> list[dict]:
    found = []
    for chunk in batch.chunks.found():
        if chunk.result:
            found += pq.read_table(pa.BufferReader(batch_storage.read(chunk.result))).to_pylist()
    return found


def ids(batch) -> list[str]:
    """Who is in the results, in their order."""
    return list(dict.fromkeys(row["id"] for row in results(batch)))


def test_every_row_is_accepted_or_rejected_and_the_reasons_are_kept(send):
    batch = send(csv(35, bad=(3, 34)))

    work()

    batch.refresh_from_db()
    assert (batch.state, batch.rows, batch.accepted, batch.rejected) == (State.DONE, 35, 33, 2)
    assert ids(batch) == [f"C{at}" for at in range(35) if at not in (3, 34)]
    assert [chunk.rows for chunk in batch.chunks.all()] == [10, 10, 10, 5]
    first, second = BatchRejection.objects.all()
    assert (first.line, second.line, first.whole) == (5, 36, True)
    (fault,) = first.faults
    assert (fault["field"], fault["value"], fault["code"]) == ("employees", "many", "not_a_number")
    assert "not a number" in fault["en"]
    assert "数字" in fault["zh"]


def test_the_verdicts_are_those_of_the_batch_and_of_single_matches(send, release):
    batch = send(HEADER + "A,a,yes,40\nB,b,no,2000\nC,c,,\n")

    work()

    batch.refresh_from_db()
    rows = results(batch)
    offers = len(rulebook.of_release(release.number).offers)
    assert len(rows) == 3 * offers == sum(batch.verdicts.values())
    assert {row["verdict"] for row in rows if row["id"] == "A" and row["offer"].endswith("founding-reward")} == {
        "eligible"
    }
    assert {row["verdict"] for row in rows if row["id"] == "B" and row["offer"].endswith("founding-reward")} == {
        "ineligible"
    }


FORMS = {
    "csv": csv(23, bad=(7,)),
    "ndjson": "".join(f'{{"id": "C{at}", "facts": {{"employees": {"[1]" if at == 7 else at}}}}}\n' for at in range(23)),
    "parquet": pa.table(
        {"id": [f"C{at}" for at in range(60)], "employees": [-1 if at == 7 else at for at in range(60)]}
    ),
}


@pytest.mark.parametrize("ending", FORMS)
def test_each_format_gives_the_same_whether_taken_in_at_once_or_in_pieces(send, ending, monkeypatch):
    whole = send(FORMS[ending], ending=ending)
    work()
    monkeypatch.setattr(intake, "STEP_SECONDS", 0)
    # Each step: it begins, the place is found, and after a chunk the time is over.
    monkeypatch.setattr(intake, "time", SimpleNamespace(monotonic=cycle([0, 0, 1]).__next__))

    pieces = send(FORMS[ending], ending=ending)
    steps = work()

    whole.refresh_from_db()
    pieces.refresh_from_db()
    assert steps > 2 * pieces.chunks.count()
    assert results(whole) == results(pieces)
    assert ids(whole) == [f"C{at}" for at in range(whole.rows) if at != 7]
    assert (whole.accepted, whole.rejected) == (pieces.accepted, pieces.rejected) == (whole.rows - 1, 1)
    assert BatchRejection.objects.get(batch=whole).faults == BatchRejection.objects.get(batch=pieces).faults


def test_a_worker_that_dies_while_taking_in_loses_and_doubles_nothing(send, monkeypatch):
    batch = send(csv(55))
    keep, kept = intake._keep, []

    def dies(*args):
        if len(kept) == 3:
            batch_storage.keep(f"{batch.folder}/rows/{len(kept):05}", b"half")  # and its commit never came
            raise SystemExit
        kept.append(args)
        keep(*args)

    monkeypatch.setattr(intake, "_keep", dies)
    with pytest.raises(SystemExit):
        batches.do_next()
    monkeypatch.setattr(intake, "_keep", keep)
    Batch.objects.update(lease_until=Now() - timedelta(seconds=1))

    jobs.return_overdue()
    work()

    batch.refresh_from_db()
    assert (batch.state, batch.rows, batch.accepted, batch.rejected) == (State.DONE, 55, 55, 0)
    assert ids(batch) == [f"C{at}" for at in range(55)]


def test_a_worker_that_dies_while_matching_costs_that_chunk_only(send, monkeypatch):
    batch = send(csv(25, bad=(12,)))
    batches.do_next()
    batches.do_next()
    lease = batches.claim()
    chunk = BatchChunk.objects.with_batch().get(pk=lease.row)
    BatchChunk.objects.filter(pk=lease.row).update(lease_until=Now() - timedelta(seconds=1))
    jobs.return_overdue()
    work()
    before = results(batch)

    with pytest.raises(LeaseLost):
        chunks.match_chunk(lease, chunk, lambda: None)

    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.rejected) == (State.DONE, 24, 1)
    assert results(batch) == before
    assert BatchRejection.objects.count() == 1
    _folders, files = storages["batches"].listdir(f"{batch.folder}/results")
    assert len(files) == 3


def test_the_database_refuses_to_end_what_is_not_counted(send):
    batch = send(csv(12))
    batches.do_next()
    lease = batches.claim()

    with pytest.raises(IntegrityError), transaction.atomic():
        lease.held.update(state=State.DONE, lease_token=None, lease_until=None, finished_at=Now(), accepted=9)
    assert batch.chunks.count() == 2


def test_a_match_that_comes_in_is_taken_before_the_next_chunk(send, ask):
    send(csv(30))
    jobs.do_next()
    jobs.do_next()

    request = ask()
    jobs.do_next()

    request.refresh_from_db()
    assert request.state == State.DONE
    assert Batch.objects.live().exists()


def test_partners_take_turns_however_much_one_has_sent(send, park, bank):
    for _ in range(3):
        send(csv(40), by=park)
    while Batch.objects.filter(taken_in_at=None).exists():
        jobs.do_next()
    late = send(csv(20), by=bank)
    before = BatchChunk.objects.filter(state=State.DONE).count()

    while late.state != State.DONE:
        assert jobs.do_next()
        late.refresh_from_db()

    of_park = BatchChunk.objects.filter(batch__partner=park, state=State.DONE).count() - before
    assert of_park <= late.chunks.count() + 2


def test_a_batch_and_a_run_over_all_companies_take_turns(send, version, release):
    batch = send(csv(60))
    run = actions.request_run(release=release, day=DAY, cause=Cause.ASKED, by=None)

    for _ in range(6):
        jobs.do_next()

    run.refresh_from_db()
    assert run.state == State.DONE
    batch.refresh_from_db()
    assert batch.rows


def test_cancelling_fences_the_worker_that_is_on_it(send, park):
    batch = send(csv(30, bad=(1,)))
    batches.do_next()
    lease = batches.claim()
    chunk = BatchChunk.objects.with_batch().get(pk=lease.row)

    assert actions.cancel_batch(batch=batch, by=park)

    with pytest.raises(LeaseLost):
        chunks.match_chunk(lease, chunk, lambda: None)
    assert set(batch.chunks.values_list("state", flat=True)) == {State.CANCELLED}
    assert not BatchRejection.objects.exists()
    assert work() == 0
    assert not actions.cancel_batch(batch=batch, by=park)


def test_cancelling_fences_the_worker_that_takes_it_in(send, park, monkeypatch):
    batch = send(csv(30))
    keep = intake._keep

    def cancelled_meanwhile(lease, one, number, cut):
        if number == 1:
            actions.cancel_batch(batch=batch, by=park)
        keep(lease, one, number, cut)

    monkeypatch.setattr(intake, "_keep", cancelled_meanwhile)
    batches.do_next()

    batch.refresh_from_db()
    assert (batch.state, batch.rows, batch.chunks.count()) == (State.CANCELLED, 10, 1)


def test_a_cancelled_batch_goes_on_where_it_stopped(send, park):
    batch = send(csv(30))
    batches.do_next()
    batches.do_next()
    actions.cancel_batch(batch=batch, by=park)

    assert actions.resume_batch(batch=batch, by=park)

    assert batch.chunks.found().count() == 1
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.accepted) == (State.DONE, 30)
    assert not actions.resume_batch(batch=batch, by=park)


def test_a_chunk_that_keeps_failing_ends_the_batch_with_its_reason_and_can_be_resumed(send, park, monkeypatch):
    batch = send(csv(30))
    batches.do_next()
    evaluate = chunks.evaluate

    def fails(chunk):
        if chunk.number == 1:
            raise ZeroDivisionError
        return evaluate(chunk)

    monkeypatch.setattr(chunks, "evaluate", fails)
    work()

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (State.FAILED, Reason.ENGINE_FAULT)
    assert "chunk 1" in batch.last_error
    assert batch.chunks.found().count() == 2

    monkeypatch.setattr(chunks, "evaluate", evaluate)
    assert actions.resume_batch(batch=batch, by=park)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.reason) == (State.DONE, 30, Reason.NONE)


def test_a_file_that_cannot_be_read_further_says_where_and_why(send, park, monkeypatch):
    monkeypatch.setattr("matching.batches.records.SMALL_WINDOW", 200)
    batch = send(csv(25) + 'C26,"never closed,yes,4\n')

    work()

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (State.FAILED, Reason.FILE_UNREADABLE)
    assert batch.fault["en"].startswith("companies.csv:27: a quotation mark")
    assert "引号" in batch.fault["zh"]
    assert not batch.chunks.live().exists()
    assert not actions.resume_batch(batch=batch, by=park)


def test_more_rows_than_allowed_are_refused(send, settings):
    settings.BATCH_MAX_ROWS = 25
    batch = send(csv(26))

    work()

    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (State.FAILED, Reason.FILE_UNREADABLE)
    assert "more than 25 rows" in batch.fault["en"]


def test_a_partner_has_only_so_many_batches_at_once(send, bank, settings):
    settings.BATCH_MAX_LIVE = 2
    send(csv(1))
    send(csv(1))

    with pytest.raises(actions.TooManyBatches):
        send(csv(1))
    send(csv(1), by=bank)

    kept = [name for (name,) in Batch.objects.values_list("upload")]
    assert all(storages["batches"].exists(name) for name in kept)
    assert len(storages["batches"].listdir("")[0]) == 3


def test_lenient_batches_match_the_rest_and_tell_what_was_left_out(send):
    batch = send(csv(5, bad=(2,)) + "C9,x\n", lenient=True)

    work()

    batch.refresh_from_db()
    assert (batch.rows, batch.accepted, batch.rejected, batch.left_out) == (6, 5, 1, 1)
    assert list(BatchRejection.objects.values_list("line", "whole")) == [(4, False), (7, True)]


def test_files_and_rejections_are_taken_away_when_kept_long_enough(send, settings):
    batch, fresh = send(csv(15, bad=(1,))), send(csv(15))
    work()
    Batch.objects.filter(pk=batch.pk).update(finished_at=Now() - timedelta(days=settings.BATCH_KEEP_DAYS + 1))

    assert batches.prune() == 1

    batch.refresh_from_db()
    assert batch.pruned_at is not None
    assert (batch.accepted, batch.rejected) == (14, 1)
    assert not BatchRejection.objects.exists()
    assert storages["batches"].listdir("")[0] == [str(fresh.public_id)]
    assert batches.prune() == 0
    assert len(ids(fresh)) == 15


def test_what_killed_requests_left_in_the_storage_is_taken_away_after_a_day(db, monkeypatch):
    folder = "0a1b2c3d-0000-4000-8000-000000000000"
    batch_storage.keep(f"{folder}/upload", b"x")
    batches.prune()
    assert storages["batches"].exists(f"{folder}/upload")

    monkeypatch.setattr("matching.jobs.batches.closing.UNKNOWN_AFTER", timedelta(seconds=-5))
    batches.prune()

    assert not storages["batches"].exists(f"{folder}/upload")


def test_nothing_hangs_on_files_being_on_a_disk(send, settings):
    settings.STORAGES = {**settings.STORAGES, "batches": {"BACKEND": f"{__name__}.Elsewhere"}}
    batch = send(csv(25, bad=(1,)))

    work()

    batch.refresh_from_db()
    assert (batch.state, batch.accepted, batch.rejected) == (State.DONE, 24, 1)
    assert ids(batch)[0] == "C0"
    assert list(Path(settings.BATCH_WORK_DIR).iterdir()) == []


def test_claiming_asks_the_database_as_often_however_many_chunks_wait(send, django_assert_num_queries):
    send(csv(200))
    send(csv(200))
    while Batch.objects.filter(taken_in_at=None).exists():
        jobs.do_next()

    with django_assert_num_queries(9):
        assert batches.claim() is not None
    assert MatchRequest.objects.count() == 0
