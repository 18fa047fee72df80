"""Filters and orders over the documents that match a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.engine.embedded.arrays import BoolArray, FloatArray, IntArray
from indexer.engine.embedded.cells import Cells
from indexer.engine.embedded.matching import near_bonus
from indexer.engine.embedded.world import World
from indexer.parsing.themes import theme_key
from indexer.query import ranking
from indexer.query.facets import asked_privacy
from indexer.query.plan import Pair
from indexer.query.request import SearchRequest, Sort


@dataclass(frozen=True, slots=True)
class Tests:
    """Which cells of `World.cells` pass the filters of type, year and privacy ([cells]); None where one is not set."""

    type: BoolArray | None
    year: BoolArray | None
    private: BoolArray | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents that pass every filter, and what the facets are counted from. Documents rise everywhere.

    Attributes:
        docs: pass every filter.
        scores: of each.
        of_theme: pass the filter of themes, whatever the others say.
        of_others: pass the other filters, whatever their themes.
        tests: the other filters.
    """

    docs: IntArray
    scores: FloatArray
    of_theme: IntArray
    of_others: IntArray
    tests: Tests


def select(docs: IntArray, scores: FloatArray, request: SearchRequest, world: World) -> Selection:
    """Filter documents.

    Args:
        docs: documents that match the query, rising.
        scores: score of each.
        request: its filters are applied.
        world: the reader's.
    """
    cells = world.cells
    tests = Tests(
        _type_test(request, world) if request.types else None,
        _year_test(request, cells),
        np.isin(cells.private, asked_privacy(request)) if request.private else None,
    )
    has = _theme_test(docs, request, world) if request.themes else None
    allowed = both(tests.type, tests.year, tests.private)
    passes = None if allowed is None else allowed[cells.of_docs[docs]]
    every = both(has, passes)
    return Selection(
        docs=_kept(docs, every),
        scores=_kept(scores, every),
        of_theme=_kept(docs, has),
        of_others=_kept(docs, passes),
        tests=tests,
    )


def both(*tests: BoolArray | None) -> BoolArray | None:
    """What passes every test that is set; None if none is."""
    passed: BoolArray | None = None
    for test in tests:
        if test is not None:
            passed = test if passed is None else passed & test
    return passed


def _kept(values: IntArray, test: BoolArray | None) -> IntArray:
    return values if test is None else values[test]


def _type_test(request: SearchRequest, world: World) -> BoolArray:
    values, _ = world.types
    wanted = [
        -1 if asked is None else values.index(asked) for asked in request.types if asked is None or asked in values
    ]
    return np.isin(world.cells.types, wanted)


def _year_test(request: SearchRequest, cells: Cells) -> BoolArray | None:
    if not request.years and request.year_from is None and request.year_to is None:
        return None
    years = cells.years
    passed = np.ones(len(years), dtype=bool)
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


_BLOCK = 64


def _top_scores(scores: FloatArray, count: int) -> IntArray:
    """Indexes of the `count` best scores and of all that tie with the last of them."""
    if count >= len(scores):
        return np.arange(len(scores))
    blocks = len(scores) // _BLOCK
    if blocks > count:
        # Each of the `count` best blocks holds a score at least as good as the worst of their best: a bound that leaves
        # little to sort.
        best_of = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        likely = np.flatnonzero(scores >= np.partition(best_of, blocks - count)[blocks - count])
        return likely[_top_of_few(scores[likely], count)]
    return _top_of_few(scores, count)


def _top_of_few(scores: FloatArray, count: int) -> IntArray:
    if count >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= threshold)
