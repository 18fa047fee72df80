"""Statistics by which queries are chosen, such as how many pages hold each term. They are collected while the indexes
of the other engines are written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from indexer.analysis import Token
from indexer.query import FIELD_NAMES
from indexer.query.fields import AnalysedResource
from indexer.query.indexed import form_entries

SAMPLE = 2000
"""Approximate number of pages of the sample, in which neighbouring words are counted."""
_LOOKED_AT = frozenset(FIELD_NAMES[name] for name in ("title", "summary", "body"))


@dataclass
class Statistics:
    """Counts over a corpus.

    Attributes:
        pages: number of pages, which is known beforehand.
        holding: number of pages that hold each term.
        typed: the first written form that occurred of each term.
        further: terms that some word has besides its first term; queries with phrases avoid them.
        forms: number of pages that hold each folded form.
        phrases: how often each sequence of two or three neighbouring words, as terms, occurs in the sample. Only words
            of letters that have one term and are no stop words are counted.
        written: each sequence in `phrases`, as written where it first occurred.
        sample: terms of each page of the sample.
        columns: number of pages of each type and year.
    """

    pages: int
    holding: Counter[str] = field(default_factory=Counter)
    typed: dict[str, str] = field(default_factory=dict)
    further: set[str] = field(default_factory=set)
    forms: Counter[str] = field(default_factory=Counter)
    phrases: Counter[tuple[str, ...]] = field(default_factory=Counter)
    written: dict[tuple[str, ...], str] = field(default_factory=dict)
    sample: list[frozenset[str]] = field(default_factory=list)
    columns: Counter[tuple[str, int]] = field(default_factory=Counter)
    _seen: int = 0

    def add(self, analysed: AnalysedResource) -> None:
        """Add a page, given as an analysed resource, to all counts."""
        resource = analysed.resource
        if resource.type is not None and resource.year is not None:
            self.columns[resource.type, resource.year] += 1
        fields = [field.tokens for field in analysed.fields if field.field in _LOOKED_AT]
        words = {id(token.word): token.word for tokens in fields for token in tokens}.values()
        terms = {term for word in words for term in word.terms}
        self.holding.update(terms)
        self.forms.update({entry.partition("\0")[0] for word in words for entry in form_entries(word)})
        for word in words:
            self.further.update(word.terms[1:])
            if not word.stop and len(word.terms) == 1:
                self.typed.setdefault(word.terms[0], word.exact)
        if self._seen % max(1, self.pages // SAMPLE) == 0:
            self.sample.append(frozenset(terms))
            for tokens in fields:
                self._count_phrases(tokens)
        self._seen += 1

    def _count_phrases(self, tokens: list[Token]) -> None:
        plain = [not t.word.stop and len(t.word.terms) == 1 and t.word.exact.isalpha() for t in tokens]
        for at, (one, two) in enumerate(pairwise(tokens)):
            if plain[at] and plain[at + 1]:
                self._count_phrase((one, two))
                if at + 2 < len(tokens) and plain[at + 2]:
                    self._count_phrase((one, two, tokens[at + 2]))

    def _count_phrase(self, tokens: tuple[Token, ...]) -> None:
        terms = tuple(token.word.terms[0] for token in tokens)
        self.phrases[terms] += 1
        self.written.setdefault(terms, " ".join(token.word.exact for token in tokens))

    def together(self, *terms: str) -> float:
        """Return the share of the sample's pages that hold all the given terms."""
        return sum(page.issuperset(terms) for page in self.sample) / max(1, len(self.sample))
