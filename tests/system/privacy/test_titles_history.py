"""RTES_PRIVATE=title: however a resource became private, visitors get the same as if it had always been private."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.corpus.corrections import Correction
from indexer.pipeline.correcting import corrections_of
from indexer.resource import Audience
from search_app.settings import SiteSettings
from tests.support.privacy_archive import PRIVATE, PUBLIC, Entry, Places, State, node, write
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import QUERIES, Asked
from tests.system.privacy.test_titles import disguised

# While all are public, a resource with the same title as one in an export makes the latter two resources until the next
# run.
ONES: tuple[Entry, ...] = tuple(replace(e, copies={"page": "Oui"}) for e in PRIVATE if e.name != "charte-interne")
OTHERS: State = (*map(disguised, ONES), *PUBLIC)
GONE = next(entry for entry in ONES if entry.name == "note-4")

ADDRESSES = (
    *(f"/?sort={sort}&per_page=100" for sort in ("-date", "date", "title", "relevance")),
    *(f"/api/v1/search?sort={sort}&per_page=100" for sort in ("-date", "date", "title")),
    *(f"/api/v1/search?q={query}&per_page=100" for query in QUERIES["q"] if query.isalpha()),
    *(f"/api/v1/suggest?q={start}" for start in ("a", "arb", "zan", "secret", "bi", "note")),
    *("/annees", "/themes", "/sitemap.xml", "/flux.atom", "/flux.atom?q=arbitrages", "/healthz", "/opensearch.xml"),
    *(f"/export.{ending}?q=arbitrages" for ending in ("csv", "bib", "ris", "jsonl")),
    *("/api/v1/search?theme=none", "/api/v1/search?private=oui", "/api/v1/search?year=none", "/?page=2"),
)
"""Addresses to request first; all links from there are followed."""


def privately(places: Places, entries: tuple[Entry, ...], correction: Correction) -> None:
    """Correct some resources as staff; the next run publishes the corrections."""
    folder = places.folder
    settings = SiteSettings(folder / "corpus", folder / "index", folder / "data", private_titles=True)
    site = Site(places, titles=True)
    wanted = {entry.link for entry in entries}
    for resource_id in (*site.ids(private=True), *site.ids(private=False)):
        found = site.engine.get(resource_id, audience=Audience.STAFF)
        if found is not None and found.url in wanted:
            wanted.remove(str(found.url))
            corrections_of(settings).change(resource_id, correction, actor="essai", title=found.title)
    assert not wanted
    site.close()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Places, State], Pair]]:
    """A function that pairs an archive with one whose private resources have always been private."""
    made: dict[tuple[str, ...], Places] = {}
    opened: list[Site] = []

    def compare(places: Places, other: State) -> Pair:
        names = tuple(entry.name for entry in other)
        if names not in made:
            made[names] = Places(tmp_path_factory.mktemp("toujours"))
            made[names].fill(other)
            made[names].command("index")
        opened.extend(Site(place, titles=True) for place in (places, made[names]))
        pair = Pair(*opened[-2:])
        ids = {*pair.full.ids(private=True), *pair.public.ids(private=True)}
        for address in (*ADDRESSES, *(f"/ressources/{one}" for one in sorted(ids))):
            pair.ask(Asked(address))
        pair.crawl(["/?per_page=100", "/?q=arbitrages"], limit=60)
        assert not pair.differences, pair.differences[0]
        return pair

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RTES_PRIVATE", "title")
        yield compare
    for site in opened:
        site.close()


@pytest.fixture
def living(tmp_path: Path, compared: Callable[[Places, State], Pair]) -> Places:
    """An archive in which all resources are public at first."""
    places = Places(tmp_path / "vivante")
    places.fill(tuple(entry.shown() for entry in (*ONES, *PUBLIC)))
    places.command("index")
    return places


@pytest.mark.slow
def test_staff_made_them_private_and_went_back(living: Places, compared: Callable[[Places, State], Pair]) -> None:
    privately(living, ONES, Correction(private=True))
    living.command("index")
    compared(living, OTHERS)
    living.command("index", "--previous")
    compared(living, OTHERS)
    privately(living, (GONE,), Correction(withdrawn=True))
    living.command("index")
    without = tuple(entry for entry in OTHERS if entry.title != GONE.title)
    compared(living, without)
    living.command("index", "--previous")
    compared(living, without)


@pytest.mark.slow
def test_an_import_made_them_private(living: Places, compared: Callable[[Places, State], Pair]) -> None:
    living.fill((*ONES, *PUBLIC))
    pair = compared(living, OTHERS)  # before the next indexing run
    assert len(pair.full.ids(private=True)) == len(ONES)
    living.command("index")
    compared(living, OTHERS)


def test_one_without_a_title_is_not_shown_by_the_beginning_of_its_text(
    living: Places, compared: Callable[[Places, State], Pair]
) -> None:
    """Members see the beginning of its text in place of a title; visitors get nothing of it."""
    untitled = node(body="Le parapheur mauve est dans le coffre de la trésorière.", private="Oui", title="")
    write(living.folder / "pages" / "sans.html", f"<html><body><main>{untitled}</main></body></html>")
    living.command("import", str(living.folder / "pages" / "sans.html"))
    living.command("index")
    site = Site(living, titles=True)
    (resource_id,) = site.ids(private=True)
    found = site.engine.get(resource_id, audience=Audience.MEMBER)
    assert found is not None
    assert found.title.startswith("Le parapheur mauve")
    site.close()
    compared(living, tuple(entry.shown() for entry in (*ONES, *PUBLIC)))
