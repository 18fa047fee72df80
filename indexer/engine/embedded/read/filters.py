"""Filters and orders over the documents that match a query."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from indexer.analysis import theme_key
from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import BoolArray, FloatArray, IntArray
from indexer.engine.embedded.read.facet_columns import FacetGroups
from indexer.engine.embedded.read.matching import proximity_bonus
from indexer.engine.embedded.read.searcher import Searcher
from indexer.engine.embedded.storage.segment import FORMAT_BITS
from indexer.query import SearchRequest, Sort, feedback, scoring
from indexer.query.facets import asked_privacy
from indexer.query.plan import WordPair


class FilterMasks(NamedTuple):
    """For each filter other than those of themes and territories, which groups of `Searcher.facet_groups` pass it
    ([groups]); None if the filter is not set.
    """

    type: BoolArray | None
    year: BoolArray | None
    private: BoolArray | None
    publication: BoolArray | None
    format: BoolArray | None

    def but(self, name: str) -> BoolArray | None:
        """Return the mask of the groups that pass every filter except one; None if no other filter is set.

        Args:
            name: name of the excepted filter, an attribute of this class.
        """
        return intersect_masks(*[mask for other, mask in zip(self._fields, self, strict=True) if other != name])


class Selection(NamedTuple):
    """Documents that pass every filter, and those that facets are counted from. All arrays of documents ascend.

    Attributes:
        docs: documents that pass every filter.
        scores: score of each of `docs`.
        of_sets: documents that pass the filters of themes and territories, whether or not they pass the others.
        but_themes: documents that pass all filters except the theme filter.
        but_territories: documents that pass all filters except that of territories.
        masks: the masks of the other filters.
    """

    docs: IntArray
    scores: FloatArray
    of_sets: IntArray
    but_themes: IntArray
    but_territories: IntArray
    masks: FilterMasks


def select(docs: IntArray, scores: FloatArray, request: SearchRequest, searcher: Searcher) -> Selection:
    """Apply a request's filters to the documents that match its query.

    Args:
        docs: documents that match the query, ascending.
        scores: score of each.
        request: the search, whose filters are applied.
        searcher: the searcher of the audience, visitors or members.
    """
    groups = searcher.facet_groups
    masks = FilterMasks(
        _type_mask(request, searcher) if request.types else None,
        _year_mask(request, groups),
        _privacy_mask(request, groups) if request.private else None,
        None if request.with_publication is None else (groups.published != 0) == request.with_publication,
        _format_mask(request, groups) if request.formats else None,
    )
    allowed = intersect_masks(*masks)
    themed = _theme_mask(docs, request, searcher) if request.themes else None
    placed = _territory_mask(docs, request, searcher) if request.territories else None

    def passing(has: BoolArray | None) -> tuple[IntArray, FloatArray]:
        of_set, of_set_scores = (docs, scores) if has is None else (docs[has], scores[has])
        if allowed is None:
            return of_set, of_set_scores
        return kernels.filter_docs(of_set, of_set_scores, groups.of_docs, allowed)

    both = intersect_masks(themed, placed)
    kept, kept_scores = passing(both)
    return Selection(
        kept,
        kept_scores,
        docs if both is None else docs[both],
        kept if themed is None else passing(placed)[0],
        kept if placed is None else passing(themed)[0],
        masks,
    )


def intersect_masks(*masks: BoolArray | None) -> BoolArray | None:
    """Return the intersection of the masks that are set; None if none is."""
    passed: BoolArray | None = None
    for mask in masks:
        if mask is not None:
            passed = mask if passed is None else passed & mask
    return passed


def _type_mask(request: SearchRequest, searcher: Searcher) -> BoolArray:
    values, _ = searcher.types
    passed = np.zeros(len(values) + 1, dtype=bool)
    for asked in request.types:
        if asked is None or asked in values:
            passed[0 if asked is None else 1 + values.index(asked)] = True
    return passed[searcher.facet_groups.types]


def _year_mask(request: SearchRequest, groups: FacetGroups) -> BoolArray | None:
    years = groups.years
    return intersect_masks(
        reduce(np.logical_or, [years == (asked or 0) for asked in request.years]) if request.years else None,
        None if request.year_from is None else (years != 0) & (years >= request.year_from),
        None if request.year_to is None else (years != 0) & (years <= request.year_to),
    )


def _privacy_mask(request: SearchRequest, groups: FacetGroups) -> BoolArray:
    asked = asked_privacy(request)
    return (groups.private & (True in asked)) | (~groups.private & (False in asked))


def _format_mask(request: SearchRequest, groups: FacetGroups) -> BoolArray:
    asked = sum({FORMAT_BITS.get(media_type, 0) for media_type in request.formats})
    mask: BoolArray = (groups.formats & asked) != 0
    return mask


def _theme_mask(docs: IntArray, request: SearchRequest, searcher: Searcher) -> BoolArray:
    themes = searcher.precomputed.themes
    has = np.zeros(searcher.size, dtype=bool)
    wanted = [themes.keys.get(theme_key(asked), -1) for asked in request.themes if asked is not None]
    has[themes.owners[np.isin(themes.codes, wanted)]] = True
    if None in request.themes:
        without = np.ones(searcher.size, dtype=bool)
        without[themes.owners] = False
        has |= without
    return has[docs]


def _territory_mask(docs: IntArray, request: SearchRequest, searcher: Searcher) -> BoolArray:
    has = np.zeros(searcher.size, dtype=bool)
    has[searcher.in_territories(code for code in request.territories if code is not None)] = True
    if None in request.territories:
        has[searcher.without_territory()] = True
    return has[docs]


def ranked_page(
    selection: Selection,
    order: Sort,
    first: int,
    count: int,
    searcher: Searcher,
    *,
    pairs: tuple[WordPair, ...] = (),
    plain: bool = False,
) -> list[tuple[int, float]]:
    """Return one page of the selection: documents with their scores, in order, ties by id.

    Args:
        selection: what `select` kept.
        order: the sort in force.
        first: number of hits before the page.
        count: number of hits on the page.
        searcher: the searcher of the audience, visitors or members.
        pairs: neighbouring words of the query; the best hits are reranked by the proximity of these words.
        plain: whether the query consists of plain words; its best hits are then reranked by feedback too.
    """
    docs, scores = selection.docs, selection.scores
    if order is Sort.RELEVANCE:
        reach = max(first + count, scoring.RERANKED if pairs or plain else 0)
        chosen = kernels.top_k(scores, docs, searcher.precomputed.id_rank, reach)
        docs, scores = docs[chosen], scores[chosen]
        if pairs or plain:
            docs, scores = _rerank(docs, scores, pairs, searcher, plain=plain)
    else:
        ranks = {Sort.NEWEST: "newest_rank", Sort.OLDEST: "oldest_rank", Sort.TITLE: "title_rank"}
        rank: IntArray = getattr(searcher.precomputed, ranks[order])[docs]
        end = min(first + count, len(docs))
        chosen = np.argpartition(rank, end - 1)[:end] if end < len(docs) else np.arange(len(docs))
        chosen = chosen[np.argsort(rank[chosen])]
        docs, scores = docs[chosen], scores[chosen]
    page = slice(first, first + count)
    return list(zip(docs[page].tolist(), scores[page].tolist(), strict=True))


def _rerank(
    docs: IntArray, scores: FloatArray, pairs: tuple[WordPair, ...], searcher: Searcher, *, plain: bool
) -> tuple[IntArray, FloatArray]:
    """Return ranked documents and their scores, the best `scoring.RERANKED` of them ranked again, before the others.

    They gain a bonus for neighbouring words of the query that stand near each other and, if the query is `plain` (only
    plain words), for terms that the best of them share (pseudo-relevance feedback).
    """
    few, better = docs[: scoring.RERANKED], scores[: scoring.RERANKED]
    if pairs:
        by_number = few.argsort()
        few, better = few[by_number], better[by_number]
        better = better + proximity_bonus(pairs, few, searcher)
    index = searcher.feedback_index if plain else None
    if index is not None:
        gained = kernels.feedback_gains(index, few, better, feedback.DOCS, feedback.TERMS, feedback.WEIGHT)
        better = better + gained
    again = kernels.top_k(better, few, searcher.precomputed.id_rank, len(few))
    if len(docs) == len(few):
        return few[again], better[again]
    # Bonuses are never negative, so the reranked documents stay before the others.
    return (
        np.concatenate((few[again], docs[scoring.RERANKED :])),
        np.concatenate((better[again], scores[scoring.RERANKED :])),
    )
