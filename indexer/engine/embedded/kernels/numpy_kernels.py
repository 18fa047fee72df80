"""The kernels with numpy; this module documents what each of them takes and returns.

Arrays are C-contiguous: documents int32, ascending, below `size`; scores and impacts float32; masks of fields uint8;
position keys ``document << 32 | position``, int64, ascending. Arguments are never changed, except the `bonus` of
`add_proximity_bonus`; a result may be one of the arguments.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded.kernels.layout import (
    FIELD_SHIFT,
    PAGED,
    POSITION_BITS,
    BoolArray,
    FloatArray,
    IntArray,
    distinct,
    ranges,
    starts_of_runs,
)
from indexer.query import TextField, scoring
from indexer.query.feedback import Prominent, gains

__all__ = [
    "add_proximity_bonus",
    "boost_exact",
    "count",
    "feedback_gains",
    "feedback_index",
    "filter_docs",
    "follow",
    "follow_keys",
    "gather_form_docs",
    "gather_postings",
    "intersect",
    "max_scores",
    "number_strings",
    "position_keys",
    "rollup",
    "rollup_multivalued",
    "score_phrase",
    "string_lower_bound",
    "sum_scores",
    "top_k",
    "union_forms",
]

ScoredDocs = tuple[IntArray, FloatArray]
"""Documents, and the score or impact of each."""

MAX_POINTS = 255
"""Largest sum of points that `sum_scores` takes: the points of a document are counted in one byte."""

NO_DOCS: IntArray = np.empty(0, dtype=np.int32)

PostingsSlice = tuple[IntArray, FloatArray, IntArray, int, int, BoolArray | None, int]
"""A term's postings in one segment: posting_docs, posting_impacts and posting_fields of `Segment`; the bounds of the
term's postings in them; [docs of the segment] mask of documents that are not deleted (None: all); the base of the
segment, to add to its document numbers so that they are unique over all segments."""

FormSlice = tuple[IntArray, IntArray, int, int, BoolArray | None, int]
"""A written form's postings in one segment: form_docs and form_fields of `Segment`; the bounds of the form's
postings in them; the mask of documents that are not deleted, and the base, as in `PostingsSlice`.
"""

PositionsSlice = tuple[IntArray, int, int, int, int, IntArray, IntArray]
"""A term's positions in one segment: the document of each of some postings; the bounds of the term's postings in that
array; the base of the segment, to add to its document numbers; what to add to an index in that array to get the index
of the same posting in posting_positions; posting_positions and positions of `Segment`."""

WeightedDocs = tuple[IntArray, FloatArray, float]
"""A part of a sum: documents, the impact or score of each, and the weight that multiplies all of them."""

StringsSlice = tuple[IntArray, IntArray]
"""A sorted table of strings: the bytes of all, concatenated (uint8); [strings + 1] where each begins, and the end."""

FeedbackPart = tuple[int, IntArray, IntArray, FloatArray, IntArray, IntArray, IntArray, IntArray, IntArray, FloatArray]
"""What relevance feedback reads of a segment: its base, to add to document numbers; own_offsets, own_terms,
own_impacts, own_steps and doc_pages; [terms] number of each of its terms in the searcher, ascending (int32);
term_postings, posting_docs and posting_impacts. The named arrays are those of `Segment`."""


class FeedbackIndex(NamedTuple):
    """What relevance feedback (reranking by terms of the best hits) reads of a searcher.

    Attributes:
        parts: the segments.
        holding: how many documents hold each term, by the number of the term over all segments (int32).
        ranks: [size] rank of every document (int32).
        visible: number of documents that are not deleted.
    """

    parts: list[FeedbackPart]
    holding: IntArray
    ranks: IntArray
    visible: int


FieldPostings = tuple[IntArray, FloatArray, IntArray]
"""Documents, and the impact and the mask of fields of each."""


def string_lower_bound(blob: IntArray, offsets: IntArray, wanted: bytes) -> int:
    """Return the index of the first string that is not less than `wanted`; the number of strings if there is none.

    Args:
        blob: [bytes] all strings concatenated, sorted by their bytes (uint8).
        offsets: [strings + 1] where each begins, and the end (int64).
        wanted: the string to look for.
    """

    def text(index: int) -> bytes:
        return blob[int(offsets[index]) : int(offsets[index + 1])].tobytes()

    return bisect_left(range(len(offsets) - 1), wanted, key=text)


def number_strings(tables: list[StringsSlice]) -> tuple[list[IntArray], int]:
    """Number the distinct strings of several tables together, in their sorted order.

    Returns:
        For each table, the number of each of its strings (int32); then how many distinct strings there are.
    """
    held = [[blob[low:high].tobytes() for low, high in pairwise(offsets.tolist())] for blob, offsets in tables]
    number = {text: i for i, text in enumerate(sorted(set().union(*held)))}
    return [np.array([number[text] for text in texts], dtype=np.int32) for texts in held], len(number)


def gather_postings(parts: list[PostingsSlice]) -> FieldPostings:
    """Return the postings of one term over several segments, without deleted documents; each segment's base is added to
    its document numbers.
    """
    if len(parts) == 1 and parts[0][5] is None and not parts[0][6]:  # return views of the file, without copying
        posting_docs, posting_impacts, posting_fields, low, high, *_ = parts[0]
        return posting_docs[low:high], posting_impacts[low:high], posting_fields[low:high]
    docs, impacts, fields = [NO_DOCS], [np.empty(0, np.float32)], [np.empty(0, np.uint8)]
    for posting_docs, posting_impacts, posting_fields, low, high, alive_mask, base in parts:
        held = posting_docs[low:high]
        alive = slice(None) if alive_mask is None else alive_mask[held]
        docs.append(held[alive] + np.int32(base))
        impacts.append(posting_impacts[low:high][alive])
        fields.append(posting_fields[low:high][alive])
    return np.concatenate(docs), np.concatenate(impacts), np.concatenate(fields)


def gather_form_docs(parts: list[FormSlice], mask: int) -> IntArray:
    """Return the documents of several segments that hold one written form in any of the fields of a mask; each
    segment's base is added to its document numbers.
    """
    docs = [NO_DOCS]
    for form_docs, form_fields, low, high, alive_mask, base in parts:
        held = form_docs[low:high]
        kept = (form_fields[low:high] & np.uint8(mask)) != 0
        if alive_mask is not None:
            kept &= alive_mask[held]
        docs.append(held[kept] + np.int32(base))
    return np.concatenate(docs)


def boost_exact(
    docs: IntArray, impacts: FloatArray, fields: IntArray, mask: int, exact: IntArray, bonus: float
) -> ScoredDocs:
    """Return the postings of a word in any of the fields of a mask, with a bonus where the word occurs as typed.

    Args:
        docs: [postings] documents.
        impacts: [postings] impact of each.
        fields: [postings] mask of fields of each.
        mask: the fields to search.
        exact: documents that hold the word as typed.
        bonus: added to the impacts on these documents.
    """
    inside = (fields & np.uint8(mask)) != 0
    if not inside.all():
        docs, impacts = docs[inside], impacts[inside]
    if len(exact):
        impacts = impacts + _found_in(exact, docs) * np.float32(bonus)
    return docs, impacts


def sum_scores(parts: list[WeightedDocs], points: list[int], least: int, size: int) -> ScoredDocs:
    """Return the documents held by parts that are worth at least `least` points together, and the score of each: the
    sum of its value in every part × the weight of the part, added in the order of parts.

    Args:
        parts: documents with their values (impacts or scores), and the weight of the part.
        points: what each part is worth, none negative, at most 255 together; all 1 to count parts.
        least: points that a document needs, from 1 to all of them.
        size: number of documents of the searcher, deleted ones included.

    Raises:
        IndexError: the points are more than 255 together.
    """
    if sum(points) > MAX_POINTS:
        raise IndexError("too many points")
    weighed = [(docs, values * np.float32(weight)) for docs, values, weight in parts]
    if least == sum(points) and all(points):
        docs = intersect([docs for docs, _ in weighed], size)
    elif least == 1 and all(points):
        docs = _union([docs for docs, _ in weighed], size)
    else:
        counts = np.zeros(size, dtype=np.uint8)
        for (held, _), worth in zip(weighed, points, strict=True):
            counts[held] += np.uint8(worth)
        docs = np.flatnonzero(counts >= least).astype(np.int32)
    return docs, reduce(np.add, [_look_up(held, scores, docs, size) for held, scores in weighed])


def max_scores(parts: list[FieldPostings], size: int) -> FieldPostings:
    """Return the documents in any of several parts, the greatest impact of each, and the union of its fields."""
    docs = _union([part[0] for part in parts], size)
    best = np.zeros(len(docs), dtype=np.float32)
    fields = np.zeros(len(docs), dtype=np.uint8)
    for held, impacts, masks in parts:
        np.maximum(best, _look_up(held, impacts, docs, size), out=best)
        fields |= _look_up(held, masks, docs, size)
    return docs, best, fields


def intersect(parts: list[IntArray], size: int) -> IntArray:
    """Return the documents that every one of several parts contains."""
    return reduce(lambda few, held: few[_contains(held, few, size)], sorted(parts, key=len))


def union_forms(parts: list[FormSlice], mask: int, mask_impacts: FloatArray, size: int) -> ScoredDocs:
    """Return the documents that hold any of many written forms in any of the fields of a mask, and the impact on each.

    Args:
        parts: postings of the forms.
        mask: the fields to search.
        mask_impacts: [256] impact of a document by the mask of all fields in which it holds one of the forms (float32).
        size: number of documents of the searcher, deleted ones included.
    """
    docs, masks = [NO_DOCS], [np.empty(0, np.uint8)]
    for form_docs, form_fields, low, high, alive_mask, base in parts:
        part = form_docs[low:high]
        alive = slice(None) if alive_mask is None else alive_mask[part]
        docs.append(part[alive] + np.int32(base))
        masks.append(form_fields[low:high][alive])
    found, fields = _merge_masks(np.concatenate(docs), np.concatenate(masks), size)
    inside = (fields & np.uint8(mask)) != 0
    return found[inside], mask_impacts[fields[inside]]


def position_keys(docs: IntArray, parts: list[PositionsSlice]) -> IntArray:
    """Return the position keys of one term in some documents, over the segments that hold it, ascending."""
    found: list[IntArray] = [np.empty(0, dtype=np.int64)]
    for posting_docs, low, high, base, shift, posting_positions, positions in parts:
        rows = low + np.flatnonzero(_found_in(docs, posting_docs[low:high] + np.int32(base)))
        starts = posting_positions[rows + shift].astype(np.int64)
        counts = posting_positions[rows + shift + 1] - starts
        owners = posting_docs[rows] + np.int64(base)
        found.append(np.repeat(owners << POSITION_BITS, counts) | positions[ranges(starts, counts)])
    return np.concatenate(found)


def follow(first: IntArray, parts: list[PositionsSlice], step: int) -> IntArray:
    """Return the keys of `first` that an occurrence of one term follows exactly `step` positions later.

    Args:
        first: position keys.
        parts: the term's positions, segment by segment.
        step: positions between the two; may be negative.
    """
    docs = distinct((first + step) >> POSITION_BITS).astype(np.int32)
    return follow_keys(first, position_keys(docs, parts), step)


def follow_keys(first: IntArray, later: IntArray, step: int) -> IntArray:
    """Return the keys of `first` that a key of `later` follows exactly `step` positions later."""
    return first[_found_in(later, first + step)]


def score_phrase(
    starts: IntArray,
    mask: int,
    weights: FloatArray,
    norms: FloatArray,
    k1: float,
    page_keys: IntArray,
    page_norms: FloatArray,
) -> ScoredDocs:
    """Return the documents in which a phrase occurs, and its impact on each, summed over fields (`scoring.impact`); the
    impact in the field PAGED is that of the best part of a page (its body, or its running headers and footers).

    Args:
        starts: position keys at which the phrase begins.
        mask: the fields to search.
        weights: [fields] weight of each field (float64).
        norms: [size × fields] length norm of each field of each document (float32).
        k1: the BM25 constant, `scoring.K1`.
        page_keys: [parts] position key of the first word of each part of a page (int64, ascending).
        page_norms: [parts] length norm of the page of each part (float32).
    """
    fields = (starts & ((1 << POSITION_BITS) - 1)) >> FIELD_SHIFT
    inside = (1 << fields & mask) != 0
    starts, fields = starts[inside], fields[inside]
    paged = np.flatnonzero(fields == PAGED)
    pages = np.searchsorted(page_keys, starts[paged], side="right") - 1
    if len(pages) and pages.min() < 0:
        raise IndexError("a position before all pages")
    # First one row for each document, field and page, whose frequency is saturated, then one for each document and
    # field, then one for each document. All ascend, as keys do.
    doc_fields = starts >> FIELD_SHIFT
    units = doc_fields.copy()
    units[paged] = -1 - pages
    rows = starts_of_runs(units)
    counts = np.diff(rows, append=len(units)).astype(np.float64)
    doc_fields, units = doc_fields[rows], units[rows]
    fields = doc_fields & ((1 << (POSITION_BITS - FIELD_SHIFT)) - 1)
    owners = (doc_fields >> (POSITION_BITS - FIELD_SHIFT)).astype(np.int32)
    lengths = norms[owners, fields]
    in_pages = units < 0
    lengths[in_pages] = page_norms[-1 - units[in_pages]]
    parts = weights[fields] * counts * (k1 + 1.0) / (counts + lengths)
    by_field = starts_of_runs(doc_fields)
    if len(by_field):
        parts = np.maximum.reduceat(parts, by_field)
    owners = owners[by_field]
    first = starts_of_runs(owners)
    impacts = np.add.reduceat(parts, first) if len(first) else parts
    return owners[first], impacts.astype(np.float32)


def add_proximity_bonus(
    before: IntArray,
    after: IntArray,
    docs: IntArray,
    within: int,
    worth: float,
    titled: float,
    bonus: FloatArray,
) -> None:
    """Add to the bonus of each document in which the second of two words closely follows the first.

    Args:
        before: position keys of the first word.
        after: position keys of the second word.
        docs: [n] the documents.
        within: largest number of positions between the two words.
        worth: amount to add, once for each document.
        titled: factor by which `worth` is multiplied for a match in a title.
        bonus: [n] added to in place (float32).
    """
    if not len(before) or not len(after):
        return
    following = np.searchsorted(after, before, side="right")
    following[following == len(after)] = 0
    step = after[following] - before
    met = before[(step > 0) & (step <= within)]
    fields = (met & ((1 << POSITION_BITS) - 1)) >> FIELD_SHIFT
    in_text = _found_in(met[(fields <= TextField.BODY) | (fields == PAGED)] >> POSITION_BITS, docs)
    in_title = _found_in(met[fields == TextField.TITLE] >> POSITION_BITS, docs)
    bonus += np.float32(worth) * np.where(in_title, np.float32(titled), in_text.astype(np.float32))


def top_k(scores: FloatArray, docs: IntArray, ranks: IntArray, k: int) -> IntArray:
    """Return the indexes of the k best scores, best first, ties by rank (int64).

    Args:
        scores: [n] score of each document.
        docs: [n] the documents.
        ranks: [size] rank of every document (int32).
        k: number of indexes to return; fewer come back if there are fewer documents.
    """
    chosen = _best(scores, k)
    return chosen[np.lexsort((ranks[docs[chosen]], -scores[chosen]))][:k]


def feedback_index(parts: list[FeedbackPart], holding: IntArray, ranks: IntArray, visible: int) -> FeedbackIndex:
    """Return an index of the terms of each document of a searcher, which `feedback_gains` reads.

    Args:
        parts: the segments.
        holding: how many documents hold each term, by the number of the term over all segments, deleted documents left
            out (int32).
        ranks: [size] rank of every document (int32).
        visible: number of documents of the searcher, deleted ones left out.
    """
    return FeedbackIndex(parts, holding, ranks, visible)


def feedback_gains(
    index: FeedbackIndex, docs: IntArray, scores: FloatArray, best: int, terms: int, weight: float
) -> FloatArray:
    """Return what relevance feedback adds to the scores of some documents, for terms that the best of them share
    ([n], float32).

    Args:
        index: what `feedback_index` returned; a document that is in none of its segments counts as having no terms.
        docs: [n] the documents.
        scores: [n] score of each.
        best: number of the best of them, ties by rank, whose terms are used.
        terms: number of these terms that are used.
        weight: largest gain, as a fraction of the best score.
    """
    parts, holding, ranks, visible = index

    def prominent(place: int) -> Prominent[int]:
        score = float(scores[place])
        for base, offsets, held, _, steps, _, numbers, *_ in parts:
            doc = int(docs[place]) - base
            if 0 <= doc < len(offsets) - 1:
                low, high = offsets[doc : doc + 2].tolist()
                rows = low + np.flatnonzero(steps[low:high])
                return Prominent(score, numbers[held[rows]].tolist(), steps[rows].tolist())
        return Prominent(score, (), ())

    def impacts(number: int) -> FloatArray:
        found = np.zeros(len(docs), dtype=np.float64)
        for base, offsets, *_, numbers, postings, held, values in parts:
            term, size = int(np.searchsorted(numbers, number)), len(offsets) - 1
            if term < len(numbers) and numbers[term] == number:
                rows = slice(int(postings[term]), int(postings[term + 1]))
                inside = np.flatnonzero((docs >= base) & (docs < base + size))
                found[inside] = _look_up(held[rows], values[rows], docs[inside] - np.int32(base), size)
        found *= scoring.idf(int(holding[number]), visible)
        return found

    chosen = top_k(scores, docs, ranks, best).tolist()
    return gains(scores, list(map(prominent, chosen)), impacts, terms, weight)


def count(docs: IntArray, column: IntArray, bins: int) -> IntArray:
    """Return how many of some documents have each value of a column ([bins], int64).

    Args:
        docs: the documents.
        column: [size] value of every document, below `bins` (uint16 or int32).
        bins: number of values.
    """
    return np.bincount(column.take(docs), minlength=bins)


def rollup(counts: IntArray, codes: IntArray, bins: int, allowed: BoolArray | None) -> list[int]:
    """Return how many documents have each code (number of a facet value), from counts of groups with one code each.

    Args:
        counts: [groups] number of documents in each group (int64).
        codes: [groups] code of each group, below `bins` (int32).
        bins: number of codes.
        allowed: [groups] which groups are counted; None counts all.
    """
    summed = np.bincount(codes, counts if allowed is None else counts * allowed, minlength=bins)
    return [int(each) for each in summed.tolist()]


def rollup_multivalued(counts: IntArray, offsets: IntArray, codes: IntArray, bins: int) -> list[int]:
    """Return how many documents have no code, then how many have each code (number of a facet value), from counts of
    groups of documents that share a set of codes.

    Args:
        counts: [groups] number of documents in each group (int64).
        offsets: [groups + 1] where the codes of each group begin, and the end (int32).
        codes: codes of all groups, concatenated (int32).
        bins: 1 + number of codes.
    """
    lengths = np.diff(offsets)
    added = np.bincount(codes + 1, np.repeat(counts, lengths), minlength=bins)
    added[0] = counts[lengths == 0].sum()
    return [int(each) for each in added.tolist()]


def filter_docs(docs: IntArray, scores: FloatArray, column: IntArray, allowed: BoolArray) -> ScoredDocs:
    """Return the documents whose value in a column is allowed, and their scores.

    Args:
        docs: [n] the documents.
        scores: [n] score of each.
        column: [size] value of every document (uint16 or int32).
        allowed: [values] whether documents with each value are kept.
    """
    passed = allowed[column[docs]]
    return docs[passed], scores[passed]


def _merge_masks(docs: IntArray, masks: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Return the distinct documents, ascending, and for each the union of its masks."""
    if _dense_is_cheaper(len(docs), len(docs), size):
        dense = np.zeros(size, dtype=np.uint8)
        for number in range(8):
            bit = np.uint8(1 << number)
            held = np.zeros(size, dtype=np.uint8)
            held[docs[(masks & bit) != 0]] = bit  # a document may occur twice: setting its bit again changes nothing
            dense |= held
        found = np.flatnonzero(dense).astype(np.int32)
        return found, dense[found]
    if not len(docs):
        return docs, masks
    order = np.argsort(docs, kind="stable")
    docs, masks = docs[order], masks[order]
    first = starts_of_runs(docs)
    return docs[first], np.bitwise_or.reduceat(masks, first)


