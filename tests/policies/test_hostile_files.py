"""Files from somebody who means harm, or who only packed the wrong thing: each is answered with what, where and what to do."""

from __future__ import annotations

import io
import random
import re
import stat
import struct
import time
import warnings
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from policies.catalogue_files import (
    CATALOGUE_DIR,
    policy_files,
    read_catalogue_folder,
    read_upload,
    write_archive,
)
from policies.catalogue_files.archives import MAX_ENTRIES, MAX_UNPACKED, MAX_UPLOAD
from policies.models import Policy, PolicyVersion
from tests.policies.conftest import MINI

TEXT = (MINI / "policies" / "cp-mini.yaml").read_text(encoding="utf-8")


def packed(*entries, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there twice
        with zipfile.ZipFile(made, "w", method) as archive:
            for name, content in entries:
                archive.writestr(name, content)
    return made.getvalue()


def link(name, target):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target


def locked(content):
    """The same archive with the mark that its entries are encrypted."""
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(magic) + place
        content = content[:at] + b"\x01\x00" + content[at + 2 :]
    return content


def lying(content):
    """The same archive, whose directory says that the first file has 10 bytes."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + struct.pack("<I", 10) + content[at + 4 :]


def policy(body):
    return f"policy: cp-x\n{body}".encode()


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
NOISE = random.Random(7).randbytes(60_000).hex()

HOSTILE = {
    "a zip bomb": (packed(("policies/a.yaml", b"a" * 30_000_000)), "bomb"),
    "a bomb in many small pieces": (
        packed(*[(f"policies/p{n}.yaml", f"policy: p{n}\nnote: {NOISE}") for n in range(60)]), "too-much",
    ),
    "a bomb that lies about its size": (lying(packed(("policies/a.yaml", b"a" * 30_000_000))), "damaged-archive"),
    "ten thousand entries": (packed(*[(f"policies/p{n}.yaml", b"") for n in range(10_000)]), "too-many-files"),
    "a zip in a zip only": (packed(("inner.zip", packed(("policies/a.yaml", TEXT)))), "no-catalogue"),
    "a name that climbs": (packed(("../../etc/policies/a.yaml", TEXT)), "unsafe-name"),
    "a name that climbs with backslashes": (packed(("..\\..\\policies\\a.yaml", TEXT)), "unsafe-name"),
    "an absolute name": (packed(("/etc/policies/a.yaml", TEXT)), "unsafe-name"),
    "a name of a drive": (packed(("C:/policies/a.yaml", TEXT)), "unsafe-name"),
    "a name with a NUL": (packed(("policies/ab.yaml", TEXT)).replace(b"ab.yaml", b"a\x00.yaml"), "unsafe-name"),
    "a name with a line break": (packed(("policies/a\nb.yaml", TEXT)), "unsafe-name"),
    "the same name twice": (packed(("policies/a.yaml", TEXT), ("policies/a.yaml", TEXT)), "twice"),
    "the same place in two folders": (packed(("x/policies/a.yaml", TEXT), ("y/policies/a.yaml", TEXT)), "twice"),
    "the same policy under two names": (packed(("a.yaml", TEXT), ("b.yaml", TEXT)), "twice"),
    "only a link": (packed(link("policies/a.yaml", "/etc/passwd")), "no-catalogue"),
    "a password": (locked(packed(("policies/a.yaml", TEXT))), "locked"),
    "an unusual packing": (packed(("policies/a.yaml", TEXT), method=zipfile.ZIP_LZMA), "packing"),
    "half a zip": (packed(("policies/a.yaml", TEXT))[:500], "damaged-archive"),
    "a zip without anything": (packed(), "no-catalogue"),
    "only its first letters": (b"PK\x03\x04", "damaged-archive"),
    "too many values in all": (
        packed(*[(f"p{n}.yaml", f"policy: p{n}\nx: [{','.join(map(str, range(10_000)))}]") for n in range(12)]), "too-much",
    ),
    "nothing": (b"", "empty"),
    "only blanks": (b" \n\n", "empty"),
    "aliases that laugh": (policy(LAUGHS), "alias"),
    "a merge of an alias": (policy("a: &x {b: 1}\nc: {<<: *x}"), "alias"),
    "deep lists": (policy("x: " + "[" * 100_000), "too-deep"),
    "deep mappings": (policy("x: " + "{a: " * 100_000), "too-deep"),
    "deep by indentation": (policy("x:\n" + "".join(" " * n + "a:\n" for n in range(1, 300))), "too-deep"),
    "a python tag": (policy("x: !!python/object/apply:os.system ['touch /tmp/x']"), "tag"),
    "a binary tag": (policy("x: !!binary aGVsbG8="), "tag"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "not-utf8"),
    "GBK": (TEXT.encode("gb18030"), "not-utf8"),
    "UTF-16": (TEXT.encode("utf-16"), "not-utf8"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "not-utf8"),
    "Latin-1": ("policy: cp-x\nnote: Ünïcode\n".encode("latin-1"), "not-utf8"),
    "ten megabytes of text": (policy("note: " + "a" * 9_900_000), "file-too-big"),
    "more than can be sent": (policy("note: " + "a" * MAX_UPLOAD), "upload-too-big"),
    "one endless word": (policy("note: " + "a" * 900_000), "text-too-long"),
    "too many values": (policy("x: [" + "a," * 60_000 + "]"), "too-many-values"),
    "a NUL as it is": (policy("note: a\x00b"), "control-char"),
    "half a pair": (policy('note: "\\ud800"'), "yaml-syntax"),
    "two documents": (policy("---\npolicy: cp-y\n"), "many-documents"),
    "a list": (b"- a\n- b\n", "not-a-policy"),
    "a word": (b"hello\n", "not-a-policy"),
    "a policy without a key": (b"title: {en: a, zh: b}\n", "not-a-policy"),
    "a list for a key": (b"policy: [a]\n", "not-a-policy"),
    "a name that is not the key": (packed(("policies/cp-y.yaml", TEXT)), "file-name"),
    "a list that is not one of ours": (packed(("reference/evil.yaml", "- key: a\n")), "file-name"),
}  # fmt: skip

UNFIT = {
    "a NUL written out": (policy('note: "a\\0b"'), "control-char", 2),
    "a key with a slash": (b"policy: ../x\n", "bad_key", 1),
    "a key with a NUL": (b'policy: "a\\0"\n', "bad_key", 1),
    "a key in Chinese": ("policy: 政策\n".encode(), "bad_key", 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_refused_with_its_reason_in_both_languages_and_soon(name):
    content, code = HOSTILE[name]
    began = time.process_time()

    upload = read_upload("x", content)

    assert code in [fault.code for fault in upload.faults], upload.faults
    assert not upload.policies or code in ("twice", "file-name")
    for fault in upload.faults:
        assert re.search("[\u4e00-\u9fff]", fault.message.zh)
        assert fault.message.en
    assert time.process_time() - began < 20


def test_a_wrong_encoding_is_called_by_its_name():
    for encoding, name in (("gb18030", "GBK"), ("utf-16", "UTF-16")):
        (fault,) = read_upload("x.yaml", TEXT.encode(encoding)).faults

        assert name in fault.message.en
        assert name in fault.message.zh
        assert "UTF-8" in fault.message.zh


def test_a_link_among_files_is_passed_over_and_not_followed():
    upload = read_upload("x.zip", packed(link("policies/cp-b.yaml", "/etc/passwd"), ("policies/cp-mini.yaml", TEXT)))

    assert list(upload.policies) == ["cp-mini"]
    assert [name for name, _why in upload.passed_over] == ["policies/cp-b.yaml"]


def test_names_are_shown_on_one_line_from_left_to_right_and_not_without_end():
    names = ["policies/\u202egnp.txt", "policies/" + "x" * 300 + ".txt"]

    upload = read_upload("x.zip", packed(*[(name, "x") for name in names], ("policies/cp-mini.yaml", TEXT)))

    shown = [name for name, _why in upload.passed_over]
    assert not any("\u202e" in name for name in shown)
    assert max(map(len, shown)) == 120


def test_no_change_of_a_byte_makes_an_archive_that_falls_over():
    whole, dice = packed(("policies/cp-mini.yaml", TEXT), ("reference/zones.yaml", "[]")), random.Random(3)

    for _try in range(1_500):
        broken = bytearray(whole)
        for _byte in range(dice.randint(1, 6)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        read_upload(
            "x.zip", bytes(broken[: dice.randint(len(broken) // 2, len(broken))] if dice.random() < 0.3 else broken)
        )


def test_the_limits_leave_room_for_ten_times_the_catalogue():
    catalogue = read_catalogue_folder(CATALOGUE_DIR)
    files = policy_files(catalogue.to_snapshot())
    sent = write_archive(files, datetime(2026, 11, 30, tzinfo=UTC))

    assert read_upload("x.zip", sent).faults == ()
    assert len(files) * 10 < MAX_ENTRIES
    assert sum(len(text.encode()) for text in files.values()) * 10 < MAX_UNPACKED
    assert len(sent) * 10 < MAX_UPLOAD


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*HOSTILE, *UNFIT])
def test_the_page_answers_each_and_stores_nothing(enter, mini, chen, name):
    content = (HOSTILE | UNFIT)[name][0]
    client = enter(chen)
    client.cookies["django_language"] = "zh-hans" if len(name) % 2 else "en"

    answer = client.post("/desk/files/look/", {"file": SimpleUploadedFile("x.yaml", content)})

    assert answer.status_code in (413, 422)
    assert answer.context["faults"]
    assert not PolicyVersion.objects.open().exists()
    assert Policy.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", UNFIT)
def test_what_no_database_can_hold_is_refused_with_its_line(enter, mini, chen, name):
    content, code, line = UNFIT[name]

    answer = enter(chen).post("/desk/files/look/", {"file": SimpleUploadedFile("x.yaml", content)})

    assert [(fault.code, fault.line) for fault in answer.context["faults"]] == [(code, line)]
    assert f"x.yaml:{line}:" in answer.content.decode()


MISSHAPEN = [
    "title: [1, 2]", "title: 7\nissuer: {a: {b: c}}", "offers: 3", "offers: {a: b}", "offers: [1, null, [x], {}]",
    "offers: [{offer: [x], requires: 7, benefit: [], stacking: {}, window: a}]", "requires: {all: {all: 1}}",
    "requires: [{when: 1}]", "cases: {}", "cases: [1, {case: [], facts: 1, expect: []}]", "sources: {a: 1}",
    "effective: 2026", "zones: zone", "note: <script>alert(1)</script>", "title: {en: '<b>x</b>', zh: \u202e反}",
    "level: null", "checked: 20260101", "true: 1\nnull: 2", "offers: [{offer: a, title: 1, benefit: {band: 1}}]",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("body", MISSHAPEN)
def test_a_policy_of_any_shape_is_shown_loaded_and_opened_as_a_draft(enter, mini, chen, body):
    client = enter(chen)
    answer = client.post("/desk/files/look/", {"file": SimpleUploadedFile("x.yaml", policy(body))})
    assert answer.status_code == 200, answer.context["faults"]
    sent = {"kept": answer.context["kept"], "plan": answer.context["plan"].seen, "take": "cp-x", "why": "x"}

    done = client.post("/desk/files/load/", sent, follow=True)

    assert done.status_code == 200
    assert "<script>alert" not in done.content.decode()
    assert PolicyVersion.objects.open().get().policy.key == "cp-x"
    assert client.get("/desk/files/catalogue-with-drafts.zip").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("kept", ["", "!", "UEsDBA==", "\x00", "é", "A" * 100_000])
def test_a_form_that_was_tampered_with_loads_nothing(enter, mini, chen, kept):
    answer = enter(chen).post("/desk/files/load/", {"kept": kept, "plan": "\x00", "take": "cp-mini", "why": "x"})

    assert answer.status_code == 422
    assert not PolicyVersion.objects.open().exists()
