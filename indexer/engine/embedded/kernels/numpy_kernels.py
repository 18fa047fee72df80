"""The kernels with numpy, and what each of them takes and gives.

Arrays are C-contiguous: documents int32, rising, below `size`; scores and impacts float32; masks of fields uint8; keys
``document << 20 | position``, int64, rising. Arguments are left as they are, and a result may be one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded.storage.arrays import (
    FIELD_SHIFT,
    POSITION_BITS,
    BoolArray,
    FloatArray,
    IntArray,
    ranges,
    starts_of_runs,
)
from indexer.query.fields import TextField

Scored = tuple[IntArray, FloatArray]
"""Documents, and the score or impact of each."""

NO_DOCS: IntArray = np.empty(0, dtype=np.int32)

Stretch = tuple[IntArray, FloatArray, IntArray, int, int, BoolArray | None, int]
"""Of a segment: posting_docs, posting_impacts, posting_fields; bounds of a term's postings in them; which documents
live (None: all); what the world adds to their numbers."""

FormStretch = tuple[IntArray, IntArray, int, int, BoolArray | None, int]
"""The same of a written form: form_docs, form_fields; bounds; live; what is added."""

PositionStretch = tuple[IntArray, int, int, int, int, IntArray, IntArray]
"""Of a segment that holds a term: documents of postings, of which those between two bounds are the term's there; what
makes them documents of the world; what makes an index among them one into posting_positions; posting_positions and
positions, as in `Segment`."""

Part = tuple[IntArray, FloatArray, float]
"""What goes into a sum: documents, the impact or score of each, and the weight of all of them."""

Held = tuple[IntArray, FloatArray, IntArray]
"""Documents, and the impact and the mask of fields of each."""


def place(blob: IntArray, offsets: IntArray, wanted: bytes) -> int:
    """Index of the first of many strings that does not come before `wanted`.

    Args:
        blob: [bytes] all strings end to end, in the order of their bytes (uint8).
        offsets: [strings + 1] where each begins, and the end (int64).
        wanted: what is looked for.
    """

    def text(index: int) -> bytes:
        return blob[int(offsets[index]) : int(offsets[index + 1])].tobytes()

    return bisect_left(range(len(offsets) - 1), wanted, key=text)


def joined(parts: list[Stretch]) -> Held:
    """Postings of one term from several segments, numbered as in the world, without the dead."""
    if len(parts) == 1 and parts[0][5] is None and not parts[0][6]:  # as they stand in the file
        posting_docs, posting_impacts, posting_fields, low, high, *_ = parts[0]
        return posting_docs[low:high], posting_impacts[low:high], posting_fields[low:high]
    docs, impacts, fields = [NO_DOCS], [np.empty(0, np.float32)], [np.empty(0, np.uint8)]
    for posting_docs, posting_impacts, posting_fields, low, high, live, base in parts:
        held = posting_docs[low:high]
        alive = slice(None) if live is None else live[held]
        docs.append(held[alive] + np.int32(base))
        impacts.append(posting_impacts[low:high][alive])
        fields.append(posting_fields[low:high][alive])
    return np.concatenate(docs), np.concatenate(impacts), np.concatenate(fields)


def holding(parts: list[FormStretch], mask: int) -> IntArray:
    """Documents that hold one written form in any of the fields of a mask, numbered as in the world."""
    docs = [NO_DOCS]
    for form_docs, form_fields, low, high, live, base in parts:
        held = form_docs[low:high]
        kept = (form_fields[low:high] & np.uint8(mask)) != 0
        if live is not None:
            kept &= live[held]
        docs.append(held[kept] + np.int32(base))
    return np.concatenate(docs)


def written(docs: IntArray, impacts: FloatArray, fields: IntArray, mask: int, exact: IntArray, bonus: float) -> Scored:
    """Postings of a word as it was written: those in any of the fields of a mask, raised where it stands as typed.

    Args:
        docs: of the postings.
        impacts: of each.
        fields: of each.
        mask: the fields looked at.
        exact: documents that hold the word as typed.
        bonus: added to their impacts.
    """
    inside = (fields & np.uint8(mask)) != 0
    if not inside.all():
        docs, impacts = docs[inside], impacts[inside]
    if len(exact):
        impacts = impacts + _found_in(exact, docs) * np.float32(bonus)
    return docs, impacts


def add_up(parts: list[Part], least: int, size: int) -> Scored:
    """Documents in at least so many of several parts; value times weight added up in the order of the parts."""
    weighed = [(docs, values * np.float32(weight)) for docs, values, weight in parts]
    if least == len(parts):
        docs = common([docs for docs, _ in weighed], size)
    elif least == 1:
        docs = _union([docs for docs, _ in weighed], size)
    else:
        counts = np.zeros(size, dtype=np.uint8)
        for held, _ in weighed:
            counts[held] += 1
        docs = np.flatnonzero(counts >= least).astype(np.int32)
    return docs, reduce(np.add, [_look_up(held, scores, docs, size) for held, scores in weighed])


def greatest(parts: list[Held], size: int) -> Held:
    """Documents in any of several parts; the greatest impact of each, and all fields."""
    docs = _union([part[0] for part in parts], size)
    best = np.zeros(len(docs), dtype=np.float32)
    fields = np.zeros(len(docs), dtype=np.uint8)
    for held, impacts, masks in parts:
        np.maximum(best, _look_up(held, impacts, docs, size), out=best)
        fields |= _look_up(held, masks, docs, size)
    return docs, best, fields


def common(parts: list[IntArray], size: int) -> IntArray:
    """Documents in every one of several parts."""
    return reduce(lambda few, held: few[_contains(held, few, size)], sorted(parts, key=len))


def spread(parts: list[FormStretch], mask: int, worth: FloatArray, size: int) -> Scored:
    """Documents that hold any of many written forms in any of the fields of a mask, and an impact on each.

    Args:
        parts: postings of the forms.
        mask: the fields looked at.
        worth: [256] impact of a document by the mask of all fields in which it holds one of them (float32).
        size: how many documents there are.
    """
    docs, masks = [NO_DOCS], [np.empty(0, np.uint8)]
    for form_docs, form_fields, low, high, live, base in parts:
        part = form_docs[low:high]
        alive = slice(None) if live is None else live[part]
        docs.append(part[alive] + np.int32(base))
        masks.append(form_fields[low:high][alive])
    found, fields = _gathered(np.concatenate(docs), np.concatenate(masks), size)
    inside = (fields & np.uint8(mask)) != 0
    return found[inside], worth[fields[inside]]


def keys(docs: IntArray, parts: list[PositionStretch]) -> IntArray:
    """Keys of the occurrences of one term in some documents, over the segments that hold it, in their order."""
    found: list[IntArray] = [np.empty(0, dtype=np.int64)]
    for holding, low, high, base, shift, posting_positions, positions in parts:
        rows = low + np.flatnonzero(_found_in(docs, holding[low:high] + np.int32(base)))
        starts = posting_positions[rows + shift].astype(np.int64)
        counts = posting_positions[rows + shift + 1] - starts
        owners = holding[rows] + np.int64(base)
        found.append(np.repeat(owners << POSITION_BITS, counts) | positions[ranges(starts, counts)])
    return np.concatenate(found)


def followed(first: IntArray, parts: list[PositionStretch], step: int) -> IntArray:
    """As `follow`, after which come the occurrences of one term, over its segments: these are read where they stand."""
    docs = np.unique((first + step) >> POSITION_BITS).astype(np.int32)
    return follow(first, keys(docs, parts), step)


def follow(first: IntArray, later: IntArray, step: int) -> IntArray:
    """Those of `first` that one of `later` comes exactly `step` after."""
    return first[_found_in(later, first + step)]


def phrase(starts: IntArray, mask: int, weights: FloatArray, norms: FloatArray, k1: float) -> Scored:
    """Documents that a phrase occurs in, and its impact on each, field by field as `ranking.impact` has it.

    Args:
        starts: keys of where it begins.
        mask: the fields looked at.
        weights: [fields] (float64).
        norms: [size × fields] (float32).
        k1: as in `ranking`.
    """
    fields = (starts & ((1 << POSITION_BITS) - 1)) >> FIELD_SHIFT
    inside = (1 << fields & mask) != 0
    starts, fields = starts[inside], fields[inside]
    # One row a document and field, each saturated for itself, then one a document; keys rise, and so do these.
    cells = starts >> POSITION_BITS << 8 | fields
    rows = starts_of_runs(cells)
    counts = np.diff(rows, append=len(cells)).astype(np.float64)
    owners, fields = (cells[rows] >> 8).astype(np.int32), cells[rows] & 0xFF
    parts = weights[fields] * counts * (k1 + 1.0) / (counts + norms[owners, fields])
    first = starts_of_runs(owners)
    impacts = np.add.reduceat(parts, first) if len(first) else parts
    return owners[first], impacts.astype(np.float32)


def near(
    before: IntArray,
    after: IntArray,
    docs: IntArray,
    within: int,
    worth: float,
    titled: float,
    bonus: FloatArray,
) -> None:
    """Add to the bonus of each document where the first of two words soon stands before the second.

    Args:
        before: keys of the first word.
        after: keys of the second.
        docs: the documents.
        within: positions within which the second follows.
        worth: what it adds.
        titled: times so much in a title.
        bonus: [docs] what is added to, in place.
    """
    if not len(before) or not len(after):
        return
    following = np.searchsorted(after, before, side="right")
    following[following == len(after)] = 0
    step = after[following] - before
    met = before[(step > 0) & (step <= within)]
    fields = (met & ((1 << POSITION_BITS) - 1)) >> FIELD_SHIFT
    in_text = _found_in(met[fields <= TextField.BODY] >> POSITION_BITS, docs)
    in_title = _found_in(met[fields == TextField.TITLE] >> POSITION_BITS, docs)
    bonus += np.float32(worth) * np.where(in_title, np.float32(titled), in_text.astype(np.float32))


def top(scores: FloatArray, docs: IntArray, ranks: IntArray, count: int) -> IntArray:
    """Indexes of the best scores, best first; those that score the same by rank.

    Args:
        scores: of each document.
        docs: the documents.
        ranks: [size] rank of every document (int32).
        count: indexes wanted.
    """
    chosen = _best(scores, count)
    return chosen[np.lexsort((ranks[docs[chosen]], -scores[chosen]))][:count]


def tally(docs: IntArray, column: IntArray, bins: int) -> IntArray:
    """[bins] how many of some documents have each value of a column, [size] (uint16 or int32)."""
    return np.bincount(column.take(docs), minlength=bins)


def fold(counts: IntArray, codes: IntArray, bins: int, allowed: BoolArray | None) -> list[int]:
    """Counts by cell, added up by a code of each cell.

    Args:
        counts: [cells] (int64).
        codes: [cells] below `bins` (int32).
        bins: how many codes there are.
        allowed: [cells] which of them count; None: all.
    """
    summed = np.bincount(codes, counts if allowed is None else counts * allowed, minlength=bins)
    return [int(count) for count in summed.tolist()]


def fold_all(counts: IntArray, offsets: IntArray, codes: IntArray, bins: int) -> list[int]:
    """Counts by group, added up by each of several codes of a group: first of what has none, then by code.

    Args:
        counts: [groups] (int64).
        offsets: [groups + 1] where the codes of each group begin, and the end (int32).
        codes: of all groups, end to end (int32).
        bins: 1 + number of codes.
    """
    lengths = np.diff(offsets)
    added = np.bincount(codes + 1, np.repeat(counts, lengths), minlength=bins)
    added[0] = counts[lengths == 0].sum()
    return [int(one) for one in added.tolist()]


def passing(docs: IntArray, scores: FloatArray, column: IntArray, allowed: BoolArray) -> Scored:
    """Documents, and their scores, whose value in a column, [size] (uint16 or int32), is allowed ([values])."""
    passed = allowed[column[docs]]
    return docs[passed], scores[passed]


def _gathered(docs: IntArray, masks: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Documents in any order, with repetitions, and masks: each once, rising, with all the bits of its masks."""
    if _spreads(len(docs), len(docs), size):
        spread = np.zeros(size, dtype=np.uint8)
        for number in range(8):
            bit = np.uint8(1 << number)
            held = np.zeros(size, dtype=np.uint8)
            held[docs[(masks & bit) != 0]] = bit  # to set it twice does no harm
            spread |= held
        found = np.flatnonzero(spread).astype(np.int32)
        return found, spread[found]
    if not len(docs):
        return docs, masks
    order = np.argsort(docs, kind="stable")
    docs, masks = docs[order], masks[order]
    first = starts_of_runs(docs)
    return docs[first], np.bitwise_or.reduceat(masks, first)