# Sets of documents are ascending arrays. To look documents up in a large one, it is scattered into a dense array of
# `size` elements; to look up only a few, binary search costs less.
_SEARCH_COST = 12
"""Cost of one binary search: the number of array elements that are read or written in the same time."""


def _dense_is_cheaper(held: int, wanted: int, size: int) -> bool:
    """Return whether a look-up in a dense array costs less than binary searches in a sorted one.

    Args:
        held: length of the sorted array.
        wanted: number of documents to look up.
        size: length of the dense array.
    """
    return wanted * _SEARCH_COST > wanted + held + size // 16


def _found_in(values: IntArray, wanted: IntArray) -> BoolArray:
    """Return whether the ascending `values` contains each of `wanted`, by binary search."""
    if not len(values):
        return np.zeros(len(wanted), dtype=bool)
    at = np.searchsorted(values, wanted)
    at[at == len(values)] = 0
    found: BoolArray = values[at] == wanted
    return found


def _union(parts: Sequence[IntArray], size: int) -> IntArray:
    """Return the documents of several ascending arrays, each once, ascending."""
    if len(parts) == 1:
        return parts[0]
    total = sum(map(len, parts))
    if not _dense_is_cheaper(total, total, size):
        joined = np.concatenate(parts)
        joined.sort(kind="stable")  # timsort merges the runs, which are already sorted
        return joined[starts_of_runs(joined)]
    held = np.zeros(size, dtype=bool)
    for part in parts:
        held[part] = True
    return np.flatnonzero(held).astype(np.int32)


