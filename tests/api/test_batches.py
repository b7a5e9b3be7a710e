"""Batches in the API: sent as a file or by ids, watched, stopped, resumed, read as pages, NDJSON and Parquet."""

from __future__ import annotations

import gzip
import io
import json
import struct
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.storage import storages
from django.db.models.functions import Now

from companies.actions import partners as partner_actions
from companies.models import Membership, PartnerCompany, Role
from matching import jobs
from matching.api.batches import uploads
from matching.models import Batch, BatchChunk, State
from policies import rulebook

pytestmark = pytest.mark.django_db

CSV = "text/csv"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
HEADER = "id,name,established,employees\n"
GOOD = HEADER + "A,绿洲生物,yes,40\nB,b,no,2000\nC,c,,\n"


@pytest.fixture(autouse=True)
def _bell(monkeypatch, settings):
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    settings.BATCH_CHUNK_ROWS = 10


@pytest.fixture
def send(call, release):
    """Sends a file; the answer."""

    def send_once(content=GOOD, kind=CSV, query="", **more):
        content = content.encode() if isinstance(content, str) else content
        return call("POST", f"batches{query}", content, content_type=kind, **more)

    return send_once


@pytest.fixture
def done(send, call):
    """Sends a file and does all the work; the batch as it is then."""

    def send_and_work(*args, **more) -> dict:
        answer = send(*args, **more)
        assert answer.status_code == 202, answer.content
        work()
        return call("GET", f"batches/{answer.json()['id']}").json()

    return send_and_work


def work() -> None:
    while jobs.do_next():
        pass


def csv(rows: int, bad: tuple[int, ...] = ()) -> str:
    return HEADER + "".join(f"C{at},c,yes,{'many' if at in bad else at}\n" for at in range(rows))


def parquet(**columns) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def refused(answer, code: str) -> str:
    """What is wrong with the file, in English."""
    assert answer.status_code == 422, answer.content
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("", code)
    assert not Batch.objects.exists()
    assert storages["batches"].exists("") is False or storages["batches"].listdir("")[0] == []
    return fault["detail"]


def test_a_file_is_accepted_stored_and_watched_until_it_is_done(send, call, release):
    answer = send()

    assert answer.status_code == 202
    batch = answer.json()
    assert answer.headers["Location"] == batch["url"] == f"/api/v1/batches/{batch['id']}"
    assert (batch["state"], batch["rows"], batch["results"], batch["release"]) == ("queued", 0, None, release.number)
    jobs.do_next()
    seen = call("GET", f"batches/{batch['id']}")
    assert (seen.json()["state"], seen.json()["rows"]) == ("running", 3)
    assert seen.headers["Retry-After"]
    work()
    batch = call("GET", f"batches/{batch['id']}").json()
    assert (batch["state"], batch["accepted"], batch["rejected"], batch["why"]) == ("done", 3, 0, None)
    assert batch["progress"] == {"taken_in": True, "done": 3, "share": 1.0}
    assert sum(batch["verdicts"].values()) == 3 * len(rulebook.current().offers)


