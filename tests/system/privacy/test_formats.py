"""Imports of MHTML, WARC and with a profile: visitors get the bytes of an archive without private resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.archive import page, write
from tests.support.mhtml import mhtml, part
from tests.support.other_sites import SPIP_PROFILE, WORDPRESS_PROFILE, spip_page, wordpress_article, wordpress_page
from tests.support.privacy_archive import Places
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import Known, every_route
from tests.support.warc import response, warc

SITE = "https://reseau.example"
PUBLIC, PRIVATE, SILENT = ("Non", "libre", "Ouverte à tous"), ("Oui", "adherents", "Abonnés"), (None, None, None)
KINDS = {"public": PUBLIC, "zanzibar": PRIVATE, "quetsche": SILENT}


def fill(archive: Places, *, private: bool) -> None:
    """Import and index pages of each format; if `private`, also private ones and ones that state no privacy."""
    pages, captures, articles = archive.folder / "pages", [], []
    for number, (word, (label, access, reading)) in enumerate(KINDS.items(), 1):
        if label != "Non" and not private:
            continue
        text = f"La coopérative {word} réunit la commune et les habitants."
        html = page(f"Guide {word}", private=label, body=text, theme=f"Thème {word}").encode()
        address = f"Snapshot-Content-Location: {SITE}/guide-{word}\r\n"
        write(pages / f"{word}.mhtml", mhtml(part(html, encoding="base64"), headers=address))
        # A public capture, and a later private one.
        for year, said in ((2019, "Non" if label is None else label), (2023, label)):
            html = page(f"Note {word}", private=said, body=f"{text} En {year}.").encode()
            captures.append(response(f"{SITE}/note-{word}", html, date=f"{year}-01-01T00:00:00Z"))
        articles.append(wordpress_article(f"Fiche {word}", access=access, text=text, n=number))
        write(
            archive.folder / "spip" / f"{word}.html",
            spip_page(f"Revue {word}", reading=reading, text=text).replace("12", f"1{number}"),
        )
    write(pages / "crawl.warc.gz", warc(*captures, compressed=True))
    write(archive.folder / "wp" / "liste.html", wordpress_page(*articles, path="/theme/eau"))
    archive.command("import", str(pages))
    for name, profile in (("wp", WORDPRESS_PROFILE), ("spip", SPIP_PROFILE)):
        path = write(archive.folder / f"{name}.toml", profile)
        archive.command("import", str(archive.folder / name), "--profile", str(path))
    archive.command("index")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, plain_environment: None) -> Iterator[Pair]:
    places = [Places(tmp_path_factory.mktemp(name)) for name in ("complete", "publique")]
    for archive, private in zip(places, (True, False), strict=True):
        fill(archive, private=private)
    both = Pair(Site(places[0]), Site(places[1]))
    yield both
    both.full.close()
    both.public.close()


def test_the_archives_are_what_they_are_meant_to_be(pair: Pair) -> None:
    assert (len(pair.public.ids(private=False)), len(pair.public.ids(private=True))) == (4, 0)
    assert (len(pair.full.ids(private=False)), len(pair.full.ids(private=True))) == (4, 8)


def test_every_route_and_link_gives_the_same_bytes(pair: Pair) -> None:
    known = Known(pair.public.ids(private=False), pair.full.ids(private=True))
    for asked in every_route(pair.full.app, known, thorough=False):
        pair.ask(asked)
    pair.crawl(["/", "/themes", "/?per_page=100", "/?q=zanzibar", "/?q=quetsche"], limit=150)
    assert pair.differences == []
