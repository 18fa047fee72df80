# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Positions: occurrences in documents, phrases and proximity."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport SEARCH_COST, lower_bound, out_of_bounds, same_length

cdef enum:
    POSITION_BITS = 32  # as in layout.py
    FIELD_SHIFT = 29
    LAST_FIELD_OF_TEXT = 2  # title 0, summary 1, body 2
    PAGED = 5  # publications, divided into pages


cdef int32_t[::1] _rows(const int32_t[::1] posting_docs, Py_ssize_t low, Py_ssize_t high, int64_t last):
    """Return the row of each document up to `last`; the value is undefined for a document without one."""
    cdef Py_ssize_t row
    cdef uint32_t doc, size = max(min(last, posting_docs[high - 1]), -1) + 1 if high > low else 0
    cdef int32_t[::1] row_of_doc = np.empty(size, np.int32)
    for row in range(low, high):
        doc = posting_docs[row]
        if doc < size:
            row_of_doc[doc] = row
    return row_of_doc


def position_keys(const int32_t[::1] docs, list parts):
    cdef const int32_t[::1] posting_docs
    cdef const uint32_t[::1] posting_positions, positions
    cdef Py_ssize_t size = docs.shape[0], low, high, shift, i, row, part, kept = 0, total = 0, start, end
    cdef bint few
    cdef int32_t doc, base
    cdef int64_t owner
    cdef int32_t[::1] row_of_doc
    row_buffer, ends = np.empty(size * len(parts), np.int64), []
    cdef int64_t[::1] rows = row_buffer
    for posting_docs, low, high, base, shift, posting_positions, positions in parts:
        if low < 0 or high > posting_docs.shape[0] or low + shift < 0 or high + shift >= posting_positions.shape[0]:
            out_of_bounds()
        few, row = SEARCH_COST * size < high - low, low
        if not few:
            row_of_doc = _rows(posting_docs, low, high, docs[size - 1] - base if size else -1)
        for i in range(size):
            doc = docs[i] - base
            if few:
                row = lower_bound(posting_docs, row, high, doc)
            else:
                row = row_of_doc[doc] if 0 <= doc < row_of_doc.shape[0] else high
            if row < high and row >= low and posting_docs[row] == doc:
                start, end = posting_positions[row + shift], posting_positions[row + shift + 1]
                if end < start or end > positions.shape[0]:
                    out_of_bounds()
                rows[kept] = row
                kept += 1
                total += end - start
        ends.append(kept)
    found = np.empty(total, np.int64)
    cdef int64_t[::1] out = found
    total = part = 0
    for (posting_docs, low, high, base, shift, posting_positions, positions), kept in zip(parts, ends, strict=True):
        for i in range(part, kept):
            row = rows[i]
            owner = (<int64_t> posting_docs[row] + base) << POSITION_BITS
            start, end = posting_positions[row + shift], posting_positions[row + shift + 1]
            while start < end:
                out[total] = owner | positions[start]
                total += 1
                start += 1
        part = kept
    return found


def follow(const int64_t[::1] first, list parts, int64_t step):
    cdef const int32_t[::1] posting_docs
    cdef const uint32_t[::1] posting_positions, positions
    cdef Py_ssize_t size = first.shape[0], low, high, shift, i = 0, row, at, end, kept = 0
    cdef int64_t wanted, doc, owner
    cdef int32_t base
    cdef int32_t[::1] row_of_doc
    cdef bint few
    found = np.empty(size, np.int64)
    cdef int64_t[::1] out = found
    for posting_docs, low, high, base, shift, posting_positions, positions in parts:
        if low < 0 or high > posting_docs.shape[0] or low + shift < 0 or high + shift >= posting_positions.shape[0]:
            out_of_bounds()
        if high <= low:
            continue
        few, row, at, end, owner = SEARCH_COST * size < high - low, low, 0, 0, -1
        if not few:
            row_of_doc = _rows(posting_docs, low, high, ((first[size - 1] + step) >> POSITION_BITS) - base if size else -1)
        while i < size:
            wanted = first[i] + step
            doc = (wanted >> POSITION_BITS) - base
            if doc > posting_docs[high - 1]:
                break  # the rest belongs to the next segment
            if doc != owner:
                if few:
                    row = lower_bound(posting_docs, row, high, doc)
                else:
                    row = row_of_doc[doc] if 0 <= doc < row_of_doc.shape[0] else high
                owner, at, end = doc, 0, 0
                if row < high and row >= low and posting_docs[row] == doc:
                    at, end = posting_positions[row + shift], posting_positions[row + shift + 1]
                    if end > positions.shape[0]:
                        out_of_bounds()
            wanted &= (<int64_t> 1 << POSITION_BITS) - 1
            while at < end and positions[at] < wanted:
                at += 1
            out[kept] = first[i]
            kept += at < end and positions[at] == wanted
            i += 1
    return found[:kept]


