"""Resources with publications, for tests of the site: their files, the text of their pages, an app over them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from flask import Flask

from indexer.corpus import PUBLICATIONS, Originals
from indexer.document.pages import MAYBE_HYPHEN, Page, Span
from indexer.publications import DOCX, PAGE_IMAGES, PDF, PageImages
from indexer.resource import PublishedDocument, Resource
from search_app.settings import SiteSettings
from search_app.web.context import PublicationFiles
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.publications import PROSE, Sheet, docx, paragraph, pdf
from tests.support.site import make_app

PUBLIC, PRIVATE = "r-00", "r-20"
HEADER = "Guide de la restauration"

_PAGES = (
    ("i", "Sommaire\nRestauration, foncier, monnaie locale."),
    ("ii", ""),
    ("1", f"{HEADER}\nLa légumerie prépare les carottes des cantines."),
    ("2", f"{HEADER}\nUn arrière{MAYBE_HYPHEN}plan : la légumerie et son atelier de découpe."),
    *((str(number), f"{HEADER}\nPage {number}, sans autre propos que la légumerie.") for number in range(3, 31)),
    ("31", f"{HEADER}\nAnnexe : le calendrier des quetsches."),
)
SECRET = "quetschotine"


def page(number: int, label: str, text: str) -> Page:
    """Return a page; a label that equals the number is dropped, and `HEADER` as first line becomes a running header."""
    running = (Span(0, len(HEADER)),) if text.startswith(HEADER + "\n") else ()
    return Page(number, None if label == str(number) else label, text, running)


GUIDE = tuple(page(number, label, text) for number, (label, text) in enumerate(_PAGES, 1))
NOTES = (Page(1, None, "Notes de lecture : la légumerie, en un seul document."),)
SECRETS = (Page(1, None, f"Le pôle verse {SECRET} aux membres."), Page(2, None, "Suite réservée."))


def document(n: int, name: str, content: bytes, pages: Sequence[Page], media_type: str = PDF) -> PublishedDocument:
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    return PublishedDocument(
        n=n,
        name=name,
        digest=digest,
        text=f"{digest}-texte",
        media_type=media_type,
        size=len(content),
        status="read",
        labels=tuple(one.label for one in pages),
        empty_pages=tuple(one.number for one in pages if one.is_empty),
    )


@cache
def contents() -> tuple[bytes, bytes, bytes]:
    """Return the content of the three files: the guide (PDF), the notes (DOCX) and the private publication (PDF)."""
    guide = pdf([Sheet(one.text.split("\n")) for one in GUIDE], title="Guide")
    notes = docx(paragraph(PROSE))
    return guide, notes, pdf([Sheet([one.text]) for one in SECRETS])


@cache
def documents() -> tuple[PublishedDocument, PublishedDocument, PublishedDocument]:
    guide, notes, secret = contents()
    return (
        document(1, "guide de la légumerie.pdf", guide, GUIDE),
        document(2, "notes.docx", notes, NOTES, DOCX),
        document(1, "plan-secret.pdf", secret, SECRETS),
    )


def published_resources() -> tuple[Resource, ...]:
    """Return the demo resources, one public and one private of them with publications."""
    guide, notes, secret = documents()
    held = {PUBLIC: (guide, notes), PRIVATE: (secret,)}
    return tuple(replace(one, documents=held.get(one.id, ())) for one in demo_resources())


def published_engine(resources: tuple[Resource, ...] | None = None) -> FakeEngine:
    guide, notes, secret = documents()
    texts = {guide.text: GUIDE, notes.text: NOTES, secret.text: SECRETS}
    return FakeEngine(published_resources() if resources is None else resources, texts=texts)


def published_app(settings: SiteSettings, engine: FakeEngine) -> Flask:
    """Return a site over an engine, with the files of its publications."""
    originals = Originals(settings.corpus / PUBLICATIONS)
    for held, content in zip(documents(), contents(), strict=True):
        path: Path = originals.path(held.digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    app = make_app(settings, engine)
    site = app.extensions["archive"]
    files = PublicationFiles(originals, engine, PageImages(settings.index / PAGE_IMAGES))
    app.extensions["archive"] = replace(site, publications=files)
    return app