# Sets of documents come as rising arrays. A large one is spread over an array with a place for each document and read
# there; where few documents are sought, binary search costs less.
_SEARCH = 12
"""What one binary search costs, in elements written or read."""


def _spreads(held: int, wanted: int, size: int) -> bool:
    """Whether spreading costs less than searching."""
    return wanted * _SEARCH > wanted + held + size // 16


def _found_in(values: IntArray, wanted: IntArray) -> BoolArray:
    """Whether each of `wanted` stands in the rising `values`, by binary search."""
    if not len(values):
        return np.zeros(len(wanted), dtype=bool)
    at = np.searchsorted(values, wanted)
    at[at == len(values)] = 0
    found: BoolArray = values[at] == wanted
    return found


def _union(parts: Sequence[IntArray], size: int) -> IntArray:
    """The documents of several rising arrays, each once, rising."""
    if len(parts) == 1:
        return parts[0]
    total = sum(map(len, parts))
    if not _spreads(total, total, size):
        joined = np.concatenate(parts)
        joined.sort(kind="stable")  # runs that rise already are merged
        return joined[starts_of_runs(joined)]
    held = np.zeros(size, dtype=bool)
    for part in parts:
        held[part] = True
    return np.flatnonzero(held).astype(np.int32)


def _contains(docs: IntArray, wanted: IntArray, size: int) -> BoolArray:
    """Whether each of `wanted` stands in `docs`."""
    if not _spreads(len(docs), len(wanted), size):
        return _found_in(docs, wanted)
    held = np.zeros(size, dtype=bool)
    held[docs] = True
    return held.take(wanted)


