"""RTES_PRIVATE=title: visitors find private resources by title, type and year, and get nothing else of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from indexer.query import SearchRequest
from indexer.resource import Audience
from tests.support.privacy_archive import PRIVATE, PUBLIC, SHARED, Entry, Places, State
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_mails import SEARCHES, mails_to_a_visitor
from tests.support.privacy_routes import SHARED as LINK
from tests.support.privacy_routes import Asked, Known, every_route


def disguised(entry: Entry) -> Entry:
    """Return an entry with the same title, type and year, but another text, summary, address, theme and day; with a
    publication if it had none, and without one if it had.
    """
    day, month, year = (entry.published or "1 mai 1990").split()
    return replace(
        entry,
        name=f"autre-{entry.name}",
        text="Rien de ce que disait la première : ici, mirabelle et clavecin.",
        summary="Mirabelle." if entry.summary is None else None,
        themes=("Tout autre thème",),
        published=None if entry.published is None else f"{int(day) + 11} {month} {year}",
        publication=() if entry.publication else SHARED,
    )


STATE: State = (*PRIVATE, *PUBLIC)
OTHER: State = (*map(disguised, PRIVATE), *PUBLIC)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two archives whose private resources have only title, type and year in common."""
    places = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RTES_PRIVATE", "title")
        for number, state in enumerate((STATE, OTHER)):
            places.append(Places(tmp_path_factory.mktemp(f"titres-{number}")))
            places[-1].fill(state)
            places[-1].command("index")
    one, other = (Site(place, titles=True) for place in places)
    for site in (one, other):
        site.share()
    yield Pair(one, other)
    one.close()
    other.close()


def stubs(site: Site) -> list[str]:
    page = site.client.get("/api/v1/search?per_page=100", buffered=True)
    return [hit["id"] for hit in page.json["hits"] if hit["private"]]


def test_the_archives_are_what_they_are_meant_to_be(pair: Pair) -> None:
    for site in (pair.full, pair.public):
        assert len(site.ids(private=True)) == len(PRIVATE)
        titles = {(entry.title, entry.type, (entry.published or "")[-4:]) for entry in PRIVATE}
        assert len(stubs(site)) == len(titles)
    same = set(pair.full.ids(private=True)) & set(pair.public.ids(private=True))
    assert len(same) <= 1  # the one that is only in an export gets its id from its title


@pytest.mark.slow
def test_every_route_and_every_link_gives_the_same_bytes(pair: Pair) -> None:
    known = Known((*pair.full.ids(private=False), *stubs(pair.full)), pair.full.ids(private=True))
    for asked in every_route(pair.full.app, known, thorough=False):
        pair.ask(asked)
    pair.crawl(["/", "/?per_page=100", "/?q=zanzibar", "/?q=secret", "/flux.atom", "/export.csv"], limit=250)
    assert not pair.differences, pair.differences[0]


def test_a_visitor_reads_that_it_is_reserved_and_how_to_read_it(pair: Pair) -> None:
    site = pair.full
    for stub_id in stubs(site):
        page = site.client.get(f"/ressources/{stub_id}", buffered=True).get_data(as_text=True)
        assert "Réservée aux adhérents" in page
        assert "connectez-vous" in page
        assert 'content="noindex"' in page
    found = site.client.get("/?q=arbitrages+zanzibar", buffered=True).get_data(as_text=True)
    assert found.count("Réservée aux adhérents") >= 2
    assert "réservé aux adhérents" in site.client.get("/export.csv?q=arbitrages", buffered=True).get_data(as_text=True)
    for address in ("/flux.atom?q=arbitrages", "/export.bib?q=arbitrages", "/export.ris?q=arbitrages"):
        assert "Réservée aux adhérents" in site.client.get(address, buffered=True).get_data(as_text=True), address


def test_a_stub_tells_of_no_publication(pair: Pair) -> None:
    site = pair.full
    unknown = site.client.get("/ressources/rien/documents/1", buffered=True).status_code
    for stub_id in stubs(site):
        assert site.client.get(f"/api/v1/resources/{stub_id}", buffered=True).json["documents"] == []
        assert "documents/" not in site.client.get(f"/ressources/{stub_id}", buffered=True).get_data(as_text=True)
        for end in ("1", "1/pages/1", "1/pages/1/image", "1/recherche", "recherche"):
            assert (
                site.client.get(f"/ressources/{stub_id}/documents/{end}", buffered=True).status_code == unknown == 404
            )
    found = site.client.get("/api/v1/search?publication=oui&per_page=100", buffered=True).json["hits"]
    assert found
    assert not [hit for hit in found if hit["private"]]
    members = site.engine.search(SearchRequest(Audience.MEMBER, private=(True,), with_publication=True, per_page=100))
    assert members.total > 3


@pytest.mark.parametrize("arguments", SEARCHES)
def test_mails_to_visitors_name_none_of_them(pair: Pair, arguments: str) -> None:
    """Mails to visitors do not even have the titles of private resources, and are the same for both archives."""
    with mock.patch("secrets.token_urlsafe", return_value=f"mail-{arguments}"):
        one, other = (mails_to_a_visitor(site, arguments) for site in (pair.full, pair.public))
    assert one == other
    news = one[1]
    if news is not None:
        assert not [stub_id for stub_id in stubs(pair.full) if stub_id in news.text + news.html]
        assert "réservée" not in news.text + news.html


def test_a_shared_list_and_its_files_hold_none_of_them(pair: Pair) -> None:
    """A shared list has neither private resources nor notes on them, even though visitors know their titles."""
    site = pair.full
    for end in ("", *(f"/export.{ending}" for ending in ("csv", "bib", "ris", "jsonl"))):
        answer = pair.ask(Asked(f"/listes/{LINK}{end}"))
        assert answer.status == 200
        text = answer.body.decode()
        assert "Note publique" in text
        assert "Note privée" not in text
        assert not [stub_id for stub_id in (*stubs(site), *site.ids(private=True)) if stub_id in text]
    assert not pair.differences, pair.differences[0]


def test_no_sitemap_names_them(pair: Pair) -> None:
    site, text = pair.full, ""
    for address in ("/sitemap.xml", "/sitemap-1.xml"):
        text += site.client.get(address, buffered=True).get_data(as_text=True)
    assert not [stub_id for stub_id in stubs(site) if stub_id in text]


def test_a_member_is_led_from_the_stub_to_the_resource(pair: Pair) -> None:
    engine = pair.full.engine
    led = {getattr(engine.get(one, audience=Audience.MEMBER), "id", None) for one in stubs(pair.full)}
    assert led <= set(pair.full.ids(private=True))


def test_without_the_setting_the_same_index_shows_none_of_them(pair: Pair) -> None:
    site = Site(Places(Path(pair.full.app.extensions["archive"].settings.corpus).parent))
    try:
        assert stubs(site) == []
        assert "zanzibar" not in site.client.get("/?per_page=100", buffered=True).get_data(as_text=True).casefold()
    finally:
        site.close()
