"""Publications made from real ones: as many as are wanted, of sixty pages each, and the resources that they belong to.

Every page consists of paragraphs of two real pages. One word in forty is replaced by a made name, so that the
vocabulary grows with the number of publications, as it does in real archives.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from bench.speed.pages import say
from indexer.document.pages import Page
from indexer.engine import DocumentPages
from indexer.publications import Publication, PublicationCache, Status, read_publication
from indexer.resource import PublishedDocument, Resource, YearSource

SHARED = Path(__file__).resolve().parents[3] / "shared" / "publications" / "fichiers"
"""Folder of the real publications, which are not part of the project."""
PAGES = 60
_TYPES = ("Guide", "Rapport", "Étude", "Fiche", "Actes", "Note")
_THEMES = ("Habitat", "Mobilité", "Achats", "Alimentation", "Énergie", "Culture", "Numérique", "Santé", "Emploi", "Eau")
_NAMES = 60_000
_FEWEST_CHARACTERS = 400
_SYLLABLES = "ba be bri cla dor fau gé li lou mar né or pla que ri sau ta ver vi zan".split()
_WORD = re.compile(r"\w+")


def available() -> bool:
    """Return whether the real publications are beside the checkout."""
    return SHARED.is_dir()


class RealTexts:
    """Gives engines the pages of the bench's publications; implements `PageTexts` of the engine.

    Args:
        path: the cache in which the pages are kept.
    """

    def __init__(self, path: Path) -> None:
        self._cache = PublicationCache(path)

    def page(self, text: str, number: int, /) -> Page | None:
        """Return the page with a number of the publication whose text has the key `text`; None if there is none."""
        return self._cache.page(text, number)

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()


def real_pages(cache: PublicationCache) -> list[list[str]]:
    """Return the paragraphs of every page of the real publications that has `_FEWEST_CHARACTERS` or more."""
    found = []
    for path in sorted(SHARED.iterdir()):
        publication = cache.read(f"real {path.name}", lambda path=path: read_publication(path))
        found += [
            [page.text[start:end] for start, end in page.body]
            for page in publication.searchable
            if len(page.text) >= _FEWEST_CHARACTERS
        ]
    return [[line for part in parts for line in part.split("\n")] for parts in found]


def make(folder: Path, count: int) -> None:
    """Make `count` publications and write them into the cache of a folder, unless an earlier run has done so."""
    done = folder / "made"
    if done.exists():
        return
    cache = PublicationCache(folder / "texts.sqlite")
    try:
        real = real_pages(cache)
        say(f"{len(real)} real pages; making {count * PAGES} of them")
        for number in range(count):
            drawn = random.Random(number)
            pages = tuple(Page(n, None, _page(real, drawn)) for n in range(1, PAGES + 1))
            cache.put(key(number), Publication("application/pdf", Status.READ, "", pages))
    finally:
        cache.close()
    done.touch()


def _page(real: list[list[str]], drawn: random.Random) -> str:
    lines = [line for page in drawn.sample(real, 2) for line in page[:: drawn.choice((1, -1))]]
    text = "\n".join(lines[: max(1, len(lines) // 2)])
    return _WORD.sub(lambda word: _name(drawn) if drawn.random() < 0.025 else word[0], text)


def _name(drawn: random.Random) -> str:
    number = int(_NAMES * drawn.random() ** 3)
    chosen = random.Random(number)
    return "".join(chosen.choices(_SYLLABLES, k=chosen.choice((3, 4)))).capitalize()


def key(number: int) -> str:
    """Return the key under which the cache holds the text of the publication with a number."""
    return f"made {number}"


def resources(folder: Path, count: int, *, pages: bool = True) -> Iterator[tuple[Resource, tuple[DocumentPages, ...]]]:
    """Yield each resource with the pages of its publication (without, if `pages` is false)."""
    cache = PublicationCache(folder / "texts.sqlite")
    try:
        for number in range(count):
            publication = cache.get(key(number))
            if publication is None:
                raise FileNotFoundError(key(number))
            held = (DocumentPages(1, publication.searchable),) if pages else ()
            yield _resource(number, publication), held
    finally:
        cache.close()


def _resource(number: int, publication: Publication) -> Resource:
    drawn = random.Random(-1 - number)
    words = [word for page in drawn.sample(publication.pages, 3) for word in page.text.split()]
    document = PublishedDocument(
        n=1,
        name=f"publication-{number}.pdf",
        digest=key(number),
        text=key(number),
        media_type="application/pdf",
        size=1_000_000,
        status="read",
        labels=publication.labels,
    )
    return Resource(
        id=f"r{number:06}",
        url=None,
        title=" ".join(words[:8]).capitalize(),
        body=" ".join(words[40:400]),
        summary=" ".join(words[8:40]),
        type=drawn.choice(_TYPES),
        private=drawn.random() < 0.2,
        themes=tuple(drawn.sample(_THEMES, drawn.randint(0, 3))),
        date=None,
        year=drawn.randint(2008, 2026),
        year_source=YearSource.PAGE,
        documents=(document,),
    )