def _look_up(docs: IntArray, values: NDArray[Any], wanted: IntArray, size: int) -> NDArray[Any]:
    """Of each of `wanted`, the value that stands beside it in `docs`, or 0."""
    if not len(docs):
        return np.zeros(len(wanted), dtype=values.dtype)
    if _spreads(len(docs), len(wanted), size):
        spread = np.zeros(size, dtype=values.dtype)
        spread[docs] = values
        return spread.take(wanted)
    at = np.searchsorted(docs, wanted)
    at[at == len(docs)] = 0
    return np.where(docs[at] == wanted, values[at], values.dtype.type(0))


_BLOCK = 64


def _best(scores: FloatArray, count: int) -> IntArray:
    """Indexes of the `count` best scores and of all that tie with the last of them."""
    blocks = len(scores) // _BLOCK
    if count == 0:
        return np.empty(0, dtype=np.int64)
    if count < blocks:
        # Each of the `count` best blocks holds a score at least as good as the worst of their best: a bound that leaves
        # little to sort.
        best_of = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        likely = np.flatnonzero(scores >= np.partition(best_of, blocks - count)[blocks - count])
        return likely[_best_of_few(scores[likely], count)]
    return _best_of_few(scores, count)


def _best_of_few(scores: FloatArray, count: int) -> IntArray:
    if count >= len(scores):
        return np.arange(len(scores))
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= threshold)
