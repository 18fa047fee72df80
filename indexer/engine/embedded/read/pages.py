"""Pages of publications that answer a plan, in the documents of one page of hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from typing import NamedTuple

import numpy as np

from indexer.engine.embedded.kernels.layout import (
    FIELD_SHIFT,
    PAGED,
    POSITION_BITS,
    FloatArray,
    IntArray,
    distinct,
    starts_of_runs,
)
from indexer.engine.embedded.read.matching import item_keys, sequence_starts, term_idf
from indexer.engine.embedded.read.searcher import Searcher
from indexer.query import scoring
from indexer.query.plan import All, Any, Either, Expand, Plan, Sequence, Words

WEIGHT = scoring.WEIGHTS["publication"]
_FIELDS = (1 << (POSITION_BITS - FIELD_SHIFT)) - 1
_NO_PAGES = np.empty(0, dtype=np.int64)


class ScoredPages(NamedTuple):
    """Pages, ascending, and the score of each (float64). Each page is given as the row in `PageColumns` of its first
    part (a page has a body, and running headers and footers).
    """

    pages: IntArray
    scores: FloatArray


_NONE = ScoredPages(_NO_PAGES, np.empty(0, dtype=np.float64))


def find_pages(plan: Plan, docs: Many[int], searcher: Searcher, held: Callable[[Plan], int]) -> ScoredPages:
    """Return the pages of some documents that answer a plan: those that hold at least one of its leaves (words,
    phrases, patterns) that are not excluded.

    The score of a page is the sum of the impacts of the leaves on it, each times its idf.

    Args:
        plan: the plan that matched.
        docs: the documents.
        searcher: the searcher of the audience, visitors or members.
        held: returns, for a plan, how many resources of this audience match it.
    """
    keys = searcher.precomputed.pages.keys
    if not len(keys):
        return _NONE
    bounds = [np.searchsorted(keys, np.array(docs, dtype=np.int64) + step << POSITION_BITS) for step in (0, 1)]
    published = np.sort(np.array(docs, dtype=np.int32)[bounds[0] < bounds[1]])
    if not len(published):
        return _NONE
    return _sum([part for part in _parts(plan, published, searcher, held) if len(part.pages)])


def _parts(plan: Plan, docs: IntArray, searcher: Searcher, held: Callable[[Plan], int]) -> Iterator[ScoredPages]:
    """Yield the scored pages that hold each word, phrase or pattern of a plan; alternatives count as one word."""
    if isinstance(plan, All | Any):
        for child in plan.children:
            yield from _parts(child, docs, searcher, held)
    elif isinstance(plan, Either):
        idf = scoring.idf(held(plan), searcher.count)
        ways = [_leaf(way, docs, searcher) for way in plan.alternatives]
        pages = distinct(*(way.pages for way in ways))
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
    pages = distinct(*(part.pages for part in parts))
    scores = np.zeros(len(pages), dtype=np.float64)
    for part in parts:
        scores[np.searchsorted(pages, part.pages)] += part.scores
    return ScoredPages(pages, scores)


def _leaf(plan: Words | Sequence | Expand, docs: IntArray, searcher: Searcher) -> ScoredPages:
    """Return the pages that hold a leaf (a word, phrase or pattern), and its impact on each."""
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
    """Return the pages that some parts (body, or running headers and footers) belong to, each with its best impact.

    Args:
        parts: rows in `PageColumns`, ascending.
        impacts: impact on each part.
        searcher: the searcher of the audience, visitors or members.
    """
    firsts = searcher.precomputed.pages.firsts[parts]
    if not len(parts) or (firsts[1:] > firsts[:-1]).all():
        return ScoredPages(firsts, impacts)
    pages, places = np.unique(firsts, return_inverse=True)  # noqa: TID251
    best = np.zeros(len(pages), dtype=np.float64)
    np.maximum.at(best, places, impacts)
    return ScoredPages(pages, best)


def best_pages(found: ScoredPages, count: int, searcher: Searcher) -> dict[int, tuple[list[int], int]]:
    """Return, by document, its `count` best pages, ties in the order of pages, and how many pages were found in it."""
    columns = searcher.precomputed.pages
    owners = columns.keys[found.pages] >> POSITION_BITS
    order = np.lexsort((columns.names[found.pages], -found.scores, owners))
    ranked = found.pages[order].tolist()
    docs, firsts, totals = np.unique(owners, return_index=True, return_counts=True)  # noqa: TID251
    return {
        doc: (ranked[first : first + min(total, count)], total)
        for doc, first, total in zip(docs.tolist(), firsts.tolist(), totals.tolist(), strict=True)
    }


def in_order(found: ScoredPages, searcher: Searcher) -> list[int]:
    """Return pages of one document in the order of its publications."""
    ordered: list[int] = found.pages[np.argsort(searcher.precomputed.pages.names[found.pages])].tolist()
    return ordered


def _in_publications(keys: IntArray) -> IntArray:
    return np.flatnonzero((keys >> FIELD_SHIFT & _FIELDS) == PAGED)


class PageFields(NamedTuple):
    """What page hits show of a page: the number of its publication, its number in the file, and the label printed on it
    where that is not its number (else None).
    """

    document: int
    number: int
    label: str | None


def page_fields(page: int, searcher: Searcher) -> PageFields:
    """Return what page hits show of a page, given the row of its first part in `PageColumns`."""
    segment, number = searcher.page_place(page)
    return PageFields(
        int(segment.page_documents[number]), int(segment.page_numbers[number]), segment.page_labels[number] or None
    )