FILES = {
    "CSV": (CSV, csv(12).encode()),
    "CSV with a charset": ("text/csv; charset=utf-8", csv(12).encode()),
    "NDJSON": (NDJSON, "".join(f'{{"id": "C{at}", "employees": {at}}}\n' for at in range(12)).encode()),
    "Parquet": (PARQUET, parquet(id=[f"C{at}" for at in range(12)], employees=list(range(12)))),
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_is_taken_also_packed(done, what, packed):
    kind, content = FILES[what]
    more = {"content-encoding": "gzip"} if packed else {}

    batch = done(gzip.compress(content) if packed else content, kind, **more)

    assert (batch["state"], batch["accepted"], batch["size"]) == ("done", 12, len(content))


def test_gzip_in_several_members_is_one_file(done):
    whole = csv(12).encode()

    batch = done(gzip.compress(whole[:50]) + gzip.compress(whole[50:]), **{"content-encoding": "gzip"})

    assert batch["accepted"] == 12


def test_a_body_without_a_length_is_read_as_it_comes(client, key, release):
    body = csv(12).encode()

    answer = client.generic(
        "POST", "/api/v1/batches", b"", CSV, headers={"authorization": f"Bearer {key}"}, CONTENT_TYPE=CSV, CONTENT_LENGTH="",
        **{"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )  # fmt: skip

    assert answer.status_code == 202
    assert answer.json()["size"] == len(body)


def test_rejected_rows_are_told_with_line_field_and_reason_a_page_at_a_time(done, call):
    batch = done(csv(30, bad=(3, 5, 7)))

    first = call("GET", f"batches/{batch['id']}/rejections?limit=2").json()
    second = call("GET", first["next"].removeprefix("/api/v1/")).json()

    assert (batch["rows"], batch["accepted"], batch["rejected"]) == (30, 27, 3)
    rows = first["results"] + second["results"]
    assert [row["line"] for row in rows] == [5, 7, 9]
    assert second["next"] is None
    (fault,) = rows[0]["errors"]
    assert (fault["field"], fault["value"], fault["code"]) == ("employees", "many", "not_a_number")
    assert fault["detail"]["en"]
    assert fault["detail"]["zh"]


def pages(call, address: str) -> list[dict]:
    found = []
    while address:
        page = call("GET", address.removeprefix("/api/v1/")).json()
        found += page["results"]
        address = page["next"]
    return found


@pytest.mark.parametrize("query", ["", "?verdict=eligible", "?verdict=eligible&verdict=undetermined"])
def test_pages_ndjson_and_parquet_say_the_same(done, call, query):
    batch = done(csv(25, bad=(3,)))
    address = f"batches/{batch['id']}/results{query}"

    lines = b"".join(call("GET", address, accept=NDJSON).streaming_content).splitlines()
    table = pq.read_table(io.BytesIO(b"".join(call("GET", address, accept=PARQUET).streaming_content)))
    paged = pages(call, f"{address}{'&' if query else '?'}limit=7")

    assert [json.loads(line) for line in lines] == paged
    offers = len(rulebook.current().offers)
    assert len(paged) == table.num_rows
    assert len(paged) == (24 * offers if not query else sum(batch["verdicts"][v] for v in query.split("=")[1:2] or []) if query.count("=") == 1 else batch["verdicts"]["eligible"] + batch["verdicts"]["undetermined"])  # fmt: skip
    as_text = [{**row, "missing": [one for one in row["missing"].split("; ") if one]} for row in table.to_pylist()]
    for row in as_text:
        for end in ("amount_low", "amount_high"):
            row[end] = None if row[end] is None else str(row[end])
    assert as_text == paged


def test_a_batch_of_which_nothing_was_accepted_has_results_without_rows(done, call):
    batch = done(csv(3, bad=(0, 1, 2)))
    address = f"batches/{batch['id']}/results"

    table = pq.read_table(io.BytesIO(b"".join(call("GET", address, accept=PARQUET).streaming_content)))

    assert (table.num_rows, "verdict" in table.column_names) == (0, True)
    assert call("GET", address).json() == {"results": [], "next": None}
    assert b"".join(call("GET", address, accept=NDJSON).streaming_content) == b""


def test_results_come_when_the_batch_has_ended(send, call):
    batch = send().json()

    answer = call("GET", f"batches/{batch['id']}/results")

    assert (answer.status_code, answer.json()["type"]) == (409, "/api/v1/problems/not-now/")
    assert answer.headers["Retry-After"]
    answer = call("GET", f"batches/{batch['id']}/results", accept=PARQUET)
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")


def test_results_that_were_taken_away_are_gone(done, call, settings):
    batch = done()
    Batch.objects.update(finished_at=Now() - timedelta(days=settings.BATCH_KEEP_DAYS + 1))
    jobs.batches.prune()

    for what in ("results", "rejections"):
        assert call("GET", f"batches/{batch['id']}/{what}").json()["type"] == "/api/v1/problems/gone/"
    batch = call("GET", f"batches/{batch['id']}").json()
    assert (batch["accepted"], batch["results"], batch["rejections"]) == (3, None, None)


def test_the_day_and_the_release_are_those_asked_for(done, release):
    batch = done(query=f"?on=2026-11-24&release={release.number}")

    assert (batch["on"], batch["release"]) == ("2026-11-24", release.number)


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("?on=yesterday", "on", "not_a_day"),
        ("?release=99", "release", "unknown_release"),
        ("?relaese=1", "relaese", "unknown_parameter"),
        ("?lenient=perhaps", "lenient", "unknown_value"),
    ],
)
def test_parameters_that_cannot_be_used_are_named(send, query, parameter, code):
    (fault,) = send(query=query).json()["errors"]

    assert (fault["parameter"], fault["code"]) == (parameter, code)


def test_lenient_and_skip_unknown_take_what_would_be_refused(send, done):
    content = "id,employees,colour\nA,many,red\n"
    assert send(content).status_code == 422

    batch = done(content, query="?lenient=true&skip_unknown=true")

    assert (batch["accepted"], batch["left_out"]) == (1, 1)


def test_a_batch_can_be_stopped_and_resumed(send, call):
    batch = send(csv(30)).json()
    jobs.do_next()
    jobs.do_next()

    stopped = call("POST", f"batches/{batch['id']}/cancel")

    assert (stopped.status_code, stopped.json()["state"], stopped.json()["accepted"]) == (200, "cancelled", 10)
    assert call("POST", f"batches/{batch['id']}/cancel").json()["type"] == "/api/v1/problems/not-now/"
    resumed = call("POST", f"batches/{batch['id']}/resume").json()
    assert resumed["state"] == "running"
    work()
    assert call("GET", f"batches/{batch['id']}").json()["accepted"] == 30
    assert call("POST", f"batches/{batch['id']}/resume").status_code == 409


def test_a_file_that_breaks_off_later_says_why(send, call, monkeypatch):
    monkeypatch.setattr("matching.batches.records.SMALL_WINDOW", 200)
    batch = send(csv(25) + 'C26,"never closed,yes,4\n').json()

    work()

    batch = call("GET", f"batches/{batch['id']}").json()
    assert (batch["state"], batch["why"]["code"]) == ("failed", "file_unreadable")
    assert batch["why"]["detail"]["en"].startswith("companies.csv:27: ")
    assert batch["why"]["detail"]["zh"]


def test_only_so_many_batches_at_once(send, settings):
    settings.BATCH_MAX_LIVE = 1
    send()

    answer = send()

    assert (answer.status_code, answer.json()["type"]) == (429, "/api/v1/problems/too-many-batches/")
    assert answer.headers["Retry-After"]
    assert len(storages["batches"].listdir("")[0]) == 1


def test_the_same_key_and_file_make_one_batch(send):
    first, again = send(**{"idempotency-key": "k"}), send(**{"idempotency-key": "k"})

    assert again.content == first.content
    assert Batch.objects.count() == len(storages["batches"].listdir("")[0]) == 1
    other = send(GOOD + "D,d,,\n", **{"idempotency-key": "k"})
    assert other.json()["type"] == "/api/v1/problems/key-reused/"
    assert send(query="?lenient=true", **{"idempotency-key": "k"}).status_code == 422


# --- By their ids ----------------------------------------------------------------------------------------------


@pytest.fixture
def some(partner, vocabulary):
    """Three companies that the partner sent, of which two have answered something."""
    found = []
    for at, answers in enumerate([{"established": True, "employees": 40}, {"employees": 2000}, {}]):
        company = partner_actions.send_company(partner=partner, name=f"企业{at}").company
        if answers:
            partner_actions.answer_for_company(company=company, answers=answers, partner=partner, vocabulary=vocabulary)
        found.append(company)
    return found


@pytest.mark.parametrize("named", ["ids", "all"])
def test_companies_sent_before_are_matched_as_they_are_by_now(call, some, named):
    ids = [str(company.public_id) for company in some]

    answer = call("POST", "batches", {"companies": "all" if named == "all" else ids})
    work()

    assert answer.status_code == 202, answer.content
    batch = call("GET", f"batches/{answer.json()['id']}").json()
    assert (batch["state"], batch["format"], batch["accepted"]) == ("done", "companies", 3)
    rows = pages(call, batch["results"])
    assert list(dict.fromkeys((row["id"], row["name"]) for row in rows)) == [
        (number, f"企业{at}") for at, number in enumerate(ids)
    ]
    founding = {row["id"]: row["verdict"] for row in rows if row["offer"].endswith("/founding-reward")}
    assert [founding[one] for one in ids] == ["eligible", "undetermined", "undetermined"]


def test_a_company_that_can_no_longer_be_seen_is_rejected_and_not_told_of(call, some, partner):
    batch = call("POST", "batches", {"companies": "all"}).json()
    some[1].delete()

    work()

    batch = call("GET", f"batches/{batch['id']}").json()
    assert (batch["accepted"], batch["rejected"]) == (2, 1)
    (row,) = call("GET", f"batches/{batch['id']}/rejections").json()["results"]
    assert (row["line"], row["errors"][0]["code"]) == (2, "unknown_company")


@pytest.mark.parametrize("verdict", ["", "?verdict=eligible&verdict=undetermined"])
def test_what_a_company_withdrew_is_at_once_gone_from_results_made_before(call, some, partner, lin, verdict):
    Membership.objects.create(company=some[1], user=lin, role=Role.OWNER)
    batch = call("POST", "batches", {"companies": "all"}).json()
    work()
    address = call("GET", f"batches/{batch['id']}").json()["results"]
    half = call("GET", f"{address.removeprefix('/api/v1/')}?limit=4").json()

    partner_actions.withdraw(link=PartnerCompany.objects.get(company=some[1]), by=lin)

    kept = {str(some[0].public_id), str(some[2].public_id)}
    path = f"{address.removeprefix('/api/v1/')}{verdict}"
    lines = b"".join(call("GET", path, accept=NDJSON).streaming_content).splitlines()
    parquet = pq.read_table(io.BytesIO(b"".join(call("GET", path, accept=PARQUET).streaming_content)))
    assert {row["id"] for row in pages(call, f"{address}{verdict}")} == kept
    assert {json.loads(line)["id"] for line in lines} == kept
    assert set(parquet["id"].to_pylist()) == kept
    # Somebody who was half through goes on where they were.
    rest = pages(call, half["next"])
    assert [row["id"] for row in rest] == [str(some[2].public_id)] * 3


def test_companies_of_others_and_those_that_are_not_there_are_refused_alike(call, some, other_partners_key):
    ids = [str(company.public_id) for company in some[:2]]
    missing = "00000000-0000-4000-8000-000000000000"

    mine = call("POST", "batches", {"companies": [*ids, missing, "x", ids[0]]}).json()
    theirs = call("POST", "batches", {"companies": ids}, key=other_partners_key).json()

    assert [(one["pointer"], one["code"]) for one in mine["errors"]] == [
        ("/companies/2", "unknown_company"), ("/companies/3", "unknown_company"), ("/companies/4", "said_twice"),
    ]  # fmt: skip
    assert [one["code"] for one in theirs["errors"]] == ["unknown_company"] * 2
    assert theirs["errors"][0]["detail"] == mine["errors"][0]["detail"]


@pytest.mark.parametrize("sent", [{}, {"companies": []}, {"companies": "some"}, {"companies": 4}, [], {"x": 1}])
def test_what_names_no_companies_is_refused(call, release, sent):
    assert call("POST", "batches", sent).status_code == 422


def test_who_has_no_companies_is_told_so(call, release):
    (fault,) = call("POST", "batches", {"companies": "all"}).json()["errors"]

    assert fault["code"] == "no_companies"


# --- Nobody else's -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "what"),
    [("GET", ""), ("GET", "/results"), ("GET", "/rejections"), ("POST", "/cancel"), ("POST", "/resume")],
)
def test_batches_of_others_and_those_that_are_not_there_are_answered_alike(
    done, call, other_partners_key, method, what
):
    batch = done()

    theirs = call(method, f"batches/{batch['id']}{what}", key=other_partners_key)
    missing = call(method, f"batches/00000000-0000-4000-8000-000000000000{what}")

    assert theirs.status_code == missing.status_code == 404
    said = [{**one.json(), "instance": ""} for one in (theirs, missing)]
    assert said[0] == said[1]
    assert call("GET", "batches", key=other_partners_key).json()["results"] == []
    assert call("GET", "batches").json()["results"][0]["id"] == batch["id"]


