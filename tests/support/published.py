"""Publications for tests of engines: resources with pages, and the text of these, from which engines cut passages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from indexer.document.pages import Page, Span
from indexer.engine import DocumentPages, Engine
from indexer.query import FORMATS
from indexer.resource import PublishedDocument, Resource

RUNNING = "= "
"""Prefix of lines that `paged` takes as running headers or footers; it is not part of the page's text."""

_kept: dict[tuple[str, int], Page] = {}
"""Every page that a test made, by the key of its publication's text (a hash of all its pages) and its number."""


class KeptTexts:
    """A `PageTexts` (gives engines the text of pages, to cut passages from) with all pages that tests made."""

    def page(self, text: str, number: int, /) -> Page | None:
        return _kept.get((text, number))


@dataclass(frozen=True, slots=True)
class Published:
    """A resource and the pages of its publications, as writers take them."""

    resource: Resource
    texts: tuple[DocumentPages, ...]


def paged(text: str, number: int = 1, label: str | None = None) -> Page:
    """Return a page; lines that begin with `RUNNING` are running headers or footers."""
    lines, running, place = [], [], 0
    for line in text.split("\n"):
        plain = line.removeprefix(RUNNING)
        if plain != line:
            running.append(Span(place, place + len(plain)))
        lines.append(plain)
        place += len(plain) + 1
    return Page(number, label, "\n".join(lines), tuple(running))


def published(
    resource: Resource,
    *publications: Iterable[str],
    formats: Iterable[str] = (),
    labels: Iterable[str | None] = (),
    title: str | None = None,
) -> Published:
    """Return a resource with publications.

    Args:
        resource: the resource.
        publications: for each, the texts of its pages; an empty one is a page without text.
        formats: the format of each, a name in `FORMATS`; PDF by default.
        labels: labels of the first pages, the same for each publication; other pages have none.
        title: title in the properties of each publication.
    """
    names = [*labels]
    documents, texts = [], []
    for n, pages in enumerate(map(list, publications), start=1):
        made = [
            paged(text, number, names[number - 1] if number <= len(names) else None)
            for number, text in enumerate(pages, start=1)
        ]
        name = ([*formats] + ["pdf"] * n)[n - 1]
        key = hashlib.sha256(repr(made).encode()).hexdigest()[:16]
        _kept.update({(key, page.number): page for page in made})
        documents.append(
            PublishedDocument(
                n=n,
                name=f"document-{n}.{name}",
                digest=key,
                text=key,
                media_type=FORMATS.get(name, "application/octet-stream"),
                size=1000,
                status="read",
                title=title,
                labels=tuple(page.label for page in made),
                empty_pages=tuple(page.number for page in made if page.is_empty),
            )
        )
        texts.append(DocumentPages(n, tuple(page for page in made if not page.is_empty)))
    return Published(replace(resource, documents=tuple(documents)), tuple(texts))


def publish(engine: Engine, *resources: Published | Resource, fresh: bool = False) -> None:
    """Publish a generation of the index with some resources and their publications added; `fresh` drops all others."""
    with engine.writer(fresh=fresh) as writer:
        for each in resources:
            if isinstance(each, Published):
                writer.put(each.resource, each.texts)
            else:
                writer.put(each)
