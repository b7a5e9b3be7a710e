"""A disk without room: what cannot be stored is refused, nothing is half-written, and it goes on when there is room again."""

from __future__ import annotations

import errno
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from companies.outages import is_outage
from tests.matching.scene import SET_UP, Scene

# The limit of a file's size stands for the disk: writing beyond it fails in the middle of a file, as on a full disk.
FILL_UP = """
import json, resource
from pathlib import Path
from django.conf import settings
from django.test import Client
from companies.actions import make_key
from companies.models import Partner, PartnerCompany, Scope
from matching.models import Batch

partner = Partner.objects.create(name="Partner A", contact="a@example.com")
_key, secret = make_key(partner=partner, label="x", scopes=Scope.values, by=None)
client = Client(raise_request_exception=False, SERVER_NAME="localhost", headers={"authorization": f"Bearer {secret}"})

def company(number):
    sent = json.dumps({"name": "x" * 200, "reference": str(number)})
    return client.post("/api/v1/companies", sent, content_type="application/json")

def batch():
    rows = "id,employees\\n" + "".join(f"C{n},1\\n" for n in range(20_000))
    return client.post("/api/v1/batches", rows, content_type="text/csv")

def files():
    return sorted(str(path) for path in Path(settings.BATCH_DIR).rglob("*") if path.is_file())

acknowledged, refused, number = [], [], 0
log = Path(str(settings.DATABASES["default"]["NAME"]) + "-wal")
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
before = files()
full_batch = batch()
batch_left = files() == before and not Batch.objects.exists()
resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 600_000, hard))
while len(refused) < 3 and number < 500:
    answer = company(number)
    if answer.status_code == 201:
        acknowledged.append(str(number))
    else:
        refused.append([answer.status_code, answer.headers.get("Retry-After"), answer.headers["Content-Type"]])
    number += 1
page = client.post("/start/", {"name": "x", "founded": "yes"})
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
after = [company(number).status_code, batch().status_code]
stored = sorted(PartnerCompany.objects.filter(partner=partner).values_list("reference", flat=True), key=int)
print(json.dumps({
    "acknowledged": acknowledged, "refused": refused, "page": page.status_code, "after": after, "stored": stored,
    "batch": full_batch.status_code, "batch_left_nothing": batch_left, "number": number,
}))
"""


@pytest.mark.slow
def test_what_has_no_room_is_refused_whole_and_the_rest_stays(tmp_path: Path):
    scene = Scene(tmp_path)
    scene.run(SET_UP)

    said = json.loads(scene.run(FILL_UP).splitlines()[-1])

    assert len(said["acknowledged"]) > 3
    assert said["refused"] == [[503, "5", "application/problem+json"]] * 3
    assert (said["batch"], said["batch_left_nothing"]) == (503, True)
    assert said["page"] == 503
    assert said["after"] == [201, 202]
    assert said["stored"] == [*said["acknowledged"], str(said["number"])]
    with closing(sqlite3.connect(scene.database)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("number", "is_one"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EFBIG, True), (errno.ENOENT, False)]
)
def test_only_a_file_without_room_is_an_outage(number: int, is_one: bool):
    assert is_outage(OSError(number, "")) is is_one
