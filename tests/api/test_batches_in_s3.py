"""Files of batches in a store that speaks S3, over HTTP: the address in the settings is all that it takes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import boto3
import pyarrow.parquet as pq
import pytest
from django.db.models.functions import Now
from moto.server import ThreadedMotoServer

from changping import environment
from matching import jobs
from matching.jobs import batches
from matching.models import Batch

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BUCKET = "batches"


@pytest.fixture
def bucket(monkeypatch, settings, tmp_path) -> Iterator[object]:
    """An empty bucket of a server on this machine, and the settings that lead there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-this-test")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        where = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
        client = boto3.client("s3", **where)
        client.create_bucket(Bucket=BUCKET)
        address = f"s3://{BUCKET}/changce?{urlencode(where)}"
        settings.STORAGES = {**settings.STORAGES, "batches": environment.batch_storage(address, tmp_path)}
        yield client
    finally:
        server.stop()


def kept(client) -> list[str]:
    return [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture(autouse=True)
def _bell(monkeypatch, settings):
    monkeypatch.setattr("matching.tasks.ring", lambda: True)
    settings.BATCH_CHUNK_ROWS = 10


def test_a_batch_is_received_matched_read_and_pruned_in_a_bucket(bucket, release, call, settings):
    rows = "".join(f"C{at},企业{at},{at}\n" for at in range(25))
    sent = call("POST", "batches", f"id,name,employees\n{rows}", content_type="text/csv")
    assert sent.status_code == 202, sent.content
    address = f"batches/{sent.json()['id']}"

    while jobs.do_next():
        pass

    batch = call("GET", address).json()
    assert (batch["state"], batch["accepted"]) == ("done", 25)
    assert all(name.startswith(f"changce/{batch['id']}/") for name in kept(bucket))
    assert not list((settings.BATCH_DIR / "kept").rglob("*"))
    whole = call("GET", f"{address}/results", accept="application/vnd.apache.parquet")
    ids = pq.read_table(io.BytesIO(b"".join(whole.streaming_content)))["id"].to_pylist()
    assert set(ids) == {f"C{at}" for at in range(25)}

    Batch.objects.update(finished_at=Now() - timedelta(days=settings.BATCH_KEEP_DAYS + 1))
    assert batches.prune() == 1
    assert kept(bucket) == []


def test_a_batch_goes_on_where_a_worker_was_that_had_the_file_on_its_own_disk(bucket, release, call, settings):
    rows = "".join(f"C{at},{at}\n" for at in range(25))
    sent = call("POST", "batches", f"id,employees\n{rows}", content_type="text/csv")
    jobs.do_next()
    # The next one works on another machine: what the first one copied is not there.
    for copy in settings.BATCH_WORK_DIR.glob("copy-*"):
        copy.unlink()

    while jobs.do_next():
        pass

    assert call("GET", f"batches/{sent.json()['id']}").json()["accepted"] == 25