def test_a_cursor_of_one_batch_does_not_open_another(done, call):
    first, second = done(csv(5)), done(csv(5))
    page = call("GET", f"batches/{first['id']}/results?limit=1").json()
    cursor = page["next"].partition("cursor=")[2]

    answer = call("GET", f"batches/{second['id']}/results?cursor={cursor}")

    assert answer.json()["type"] == "/api/v1/problems/bad-cursor/"


def test_a_key_without_the_scope_opens_nothing(call, partner, release):
    from companies import actions

    _key, secret = actions.make_key(partner=partner, label="x", scopes=["companies"], by=None)

    assert call("GET", "batches", key=secret).status_code == 403


# --- As many queries for many as for few -------------------------------------------------------------------------


def test_reading_asks_the_database_as_often_however_much_there_is(done, call, django_assert_num_queries):
    many = done(csv(95, bad=tuple(range(0, 95, 2))))
    done(csv(15))

    for address, queries in [
        ("batches", 2),
        (f"batches/{many['id']}", 2),
        (f"batches/{many['id']}/rejections", 3),
        (f"batches/{many['id']}/results", 3),
    ]:
        with django_assert_num_queries(queries):
            assert call("GET", address).status_code == 200


def test_the_list_can_be_narrowed_to_a_state(done, send, call):
    done()
    waiting = send().json()

    assert [one["id"] for one in call("GET", "batches?state=queued").json()["results"]] == [waiting["id"]]
    assert [one["state"] for one in call("GET", "batches?state=done").json()["results"]] == ["done"]
    assert call("GET", "batches?state=running").json()["results"] == []


