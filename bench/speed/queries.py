"""Thirty queries of each kind, chosen by statistics of the corpus; the same corpus always gives the same queries.

They are chosen so that every engine does the same work: words without synonyms that are neither acronyms nor compounds;
pairs of words that enough pages share, so that no query is relaxed (answered with pages that lack some of its words);
phrases without stop words.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice, pairwise
from pathlib import Path

from bench.speed.base import Kind, Query
from bench.speed.statistics import Statistics
from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.query import Planner, parse
from indexer.query.plan import All, Any, Expand, Plan, Sequence, Words

EACH = 30
COMMON = 40
"""Number of most frequent words from which the thirty common words are taken; words with synonyms are skipped."""
FREQUENT = 200
"""Number of most frequent words from which pairs, triples and filtered words are drawn."""
_SHARED = 0.06
"""Smallest share of pages that contain both words of a pair, so that pages with only one of them are not returned."""


class _Chooser:
    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._planner = Planner(default_analyzer(), Synonyms.load(SYNONYMS_FILE, default_analyzer()))
        self._rng = random.Random(2026)
        holding = statistics.holding
        self._words = sorted(
            (term for term, typed in statistics.typed.items() if typed.isalpha() and len(typed) > 3),
            key=lambda term: (-holding[term], term),
        )

    def choose(self) -> list[Query]:
        """Return the queries of all seven kinds."""
        pages = self._statistics.pages
        rare = self._between(2, max(6, pages // 1000))
        common, frequent = self._words[:COMMON], self._words[:FREQUENT]
        return [
            *islice(self._single(Kind.RARE, rare), EACH),
            *islice(self._single(Kind.COMMON, common), EACH),
            *islice(self._two(frequent), EACH),
            *islice(self._any(frequent), EACH),
            *islice(self._phrases(), EACH),
            *islice(self._prefixes(), EACH),
            *islice(self._filtered(frequent), EACH),
        ]

    def _between(self, low: int, high: int) -> list[str]:
        return [term for term in self._words if low <= self._statistics.holding[term] <= high]

    def _shuffled(self, terms: list[str]) -> list[str]:
        return self._rng.sample(terms, len(terms))

    def _typed(self, *terms: str) -> list[str]:
        return [self._statistics.typed[term] for term in terms]

    def _plan(self, text: str) -> Plan:
        return self._planner.plan(parse(text)).strict

    def _single(self, kind: Kind, terms: list[str]) -> Iterator[Query]:
        for term in self._shuffled(terms):
            (text,) = self._typed(term)
            if _terms([self._plan(text)]) == (term,):
                yield Query(kind, text, (term,))

    def _two(self, frequent: list[str]) -> Iterator[Query]:
        for terms in pairwise(self._shuffled(frequent)):
            if self._statistics.together(*terms) < _SHARED:
                continue
            text = " ".join(self._typed(*terms))
            plan = self._plan(text)
            if isinstance(plan, All) and _terms(plan.children) == terms:
                yield Query(Kind.TWO, text, terms)

    def _any(self, frequent: list[str]) -> Iterator[Query]:
        shuffled = iter(self._shuffled(frequent))
        for terms in zip(shuffled, shuffled, shuffled, strict=False):
            text = " OU ".join(self._typed(*terms))
            plan = self._plan(text)
            if isinstance(plan, Any) and _terms(plan.children) == terms:
                yield Query(Kind.ANY, text, terms)

    def _phrases(self) -> Iterator[Query]:
        found = self._statistics
        frequent = sorted(found.phrases, key=lambda terms: (-found.phrases[terms], terms))[:120]
        for terms in self._rng.sample(frequent, len(frequent)):
            text = f'"{found.written[terms]}"'
            plan = self._plan(text)
            same = isinstance(plan, Sequence) and plan.items == tuple((term,) for term in terms)
            if same and len(set(terms)) == len(terms) and not found.further & set(terms):
                yield Query(Kind.PHRASE, text, terms)

    def _prefixes(self) -> Iterator[Query]:
        forms = self._statistics.forms
        lengths = (4, 5, 6)
        met: dict[str, None] = {}
        words = sorted(
            (form for form in forms if form.isalpha() and form.isascii() and len(form) > max(lengths)),
            key=lambda form: (-forms[form], form),
        )[:400]
        for number, form in enumerate(self._shuffled(words)):
            met.setdefault(form[: lengths[number % len(lengths)]])
        for prefix in met:
            plan = self._plan(prefix + "*")
            if isinstance(plan, Expand) and plan.pattern == prefix + "*":
                yield Query(Kind.PREFIX, prefix + "*", (prefix,))

    def _filtered(self, words: list[str]) -> Iterator[Query]:
        columns = self._statistics.columns
        frequent = sorted(columns, key=lambda key: (-columns[key], key))[:EACH]
        for number, query in enumerate(self._single(Kind.FILTER, words)):
            if not frequent:
                return
            type, year = frequent[number % len(frequent)]
            yield Query(Kind.FILTER, query.text, query.terms, type, year)


def _terms(plans: Iterable[Plan]) -> tuple[str, ...] | None:
    """Return the index term of each query plan; None if one of the plans is not a single word with a single term."""
    terms = []
    for plan in plans:
        if not isinstance(plan, Words) or len(plan.terms) != 1:
            return None
        terms.append(plan.terms[0])
    return tuple(terms)


def choose(statistics: Statistics) -> list[Query]:
    """Return the queries for a corpus; fewer than thirty of a kind if the corpus is too small."""
    return _Chooser(statistics).choose()


def save(queries: list[Query], path: Path) -> None:
    """Write queries to a file, from which `load` reads them."""
    path.write_text(json.dumps([asdict(query) for query in queries], ensure_ascii=False, indent=0), encoding="utf-8")


def load(path: Path) -> list[Query]:
    """Return the queries that `save` wrote to a file."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return [Query(**{**one, "kind": Kind(one["kind"]), "terms": tuple(one["terms"])}) for one in held]
