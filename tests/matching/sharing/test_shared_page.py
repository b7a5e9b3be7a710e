"""What a link shows and no more, when it ends, and what is kept of its openings."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.guessing import MISSES_A_MINUTE
from matching.actions import shared as verbs
from matching.jobs import shared_links
from matching.models import LinkOpening, SharedLink, Shows
from matching.rendering.anchors import anchor_of
from tests.matching.sharing.conftest import AMOUNT, NAME, SPENDING, STAFF


def read(address, **headers):
    """The page as a clean browser gets it."""
    page = Client().get(address, headers=headers)
    assert page.status_code == 200
    return page, page.content.decode()


SCOPES = {
    (Shows.VERDICTS, False): (),
    (Shows.VERDICTS, True): (NAME,),
    (Shows.AMOUNTS, False): (AMOUNT,),
    (Shows.AMOUNTS, True): (NAME, AMOUNT),
    (Shows.FIGURES, False): (STAFF, SPENDING, AMOUNT),
    (Shows.FIGURES, True): (NAME, STAFF, SPENDING, AMOUNT),
}


@pytest.mark.parametrize(("shows", "named"), SCOPES)
def test_a_link_shows_what_was_chosen_and_nothing_beyond(share, report, shows, named):
    _, address = share(shows, named)

    _, text = read(address)

    assert tuple(one for one in (NAME, STAFF, SPENDING, AMOUNT) if one in text) == SCOPES[shows, named]


@pytest.mark.parametrize(("shows", "named"), SCOPES)
def test_nothing_that_leads_further_is_on_the_page(share, report, company, version, lin, shows, named):
    link, address = share(shows, named)

    page, text = read(address)

    told = text + str(page.headers)
    ids = [report.public_id, company.public_id, version.public_id, link.public_id, report.request.public_id]
    secrets = [*map(str, ids), report.digest[:12], version.digest[:12], link.digest[:12], lin.email, link.note or "?!"]
    assert [one for one in secrets if one in told] == []
    inner = ("/companies/", "/reports/", "/matches/", "/links/", "/partner/", "/accounts/", "/shared/")
    assert [path for path in re.findall(r'(?:href|src|action)="(/[^"]*)"', text) if path.startswith(inner)] == []


def test_without_amounts_their_order_does_not_tell_of_them(share, lin, report):
    _, address = share(Shows.VERDICTS)

    _, text = read(address)

    ids = ("cp-small-2026/founding-reward", "cp-small-2026/large-team", "cp-small-2026/research-reward")
    places = [text.index(f'id="{anchor_of(one)}"') for one in ids]
    assert places == sorted(places)


@pytest.mark.parametrize("shows", Shows)
def test_a_shared_page_is_for_no_search_engine_archive_or_other_site(share, shows):
    page, text = read(share(shows)[1])

    assert page.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert {"private", "no-store"} <= set(re.split(r",\s*", page.headers["Cache-Control"]))
    assert '<meta name="robots" content="noindex' in text
    assert "<form" not in text  # without a referrer, no browser says where a form comes from


def test_the_page_can_be_read_in_either_language(share):
    _, address = share()

    assert 'lang="zh-hans"' in read(f"{address}?language=zh-hans")[1]
    assert 'lang="en"' in read(f"{address}?language=en", **{"accept-language": "zh-CN"})[1]
    assert 'lang="zh-hans"' in read(f"{address}?language=xx", **{"accept-language": "zh-CN"})[1]


def gone(share, lin):
    ended, over, live = share(), share(), share()
    verbs.revoke_link(link=ended[0], by=lin)
    SharedLink.objects.filter(pk=over[0].pk).update(expires_at=timezone.now())
    unknown = reverse("matching:shared", args=["x" * 43])
    by_id = reverse("matching:shared", args=[str(live[0].public_id)])
    by_digest = reverse("matching:shared", args=[live[0].digest])
    return [ended[1], over[1], unknown, by_id, by_digest, reverse("matching:shared", args=["%00\u202e长"])]


def test_ended_expired_and_unknown_links_look_alike(share, lin):
    pages = [Client().get(address) for address in gone(share, lin)]

    assert {page.status_code for page in pages} == {404}
    assert "Please ask the person who sent it" in pages[0].content.decode()
    # The page's own address, and the tokens against forged requests, differ on each.
    own = re.compile(r'(name="(csrfmiddlewaretoken|next)" value="[^"]*")|("X-CSRFToken": "[^"]*")')
    assert len({own.sub("", page.content.decode()) for page in pages}) == 1


def test_an_ended_link_is_over_at_once_for_whoever_reads(share, lin):
    link, address = share()
    reader = Client()
    assert reader.get(address).status_code == 200

    client = Client()
    client.force_login(lin)
    client.post(reverse("matching:revoke_link", args=[link.public_id]))

    assert reader.get(address).status_code == 404


def test_who_tries_many_links_is_turned_away_also_from_one_that_is_right(share):
    _, address = share()
    for _ in range(MISSES_A_MINUTE):
        Client().get(reverse("matching:shared", args=[uuid4().hex]))

    assert Client().get(address).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").get(address).status_code == 200


def test_only_the_digest_of_a_link_is_kept(share):
    link, address = share()

    token = address.rstrip("/").rsplit("/", 1)[1]
    assert len(token) == 43  # 256 bits
    link.refresh_from_db()
    assert token not in str(link.__dict__)


def test_openings_are_written_down_without_an_address(share):
    link, address = share()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1"

    Client().get(address, headers={"user-agent": agent, "accept-language": "zh-CN"})
    Client().get(address, headers={"user-agent": "curl/8 <b>x</b>"})
    Client().head(address)

    link.refresh_from_db()
    seen = [(one.client, one.language) for one in link.openings.all()]
    assert (link.opened, seen) == (2, [("", "en"), ("Safari, iPhone", "zh-hans")])
    assert {field.name for field in LinkOpening._meta.get_fields()} == {"id", "link", "at", "language", "client"}


def test_of_a_link_that_is_opened_all_day_the_newest_openings_are_kept(share, monkeypatch):
    link, _ = share()
    monkeypatch.setattr(verbs, "KEPT_OPENINGS", 3)

    for number in range(5):
        verbs.write_down_opening(link=link, language="en", client=str(number))

    link.refresh_from_db()
    assert (link.opened, [one.client for one in link.openings.all()]) == (5, ["4", "3", "2"])


def test_links_that_have_been_over_for_long_are_erased_with_their_log(share, lin):
    (old, _), (fresh, _), (live, _) = share(), share(), share(days=90)
    for link in (old, live):
        verbs.write_down_opening(link=link, language="en", client="")
    verbs.revoke_link(link=fresh, by=lin)
    SharedLink.objects.filter(pk=old.pk).update(expires_at=timezone.now() - shared_links.KEPT - timedelta(days=1))

    assert shared_links.forget() == 1
    assert shared_links.forget() == 0
    assert set(SharedLink.objects.all()) == {fresh, live}
    assert LinkOpening.objects.get().link == live


def test_a_link_goes_with_its_company(share, company):
    share()

    company.delete()

    assert not SharedLink.objects.exists()


def test_a_shared_page_asks_the_database_the_same_each_time(share, django_assert_num_queries):
    _, address = share()

    with django_assert_num_queries(6):  # the link, and four with their savepoint for the log
        read(address)