# --- Hostile -----------------------------------------------------------------------------------------------------


def test_a_gzip_bomb_is_refused_after_a_little_of_it(send, monkeypatch):
    monkeypatch.setattr(uploads, "FREE_BYTES", 1 << 20)

    said = refused(send(gzip.compress(b"\n" * 50_000_000), **{"content-encoding": "gzip"}), "packed_too_well")

    assert "100 times" in said


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(GOOD.encode())[:-9], gzip.compress(GOOD.encode())[:20], b"no gzip"],
    # gzip writes the time into what it packs, so the bytes make no name that stays.
    ids=["without its end", "its beginning", "none"],
)
def test_gzip_that_is_cut_off_or_none_is_refused(send, packed):
    refused(send(packed, **{"content-encoding": "gzip"}), "bad_gzip")


def test_another_packing_is_not_read(send):
    assert send(**{"content-encoding": "br"}).status_code == 415


def test_a_list_of_companies_cannot_be_packed(call, sent, release):
    assert call("POST", "batches", {"companies": "all"}, **{"content-encoding": "br"}).status_code == 415
    refused(call("POST", "batches", {"companies": "all"}, **{"content-encoding": "gzip"}), "packed_list")


def test_more_bytes_than_allowed_are_refused_packed_or_not(send, settings):
    settings.BATCH_MAX_BYTES = 1_000

    assert send(csv(200)).status_code == 413
    assert send(gzip.compress(csv(200).encode()), **{"content-encoding": "gzip"}).status_code == 413