def _contains(docs: IntArray, wanted: IntArray, size: int) -> BoolArray:
    """Return whether `docs` contains each of `wanted`."""
    if not _dense_is_cheaper(len(docs), len(wanted), size):
        return _found_in(docs, wanted)
    held = np.zeros(size, dtype=bool)
    held[docs] = True
    return held.take(wanted)


def _look_up(docs: IntArray, values: NDArray[Any], wanted: IntArray, size: int) -> NDArray[Any]:
    """Return the element of `values` that belongs to each of `wanted` in `docs`, or 0 if `docs` lacks it."""
    if not len(docs):
        return np.zeros(len(wanted), dtype=values.dtype)
    if _dense_is_cheaper(len(docs), len(wanted), size):
        dense = np.zeros(size, dtype=values.dtype)
        dense[docs] = values
        return dense.take(wanted)
    at = np.searchsorted(docs, wanted)
    at[at == len(docs)] = 0
    return np.where(docs[at] == wanted, values[at], values.dtype.type(0))


_BLOCK = 64


def _best(scores: FloatArray, k: int) -> IntArray:
    """Return indexes of the k best scores and of all that tie with the last of them."""
    blocks = len(scores) // _BLOCK
    if k == 0:
        return np.empty(0, dtype=np.int64)
    if k < blocks:
        # The k blocks with the greatest maxima hold at least k scores that reach the least of these maxima: that bound
        # leaves little to sort.
        block_maxima = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        likely = np.flatnonzero(scores >= np.partition(block_maxima, blocks - k)[blocks - k])
        return likely[_best_of_few(scores[likely], k)]
    return _best_of_few(scores, k)


def _best_of_few(scores: FloatArray, k: int) -> IntArray:
    if k >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= threshold)
