"""What somebody calls a company or writes into a policy is text in the PDF: no file is read, no server is asked, nothing runs."""

from __future__ import annotations

import copy
import re
import subprocess
import sys

import pypdfium2
import pytest

from companies.facts import read_profile
from matching.engine.report import make_report
from matching.rendering.document import as_document
from policies.rules.book import read_rulebook
from tests.guarding.payloads import for_documents
from tests.matching.catalogue import POLICY, SNAPSHOT, offer
from tests.matching.rendering.sixty import DAY
from tests.matching.webhooks.receiver import a_receiver

SECRET = "canary-in-a-file-5318008"


def report_saying(texts: list[str]) -> dict:
    """A report in which these stand wherever somebody can write something that comes into the document."""
    snapshot = copy.deepcopy(SNAPSHOT)
    offers = []
    for at, text in enumerate(texts):
        both = {"en": text, "zh": text}
        one = {**offer(f"offer-{at}", "established", {"in_kind": both}), "title": both, "clause": text[:60]}
        one["requires"]["all"].append({"judged": both, "clause": text[:60]})
        offers.append(one)
    policy = {**copy.deepcopy(POLICY), "title": {"en": texts[0], "zh": texts[0]}, "offers": offers}
    rulebook = read_rulebook({**snapshot, "policies": [policy]}, number=1)
    profile, _faults = read_profile(rulebook.vocabulary, {"established": True})
    return make_report(rulebook, profile, DAY, {"name": " ".join(texts[:4]), "other_name": texts[5]})


@pytest.mark.slow
def test_no_text_makes_the_document_read_a_file_or_ask_a_server(tmp_path):
    file = tmp_path / "canary.txt"
    file.write_text(SECRET)
    with a_receiver() as server:
        texts = for_documents(str(file), server.url.rstrip("/"))
        made = as_document(report_saying(texts), "en")

    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made))
    assert len(texts) == 30
    assert server.letters == []
    assert SECRET not in told
    assert SECRET.encode() not in made
    assert "sys.inputs.content" not in told, "the template itself was read"
    flat = re.sub(r"\s", "", told)
    for text in texts:
        assert re.sub(r"\s", "", text)[:12] in flat, f"{text} does not stand there as text"


@pytest.mark.slow
def test_the_document_holds_nothing_that_acts(tmp_path):
    made = as_document(report_saying(for_documents(str(tmp_path / "x"), "http://server.example")), "zh-hans")

    for word in (
        b"/JavaScript",
        b"/JS ",
        b"/Launch",
        b"/EmbeddedFile",
        b"/OpenAction",
        b"/SubmitForm",
        b"/GoToR",
        b"/RichMedia",
    ):
        assert word not in made, word
    links = re.findall(rb"/URI \(([^)]*)\)", made)
    assert all(one.startswith(b"https://") for one in links), links


TYPESET = """
import sys, typst
sys.stdout.buffer.write(typst.compile(sys.stdin.buffer.read(), root=sys.argv[1], format="pdf"))
"""


@pytest.mark.slow
def test_the_same_text_as_markup_would_read_the_file(tmp_path):
    """The canary is one: were the text taken for markup, the first of the payloads would be found."""
    (tmp_path / "canary.txt").write_text(SECRET)
    done = subprocess.run(
        [sys.executable, "-c", TYPESET, str(tmp_path)], input=b'#read("/canary.txt")', capture_output=True, check=True
    )

    told = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(done.stdout))
    assert SECRET in told