def lying_parquet() -> bytes:
    whole = FILES["Parquet"][1]
    return whole[:-8] + struct.pack("<I", 2**31 - 1) + whole[-4:]


HOSTILE = {
    "nothing": (CSV, b"", "empty"),
    "a field of 30 MB": (CSV, HEADER.encode() + b'A,"' + b"x" * 30_000_000 + b'",yes,4\n', "longer than"),
    "two million columns": (CSV, b"a," * 2_000_000 + b"\n1\n", "longer than"),
    "as many columns as a line holds": (CSV, b"a," * 490_000 + b"\n1\n", "columns"),
    "one endless line": (NDJSON, b'{"id": "' + b"x" * 5_000_000, "longer than"),
    "columns nobody knows": (CSV, b"id,employes\nA,4\n", "Did you mean"),
    "no facts": (CSV, b"id,name\nA,a\n", "no column is a fact"),
    "a spreadsheet": (CSV, b"PK\x03\x04" + b"\0" * 50, "Excel"),
    "Parquet called CSV": (CSV, FILES["Parquet"][1], "Parquet"),
    "CSV called Parquet": (PARQUET, GOOD.encode(), "not a Parquet"),
    "Parquet that is cut off": (PARQUET, FILES["Parquet"][1][:200], "cut off or damaged"),
    "Parquet with a footer of 2 GB": (PARQUET, lying_parquet(), "cut off or damaged"),
    "Parquet with a footer beyond the limit": (
        PARQUET,
        b"PAR1" + b"\0" * (9 << 20) + struct.pack("<I", 9 << 20) + b"PAR1",
        "footer",
    ),
    "Parquet and nothing else": (PARQUET, b"PAR1PAR1", "cut off or damaged"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_files_that_cannot_be_read_are_refused_with_the_reason(send, what):
    kind, content, expected = HOSTILE[what]

    answer = send(content, kind, **{"content-type": kind})

    assert expected in refused(answer, "unreadable_file")


def test_nothing_of_what_was_refused_is_left_on_the_disk(send, settings):
    for content in (b"", b"x", csv(3).encode() + b"\xff\xff"):
        send(content)

    assert list(settings.BATCH_WORK_DIR.iterdir()) == []


def test_no_release_yet_is_said(call, db):
    assert call("POST", "batches", GOOD.encode(), content_type=CSV).status_code == 503


def test_a_chunk_that_failed_leaves_the_results_of_the_others(send, call, monkeypatch):
    from matching.jobs.batches import chunks

    evaluate = chunks.evaluate
    monkeypatch.setattr(chunks, "evaluate", lambda chunk: 1 / 0 if chunk.number == 1 else evaluate(chunk))
    batch = send(csv(30)).json()
    work()

    batch = call("GET", f"batches/{batch['id']}").json()

    assert (batch["state"], batch["why"]["code"], batch["accepted"]) == ("failed", "engine_fault", 20)
    assert BatchChunk.objects.filter(state=State.FAILED).count() == 1
    assert len({row["id"] for row in pages(call, batch["results"])}) == 20
