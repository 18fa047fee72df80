"""Filters, facet counts and orders over the documents that match a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.engine.embedded.arrays import BoolArray, FloatArray, IntArray
from indexer.engine.embedded.matching import near_bonus
from indexer.engine.embedded.world import World
from indexer.parsing.themes import theme_key
from indexer.query import ranking
from indexer.query.facets import Counts, build_facets
from indexer.query.plan import Pair
from indexer.query.request import Facets, SearchRequest, Sort


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents that pass every filter and their scores; and, for the facets, those that match the query alone."""

    docs: IntArray
    scores: FloatArray
    matching: IntArray
    tests: _Tests


def select(docs: IntArray, scores: FloatArray, request: SearchRequest, world: World) -> Selection:
    """Filter documents.

    Args:
        docs: documents that match the query, rising.
        scores: score of each.
        request: its filters are applied.
        world: the reader's.
    """
    tests = _Tests(docs, request, world)
    every = _both(tests.type, tests.year, tests.theme, tests.private)
    if every is None:
        return Selection(docs, scores, docs, tests)
    return Selection(docs[every], scores[every], docs, tests)


def count_facets(selection: Selection, request: SearchRequest, world: World) -> Facets:
    """Count each facet under all filters but its own."""
    docs, tests = selection.matching, selection.tests
    return build_facets(
        request,
        types=_type_counts(_kept(docs, _both(tests.year, tests.theme, tests.private)), world),
        years=_year_counts(_kept(docs, _both(tests.type, tests.theme, tests.private)), world),
        themes=_theme_counts(_kept(docs, _both(tests.type, tests.year, tests.private)), world),
        private=_private_counts(_kept(docs, _both(tests.type, tests.year, tests.theme)), world),
        theme_key=theme_key,
    )


class _Tests:
    """For each filter, which of the documents pass it; None where the filter is not set."""

    def __init__(self, docs: IntArray, request: SearchRequest, world: World) -> None:
        self.type = _type_test(docs, request, world) if request.types else None
        self.year = _year_test(docs, request, world)
        self.theme = _theme_test(docs, request, world) if request.themes else None
        self.private: BoolArray | None = None
        if request.private:
            is_private = docs >= world.private_from
            self.private = np.zeros(len(docs), dtype=bool)
            for wanted in request.private:
                self.private |= is_private == wanted


def _type_test(docs: IntArray, request: SearchRequest, world: World) -> BoolArray:
    values, codes = world.types
    wanted = [
        -1 if asked is None else values.index(asked) for asked in request.types if asked is None or asked in values
    ]
    return np.isin(codes[docs], wanted)


def _year_test(docs: IntArray, request: SearchRequest, world: World) -> BoolArray | None:
    if not request.years and request.year_from is None and request.year_to is None:
        return None
    years = world.years[docs]
    passed = np.ones(len(docs), dtype=bool)
    if request.years:
        passed &= np.isin(years, [asked or 0 for asked in request.years])
    if request.year_from is not None:
        passed &= (years != 0) & (years >= request.year_from)
    if request.year_to is not None:
        passed &= (years != 0) & (years <= request.year_to)
    return passed


def _theme_test(docs: IntArray, request: SearchRequest, world: World) -> BoolArray:
    themes = world.prepared.themes
    has = np.zeros(world.size, dtype=bool)
    wanted = [themes.keys.get(theme_key(asked), -1) for asked in request.themes if asked is not None]
    has[themes.owners[np.isin(themes.codes, wanted)]] = True
    if None in request.themes:
        without = np.ones(world.size, dtype=bool)
        without[themes.owners] = False
        has |= without
    return has[docs]


def _both(*tests: BoolArray | None) -> BoolArray | None:
    passed: BoolArray | None = None
    for test in tests:
        if test is not None:
            passed = test if passed is None else passed & test
    return passed


def _kept(docs: IntArray, test: BoolArray | None) -> IntArray:
    return docs if test is None else docs[test]


def _type_counts(docs: IntArray, world: World) -> Counts[str]:
    values, codes = world.types
    counts = np.bincount(codes[docs] + 1, minlength=len(values) + 1)
    return Counts({value: int(n) for value, n in zip(values, counts[1:], strict=True) if n}, int(counts[0]))


def _year_counts(docs: IntArray, world: World) -> Counts[int]:
    counts = np.bincount(world.years[docs], minlength=1)
    return Counts({int(year): int(counts[year]) for year in np.flatnonzero(counts) if year}, int(counts[0]))


def _theme_counts(docs: IntArray, world: World) -> Counts[str]:
    themes = world.prepared.themes
    inside = np.zeros(world.size, dtype=bool)
    inside[docs] = True
    mine = inside[themes.owners]
    counts = np.bincount(themes.codes[mine], minlength=len(themes.names))
    having = np.count_nonzero(np.diff(themes.owners[mine], prepend=-1)) if mine.any() else 0
    named = {name: int(n) for name, n in zip(themes.names, counts, strict=True) if n}
    return Counts(named, len(docs) - int(having))


def _private_counts(docs: IntArray, world: World) -> tuple[int, int]:
    private = int(np.count_nonzero(docs >= world.private_from))
    return len(docs) - private, private


def best(
    selection: Selection, order: Sort, first: int, count: int, world: World, *, pairs: tuple[Pair, ...] = ()
) -> list[tuple[int, float]]:
    """One page of the selection: document and score, in order, ties by id.

    Args:
        selection: what `select` kept.
        order: the sort in force.
        first: hits to pass over.
        count: hits wanted.
        world: the reader's.
        pairs: neighbouring words of the query: the best resources are ranked again by how near they stand.
    """
    docs, scores = selection.docs, selection.scores
    if first >= len(docs):
        return []
    if order is Sort.RELEVANCE:
        reach = max(first + count, ranking.RERANKED if pairs else 0)
        chosen = _top_scores(scores, reach)
        chosen = chosen[np.lexsort((world.prepared.id_rank[docs[chosen]], -scores[chosen]))]
        if pairs:
            near = np.sort(chosen[: ranking.RERANKED])
            scores = scores.copy()
            scores[near] += near_bonus(pairs, docs[near], world)
            # The bonus is never negative, so that those ranked again stay before the others.
            chosen[: len(near)] = near[np.lexsort((world.prepared.id_rank[docs[near]], -scores[near]))]
    else:
        ranks = {Sort.NEWEST: "newest_rank", Sort.OLDEST: "oldest_rank", Sort.TITLE: "title_rank"}
        rank: IntArray = getattr(world.prepared, ranks[order])[docs]
        end = min(first + count, len(docs))
        chosen = np.argpartition(rank, end - 1)[:end] if end < len(docs) else np.arange(len(docs))
        chosen = chosen[np.argsort(rank[chosen])]
    return [(int(docs[i]), float(scores[i])) for i in chosen[first : first + count]]


def _top_scores(scores: FloatArray, count: int) -> IntArray:
    """Indexes of the `count` best scores and of all that tie with the last of them."""
    if count >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= threshold)
