"""The text given to the other engines: the terms of our analysis, encoded as plain ASCII words.

Each word of a text is replaced by the first term that our analysis gives it. Further terms of words (of compounds,
acronyms, inclusive forms) are appended to the field, so that the other engines find the same documents. Written forms,
which prefixes match, are a separate field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.analysis import Analyzer, Word
from indexer.corpus import PAGE_CACHE, Corpus, PageCache
from indexer.query import TextField
from indexer.query.fields import AnalysedResource, analyse
from indexer.query.indexed import form_entries
from indexer.resolution import Copy, merge_copies, resolve_all
from indexer.resource import Resource
from indexer.settings import Settings

FIELDS = ("title", "summary", "body")
_SEPARATOR = "qq"
"""Word between a field's text and the further terms that are appended, so that no phrase matches across it."""
_UNSAFE = re.compile(r"[^a-z0-9]")


def encode(term: str) -> str:
    """Return a term encoded as one word of small letters and digits, whatever characters it contains."""
    return _UNSAFE.sub(lambda sign: f"q{ord(sign[0]):x}q", term)


@dataclass(frozen=True, slots=True)
class Fed:
    """A resource as given to the other engines.

    Attributes:
        resource: the resource, whose title, type, year, themes and privacy are indexed.
        texts: the encoded terms of each of `FIELDS`, separated by spaces.
        forms: the distinct written forms of its words, folded and encoded.
    """

    resource: Resource
    texts: tuple[str, str, str]
    forms: str


class Feeder:
    """Encodes resources for the other engines; caches the encoding of each word, as our own writer does."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._known: dict[int, tuple[str, tuple[str, ...], tuple[str, ...]]] = {}
        self._words: list[Word] = []  # keeps the words alive, so that ids are not reused

    def analyse(self, resource: Resource) -> AnalysedResource:
        """Return a resource analysed, which is the first step of our own writer too."""
        return analyse(resource, self._analyzer)

    def feed(self, analysed: AnalysedResource) -> Fed:
        """Return an analysed resource in the encoded form for the other engines."""
        texts = dict.fromkeys(FIELDS, "")
        forms: dict[str, None] = {}
        for field in analysed.fields:
            name = TextField(field.field).name.lower()
            if name not in texts:
                continue
            first: list[str] = []
            further: list[str] = []
            for token in field.tokens:
                own, others, written = self.encoded(token.word)
                first.append(own)
                if others:
                    further += others
                forms.update(dict.fromkeys(written))
            texts[name] = " ".join([*first, _SEPARATOR, *further] if further else first)
        return Fed(analysed.resource, (texts["title"], texts["summary"], texts["body"]), " ".join(forms))

    def encoded(self, word: Word) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Return the first term of a word, its other terms, and its written forms, all encoded."""
        return self._known.get(id(word)) or self._learn(word)

    def _learn(self, word: Word) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        own, *others = map(encode, word.terms)
        written = tuple(dict.fromkeys(encode(entry.partition("\0")[0]) for entry in form_entries(word)))
        self._words.append(word)
        known = self._known[id(word)] = own, tuple(others), written
        return known


def resources(settings: Settings) -> Iterator[Resource]:
    """Yield every resource of a corpus, as an indexing run does; pages that were parsed before are not parsed again."""
    corpus = Corpus(settings.corpus, create=False)
    parsed = PageCache(settings.index / PAGE_CACHE, base=settings.site_url)
    try:
        rows = {row.path: row for row in corpus.scan().pages}
        for group in resolve_all(corpus, parsed, {}, tuple(rows.values())):
            copies = []
            for mention in group.mentions:
                row = rows[mention.path]
                page = parsed.page(row.digest)
                listed = (page.theme,) if page.theme is not None else ()
                copies.append(Copy(page.nodes[mention.ordinal], row.path, row.themes or listed))
            yield merge_copies(group.id, copies, group.warnings)
    finally:
        parsed.close()
        corpus.close()
