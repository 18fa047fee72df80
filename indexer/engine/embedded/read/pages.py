"""Pages of publications that answer a plan, in the documents of one page of hits, and passages of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from typing import NamedTuple

import numpy as np

from indexer.analysis import Analyzer
from indexer.document.pages import MAYBE_HYPHEN, Page
from indexer.engine.embedded.kernels.layout import (
    FIELD_SHIFT,
    PAGED,
    POSITION_BITS,
    FloatArray,
    IntArray,
    starts_of_runs,
)
from indexer.engine.embedded.read.matching import item_keys, sequence_starts, term_idf
from indexer.engine.embedded.read.searcher import Searcher
from indexer.engine.embedded.read.snippets import expanded, first_pattern
from indexer.engine.protocol import PageTexts
from indexer.query import Highlight, Piece, scoring
from indexer.query.highlighting import matched_positions, positive_leaves
from indexer.query.page_highlighting import page_snippet
from indexer.query.page_tokens import doubtful_words
from indexer.query.plan import All, Any, Either, Expand, Plan, Sequence, Words

WEIGHT = scoring.WEIGHTS["publication"]
_FIELDS = (1 << (POSITION_BITS - FIELD_SHIFT)) - 1
_CACHED_PAGES = 1_024
"""Size of the cache of pages, some five megabytes; a full cache is emptied."""
_NO_PAGES = np.empty(0, dtype=np.int64)


class ScoredPages(NamedTuple):
    """Pages, by their first part in `PageColumns`, ascending, and the score of each (float64)."""

    pages: IntArray
    scores: FloatArray


_NONE = ScoredPages(_NO_PAGES, np.empty(0, dtype=np.float64))


def find_pages(plan: Plan, docs: Many[int], searcher: Searcher, held: Callable[[Plan], int]) -> ScoredPages:
    """Return the pages of some documents that answer a plan: they hold one of its positive leaves at least.

    The score of a page is the sum of the impacts of the leaves on it, each times its idf.

    Args:
        plan: the plan that matched.
        docs: the documents.
        searcher: the reader's searcher.
        held: returns how many resources of the reader a plan matches.
    """
    keys = searcher.precomputed.pages.keys
    bounds = [np.searchsorted(keys, np.array(docs, dtype=np.int64) + step << POSITION_BITS) for step in (0, 1)]
    published = np.sort(np.array(docs, dtype=np.int32)[bounds[0] < bounds[1]])
    if not len(published):
        return _NONE
    return _sum([part for part in _parts(plan, published, searcher, held) if len(part.pages)])


def _parts(plan: Plan, docs: IntArray, searcher: Searcher, held: Callable[[Plan], int]) -> Iterator[ScoredPages]:
    """Yield the pages of each part of a plan that counts as one word."""
    if isinstance(plan, All | Any):
        for child in plan.children:
            yield from _parts(child, docs, searcher, held)
    elif isinstance(plan, Either):
        idf = scoring.idf(held(plan), searcher.count)
        ways = [_leaf(way, docs, searcher) for way in plan.alternatives]
        pages = np.unique(np.concatenate([way.pages for way in ways]))
        best = np.zeros(len(pages), dtype=np.float64)
        for number, way in enumerate(ways):
            places = np.searchsorted(pages, way.pages)
            best[places] = np.maximum(best[places], way.scores * (scoring.SYNONYM_WEIGHT if number else 1.0))
        yield ScoredPages(pages, best * idf)
    elif isinstance(plan, Words | Sequence | Expand):
        found = _leaf(plan, docs, searcher)
        if isinstance(plan, Sequence):
            idf = sum(term_idf(item, searcher) for item in plan.items)
        else:
            idf = scoring.idf(held(plan), searcher.count)
        yield ScoredPages(found.pages, found.scores * idf)


def _sum(parts: list[ScoredPages]) -> ScoredPages:
    if len(parts) < 2:
        return parts[0] if parts else _NONE
    pages = np.unique(np.concatenate([part.pages for part in parts]))
    scores = np.zeros(len(pages), dtype=np.float64)
    for part in parts:
        scores[np.searchsorted(pages, part.pages)] += part.scores
    return ScoredPages(pages, scores)


def _leaf(plan: Words | Sequence | Expand, docs: IntArray, searcher: Searcher) -> ScoredPages:
    """Return the pages that hold a leaf, and its impact on each."""
    if "publication" not in plan.fields:
        return _NONE
    if isinstance(plan, Expand):
        parts = searcher.expanded_pages(plan.pattern, docs)
        return _by_page(parts, np.full(len(parts), scoring.impact(WEIGHT, 1.0, scoring.K1)), searcher)
    if isinstance(plan, Words):
        keys = item_keys([plan.terms], searcher, docs)[plan.terms]
    else:
        keys = sequence_starts(plan, searcher, docs)
    places = np.searchsorted(searcher.precomputed.pages.keys, keys[_in_publications(keys)], side="right") - 1
    first = starts_of_runs(places)
    parts = places[first]
    counts = np.diff(first, append=len(places))
    return _by_page(
        parts, scoring.impact(WEIGHT, counts, searcher.precomputed.pages.norms[parts].astype(np.float64)), searcher
    )


def _by_page(parts: IntArray, impacts: FloatArray, searcher: Searcher) -> ScoredPages:
    """Return the pages of some parts, and the impact on the best part of each."""
    firsts = searcher.precomputed.pages.firsts[parts]
    if not len(parts) or (firsts[1:] > firsts[:-1]).all():
        return ScoredPages(firsts, impacts)
    pages, places = np.unique(firsts, return_inverse=True)
    best = np.zeros(len(pages), dtype=np.float64)
    np.maximum.at(best, places, impacts)
    return ScoredPages(pages, best)


def best_pages(found: ScoredPages, doc: int, count: int, searcher: Searcher) -> tuple[list[int], int]:
    """Return the best of some pages that belong to one document, ties in their order, and how many there are."""
    bounds = np.array([doc, doc + 1], dtype=np.int64) << POSITION_BITS
    low, high = np.searchsorted(searcher.precomputed.pages.keys[found.pages], bounds).tolist()
    pages = found.pages[low:high]
    order = np.lexsort((searcher.precomputed.pages.names[pages], -found.scores[low:high]))[:count]
    return pages[order].tolist(), high - low


def in_order(found: ScoredPages, searcher: Searcher) -> list[int]:
    """Return pages of one document in the order of its publications."""
    ordered: list[int] = found.pages[np.argsort(searcher.precomputed.pages.names[found.pages])].tolist()
    return ordered


def _in_publications(keys: IntArray) -> IntArray:
    return np.flatnonzero((keys >> FIELD_SHIFT & _FIELDS) == PAGED)


class PageFields(NamedTuple):
    """What page hits show of a page: the number of its publication, its number there, and its label."""

    document: int
    number: int
    label: str | None


def page_fields(page: int, searcher: Searcher) -> PageFields:
    """Return what page hits show of a page, given its first part."""
    segment, number = searcher.page_place(page)
    return PageFields(
        int(segment.page_documents[number]), int(segment.page_numbers[number]), segment.page_labels[number] or None
    )


class PageReader:
    """Reads pages of publications, and caches them: words that are looked for again are on the same pages.

    Args:
        texts: gives the pages; None has none.
    """

    def __init__(self, texts: PageTexts | None) -> None:
        self._texts = texts
        self._known: dict[tuple[str, int], Page | None] = {}

    def page(self, text: str, number: int) -> Page | None:
        """Return a page, or None if it is not kept; see `PageTexts`.

        Raises:
            EngineError: texts cannot be read.
        """
        if self._texts is None:
            return None
        name = text, number
        if name not in self._known:
            if len(self._known) >= _CACHED_PAGES:
                self._known.clear()
            self._known[name] = self._texts.page(text, number)
        return self._known.get(name)

    def forget(self) -> None:
        """Empty the cache."""
        self._known.clear()


class Passages:
    """Makes passages of the pages of a few documents.

    Args:
        plan: the plan that matched.
        docs: the documents.
        searcher: the reader's searcher.
        analyzer: analyses words of pages for prefixes and wildcards, which the arrays cannot locate.
    """

    def __init__(self, plan: Plan, docs: Many[int], searcher: Searcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        self._leaves = [leaf for leaf in positive_leaves(plan) if "publication" in leaf.fields]
        self._patterns = [(group, leaf) for group, leaf in enumerate(self._leaves) if isinstance(leaf, Expand)]
        items = {
            item
            for leaf in self._leaves
            if not isinstance(leaf, Expand)
            for item in ((leaf.terms,) if isinstance(leaf, Words) else leaf.items)
        }
        self._keys = item_keys(items, searcher, np.sort(np.array(docs, dtype=np.int32)))

    def passage(self, page: int, text: Page) -> tuple[Piece, ...]:
        """Return the best passage of a page.

        Args:
            page: its first part, as in `PageColumns`.
            text: its text.
        """
        return page_snippet(text, self._highlights(page, text))

    def _highlights(self, page: int, text: Page) -> list[Highlight]:
        groups: dict[int, int] = {}
        segment, number = self._searcher.page_place(page)
        start, size = int(self._searcher.precomputed.pages.keys[page]), int(segment.page_lengths[number])
        for group, leaf in enumerate(self._leaves):
            if isinstance(leaf, Expand):
                continue
            items = (leaf.terms,) if isinstance(leaf, Words) else leaf.items
            reach = 0 if isinstance(leaf, Words) else sum(leaf.gaps) + leaf.slop
            for place in matched_positions(leaf, [self._places(item, start, size, reach) for item in items]):
                if 0 <= place < size:
                    groups.setdefault(place, group)
        first = int(self._searcher.precomputed.pages.tokens[page])
        starts = segment.span_starts[first : first + size].cumsum(dtype=np.int64)
        lengths = segment.span_lengths[first : first + size]
        places = np.array(sorted(groups), dtype=np.int64)
        spans = zip(places.tolist(), starts[places].tolist(), lengths[places].tolist(), strict=True)
        found = [Highlight(begin, begin + length, groups[place]) for place, begin, length in spans]
        if self._patterns:
            patterns = expanded(text.text, self._patterns, starts, lengths, self._analyzer)
            joined = self._joined(text.text, starts, lengths, {one.start for one in patterns})
            found = sorted([*found, *patterns, *joined], key=lambda one: one.start)
        return [one for one in found if one.end <= len(text.text)]

    def _joined(self, text: str, starts: IntArray, lengths: IntArray, marked: set[int]) -> list[Highlight]:
        """Return the highlights of patterns that match what a doubtful hyphen joins, in words not marked already."""
        if MAYBE_HYPHEN not in text:
            return []
        places = {start: start + length for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)}
        ends = {end: start for start, end in places.items()}
        highlights = []
        for doubt in doubtful_words(text):
            first, last = ends.get(doubt.end_of_first), doubt.start_of_last
            found = first_pattern(doubt.joined, self._patterns, self._analyzer)
            if found is not None and first is not None and last in places:
                group = self._patterns[found][0]
                highlights += [Highlight(at, places[at], group) for at in (first, last) if at not in marked]
        return highlights

    def _places(self, item: tuple[str, ...], start: int, size: int, reach: int) -> list[int]:
        """Return the positions of an item on a page and up to `reach` positions around it, from the page's first."""
        keys = self._keys[item]
        low = keys.searchsorted(start - reach)
        high = keys.searchsorted(start + size + reach)
        places: list[int] = (keys[low:high] - start).tolist()
        return places
