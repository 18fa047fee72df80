# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sets of documents combined: sums and maxima of scores, intersections, unions."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport SEARCH_COST, lower_bound, out_of_bounds, same_length


def sum_scores(list parts, list points, int least, Py_ssize_t size):
    cdef Py_ssize_t total = 0, length
    cdef bint every = least == sum(points) and 0 not in points
    few = None
    same_length(len(points), len(parts))
    if sum(points) > 255:
        out_of_bounds()
    for docs, _values, _weight in parts:
        length = len(docs)
        total += length
        if few is None or length < len(few):
            few = docs
    if every and SEARCH_COST * len(few) < total:
        few = _in_all(few, [docs for docs, _values, _weight in parts])
        sums = np.zeros(len(few), np.float32)
        for docs, values, weight in parts:
            _look_up(few, docs, values, weight, sums)
        return few, sums
    counts, totals = np.zeros(size, np.uint8), np.zeros(size, np.float32)
    for (docs, values, weight), worth in zip(parts, points):
        _add(docs, values, weight, worth, counts, totals)
    found = _counted(few, counts, least) if every else _at_least(counts, least)
    return found, _taken(found, totals)


cdef _add(
    const int32_t[::1] docs,
    const float[::1] values,
    float weight,
    uint8_t points,
    uint8_t[::1] counts,
    float[::1] totals,
):
    cdef Py_ssize_t size = counts.shape[0], i
    cdef uint32_t doc
    same_length(docs.shape[0], values.shape[0])
    for i in range(docs.shape[0]):
        doc = docs[i]
        if doc >= size:
            out_of_bounds()
        counts[doc] += points
        totals[doc] += values[i] * weight


cdef _counted(const int32_t[::1] docs, const uint8_t[::1] counts, int least):
    """Return the documents counted at least `least` times; all of `docs` were counted."""
    cdef Py_ssize_t i, kept = 0
    cdef uint32_t doc
    found = np.empty(docs.shape[0], np.int32)
    cdef int32_t[::1] out = found
    for i in range(docs.shape[0]):
        doc = docs[i]
        out[kept] = doc
        kept += counts[doc] >= least
    return found[:kept]


cdef _at_least(const uint8_t[::1] counts, int least):
    """Return the documents counted at least `least` times; eight counts of zero are skipped at once."""
    cdef Py_ssize_t size = counts.shape[0], i, j, kept = 0
    found = np.empty(size, np.int32)
    cdef int32_t[::1] out = found
    for i in range(0, size - 7, 8):
        if (<const int64_t*> &counts[i])[0]:
            for j in range(i, i + 8):
                out[kept] = j
                kept += counts[j] >= least
    for j in range(size & ~7, size):
        out[kept] = j
        kept += counts[j] >= least
    return found[:kept]


cdef _taken(const int32_t[::1] docs, const float[::1] values):
    """Return the value of each document; all of them were counted."""
    cdef Py_ssize_t i
    cdef uint32_t doc
    taken = np.empty(docs.shape[0], np.float32)
    cdef float[::1] out = taken
    for i in range(docs.shape[0]):
        doc = docs[i]
        out[i] = values[doc]
    return taken


cdef _in_all(few, list parts):
    """Return the documents of `few` that every part contains, by binary search."""
    for docs in parts:
        if docs is not few:
            few = _also_in(few, docs)
    return few


cdef _also_in(const int32_t[::1] docs, const int32_t[::1] others):
    cdef Py_ssize_t i, at = 0, kept = 0, size = others.shape[0]
    found = np.empty(docs.shape[0], np.int32)
    cdef int32_t[::1] out = found
    for i in range(docs.shape[0]):
        at = lower_bound(others, at, size, docs[i])
        if at < size and others[at] == docs[i]:
            out[kept] = docs[i]
            kept += 1
    return found[:kept]


cdef _look_up(
    const int32_t[::1] docs, const int32_t[::1] others, const float[::1] values, float weight, float[::1] sums
):
    """Add to `sums` the weighted value of each of `docs`, all of which are among `others`."""
    cdef Py_ssize_t i, at = 0, size = others.shape[0]
    same_length(values.shape[0], size)
    for i in range(docs.shape[0]):
        at = lower_bound(others, at, size, docs[i])
        if at == size:
            out_of_bounds()
        sums[i] += values[at] * weight


def max_scores(list parts, Py_ssize_t size):
    counts, bests, masks = np.zeros(size, np.uint8), np.zeros(size, np.float32), np.zeros(size, np.uint8)
    cdef uint8_t[::1] held = counts, mask = masks
    cdef float[::1] best = bests
    cdef const int32_t[::1] docs
    cdef const float[::1] impacts
    cdef const uint8_t[::1] fields
    cdef Py_ssize_t i
    cdef uint32_t doc
    for each in parts:
        docs, impacts, fields = each
        same_length(docs.shape[0], impacts.shape[0])
        same_length(docs.shape[0], fields.shape[0])
        for i in range(docs.shape[0]):
            doc = docs[i]
            if doc >= size:
                out_of_bounds()
            held[doc] = 1
            mask[doc] |= fields[i]
            best[doc] = impacts[i] if impacts[i] > best[doc] else best[doc]
    found = _at_least(counts, 1)
    return found, _taken(found, bests), masks.take(found)


def intersect(list parts, Py_ssize_t size):
    few = min(parts, key=len)
    if SEARCH_COST * len(few) < sum(map(len, parts)):
        return _in_all(few, parts)
    counts = np.zeros(size, np.uint8)
    cdef uint8_t[::1] held = counts
    cdef const int32_t[::1] docs
    cdef Py_ssize_t i
    cdef uint32_t doc
    for each in parts:
        docs = each
        for i in range(docs.shape[0]):
            doc = docs[i]
            if doc >= size:
                out_of_bounds()
            held[doc] += 1
    return _counted(few, counts, len(parts))


def union_forms(list parts, int mask, const float[::1] worth, Py_ssize_t size):
    cdef const int32_t[::1] form_docs
    cdef const uint8_t[::1] form_fields, alive
    cdef Py_ssize_t low, high, i, kept = 0
    cdef int32_t base
    cdef uint32_t doc
    cdef bint whole
    same_length(worth.shape[0], 256)
    masks = np.zeros(size, np.uint8)
    cdef uint8_t[::1] held = masks
    for each in parts:
        form_docs, form_fields, low, high, alive_mask, base = each
        same_length(form_docs.shape[0], form_fields.shape[0])
        if low < 0 or high > form_docs.shape[0]:
            out_of_bounds()
        whole = alive_mask is None
        if not whole:
            alive = alive_mask.view(np.uint8)
        for i in range(low, high):
            doc = form_docs[i]
            if not whole:
                if doc >= alive.shape[0]:
                    out_of_bounds()
                if not alive[doc]:
                    continue
            doc = doc + base
            if doc >= size:
                out_of_bounds()
            held[doc] |= form_fields[i]
    found = _at_least(masks, 1)
    cdef int32_t[::1] out = found
    impacts = np.empty(out.shape[0], np.float32)
    cdef float[::1] values = impacts
    for i in range(out.shape[0]):
        doc = out[i]
        out[kept], values[kept] = doc, worth[held[doc]]
        kept += (held[doc] & mask) != 0
    return found[:kept], impacts[:kept]
