"""Filters and orders over the documents that match a query."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from indexer.analysis.theme_key import theme_key
from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import BoolArray, FloatArray, IntArray
from indexer.engine.embedded.read.facet_columns import Cells
from indexer.engine.embedded.read.matching import near_bonus
from indexer.engine.embedded.read.searcher import World
from indexer.query import scoring
from indexer.query.facets import asked_privacy
from indexer.query.plan import Pair
from indexer.query.request import SearchRequest, Sort


class Tests(NamedTuple):
    """Which cells of `World.cells` pass the filters of type, year and privacy ([cells]); None where one is not set."""

    type: BoolArray | None
    year: BoolArray | None
    private: BoolArray | None


class Selection(NamedTuple):
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
        _privacy_test(request, cells) if request.private else None,
    )
    of_theme, of_theme_scores = docs, scores
    if request.themes:
        has = _theme_test(docs, request, world)
        of_theme, of_theme_scores = docs[has], scores[has]
    allowed = both(tests.type, tests.year, tests.private)
    if allowed is None:
        return Selection(of_theme, of_theme_scores, of_theme, docs, tests)
    kept, kept_scores = kernels.filter_docs(of_theme, of_theme_scores, cells.of_docs, allowed)
    others = kernels.filter_docs(docs, scores, cells.of_docs, allowed)[0] if request.themes else kept
    return Selection(kept, kept_scores, of_theme, others, tests)


def both(*tests: BoolArray | None) -> BoolArray | None:
    """What passes every test that is set; None if none is."""
    passed: BoolArray | None = None
    for test in tests:
        if test is not None:
            passed = test if passed is None else passed & test
    return passed


def _type_test(request: SearchRequest, world: World) -> BoolArray:
    values, _ = world.types
    passed = np.zeros(len(values) + 1, dtype=bool)
    for asked in request.types:
        if asked is None or asked in values:
            passed[0 if asked is None else 1 + values.index(asked)] = True
    return passed[world.cells.types]


def _year_test(request: SearchRequest, cells: Cells) -> BoolArray | None:
    years = cells.years
    return both(
        reduce(np.logical_or, [years == (asked or 0) for asked in request.years]) if request.years else None,
        None if request.year_from is None else (years != 0) & (years >= request.year_from),
        None if request.year_to is None else (years != 0) & (years <= request.year_to),
    )


def _privacy_test(request: SearchRequest, cells: Cells) -> BoolArray:
    asked = asked_privacy(request)
    return (cells.private & (True in asked)) | (~cells.private & (False in asked))


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
    if order is Sort.RELEVANCE:
        reach = max(first + count, scoring.RERANKED if pairs else 0)
        chosen = kernels.top_k(scores, docs, world.prepared.id_rank, reach)
        docs, scores = docs[chosen], scores[chosen]
        if pairs:
            docs, scores = _ranked_again(docs, scores, pairs, world)
    else:
        ranks = {Sort.NEWEST: "newest_rank", Sort.OLDEST: "oldest_rank", Sort.TITLE: "title_rank"}
        rank: IntArray = getattr(world.prepared, ranks[order])[docs]
        end = min(first + count, len(docs))
        chosen = np.argpartition(rank, end - 1)[:end] if end < len(docs) else np.arange(len(docs))
        chosen = chosen[np.argsort(rank[chosen])]
        docs, scores = docs[chosen], scores[chosen]
    page = slice(first, first + count)
    return list(zip(docs[page].tolist(), scores[page].tolist(), strict=True))


def _ranked_again(
    docs: IntArray, scores: FloatArray, pairs: tuple[Pair, ...], world: World
) -> tuple[IntArray, FloatArray]:
    """The best of some documents, best first, by how near the words of the query stand; the others after them."""
    rising = docs[: scoring.RERANKED].argsort()
    few = docs[rising]
    better = scores[rising] + near_bonus(pairs, few, world)
    again = kernels.top_k(better, few, world.prepared.id_rank, len(few))
    if len(docs) == len(few):
        return few[again], better[again]
    # The bonus is never negative, so that those ranked again stay before the others.
    return (
        np.concatenate((few[again], docs[scoring.RERANKED :])),
        np.concatenate((better[again], scores[scoring.RERANKED :])),
    )