def follow_keys(const int64_t[::1] first, const int64_t[::1] later, int64_t step):
    cdef Py_ssize_t i, at = 0, kept = 0, size = later.shape[0]
    cdef int64_t wanted
    found = np.empty(first.shape[0], np.int64)
    cdef int64_t[::1] out = found
    for i in range(first.shape[0]):
        wanted = first[i] + step
        while at < size and later[at] < wanted:
            at += 1
        if at == size:
            break
        out[kept] = first[i]
        kept += later[at] == wanted
    return found[:kept]


cdef Py_ssize_t _after(const int64_t[::1] keys, Py_ssize_t low, int64_t wanted) noexcept:
    """Return the index of the first of some ascending keys, from index `low` on, that is greater than `wanted`."""
    cdef Py_ssize_t high = keys.shape[0], middle
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] <= wanted:
            low = middle + 1
        else:
            high = middle
    return low


def score_phrase(
    const int64_t[::1] starts,
    int mask,
    const double[::1] weights,
    const float[:, ::1] norms,
    double k1,
    const int64_t[::1] page_keys,
    const float[::1] page_norms,
):
    cdef Py_ssize_t size = starts.shape[0], pages = page_keys.shape[0], i = 0, kept = 0, after = 0
    cdef double part, best = 0.0
    cdef int64_t doc_field
    cdef uint32_t doc, field, owner = 0
    cdef double times, total = 0.0
    cdef bint any_yet = False
    found, impacts = np.empty(size, np.int32), np.empty(size, np.float32)
    cdef int32_t[::1] out = found
    cdef float[::1] worth = impacts
    same_length(weights.shape[0], norms.shape[1])
    same_length(pages, page_norms.shape[0])
    while i < size:
        doc_field = starts[i] >> FIELD_SHIFT
        field = doc_field & ((1 << (POSITION_BITS - FIELD_SHIFT)) - 1)
        times = 0.0
        if field == PAGED and (1 << PAGED) & mask and field < weights.shape[0]:
            best = 0.0
            while i < size and starts[i] >> FIELD_SHIFT == doc_field:
                after = _after(page_keys, 0 if after and page_keys[after - 1] > starts[i] else after, starts[i])
                if after == 0:
                    out_of_bounds()
                times = 0.0
                while (
                    i < size and starts[i] >> FIELD_SHIFT == doc_field and (after == pages or starts[i] < page_keys[after])
                ):
                    times += 1.0
                    i += 1
                part = weights[field] * times * (k1 + 1.0) / (times + page_norms[after - 1])
                if part > best:
                    best = part
        else:
            while i < size and starts[i] >> FIELD_SHIFT == doc_field:
                times += 1.0
                i += 1
        if not (1 << field) & mask:
            continue
        doc = doc_field >> (POSITION_BITS - FIELD_SHIFT)
        if doc >= norms.shape[0] or field >= weights.shape[0]:
            out_of_bounds()
        if any_yet and doc != owner:
            out[kept], worth[kept] = owner, total
            kept += 1
            total = 0.0
        any_yet, owner = True, doc
        total += best if field == PAGED else weights[field] * times * (k1 + 1.0) / (times + norms[doc, field])
    if any_yet:
        out[kept], worth[kept] = owner, total
        kept += 1
    return found[:kept], impacts[:kept]


def add_proximity_bonus(
    const int64_t[::1] before,
    const int64_t[::1] after,
    const int32_t[::1] docs,
    int64_t within,
    float worth,
    float titled,
    float[::1] bonus,
):
    cdef Py_ssize_t size = after.shape[0], many = docs.shape[0], i, next_one = 0, at = 0
    cdef int64_t key, field
    cdef int32_t doc
    same_length(bonus.shape[0], many)
    seen = np.zeros(many, np.uint8)
    cdef uint8_t[::1] flags = seen
    for i in range(before.shape[0]):
        key = before[i]
        while next_one < size and after[next_one] <= key:
            next_one += 1
        if next_one == size:
            break
        if after[next_one] - key > within:
            continue
        field = (key >> FIELD_SHIFT) & ((1 << (POSITION_BITS - FIELD_SHIFT)) - 1)
        if field > LAST_FIELD_OF_TEXT and field != PAGED:
            continue
        doc = key >> POSITION_BITS
        while at < many and docs[at] < doc:
            at += 1
        if at < many and docs[at] == doc:
            flags[at] |= 2 if field == 0 else 1
    for i in range(many):
        if flags[i] & 2:
            bonus[i] += worth * titled
        elif flags[i]:
            bonus[i] += worth
