# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The k best of many hits."""

import numpy as np

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport same_length

cdef enum:
    MANY = 32  # with a smaller k, hardly any hit enters the heap
    RARE = 32  # with this many hits for each one wanted, hardly any does either


def top_k(const float[::1] scores, const int32_t[::1] docs, const int32_t[::1] ranks, Py_ssize_t k):
    cdef Py_ssize_t size = scores.shape[0], i, kept, hit
    cdef float worst_score
    cdef int64_t[::1] candidates = None
    same_length(docs.shape[0], size)
    k = min(k, size)
    chosen = np.empty(k, np.int64)
    if not k:
        return chosen
    cdef int64_t[::1] heap = chosen
    if MANY <= k < size < RARE * k:
        candidates = _candidates(scores, k)
        size = candidates.shape[0]
        for i in range(k):
            heap[i] = candidates[i]
    else:
        for i in range(k):
            heap[i] = i
    for i in range(k // 2 - 1, -1, -1):
        _sift(heap, i, k, scores, docs, ranks)
    worst_score = scores[heap[0]]
    for i in range(k, size):
        hit = i if candidates is None else candidates[i]
        if scores[hit] < worst_score:
            continue
        if _worse(heap[0], hit, scores, docs, ranks):
            heap[0] = hit
            _sift(heap, 0, k, scores, docs, ranks)
            worst_score = scores[heap[0]]
    for kept in range(k - 1, 0, -1):  # move the worst remaining hit to the end
        heap[0], heap[kept] = heap[kept], heap[0]
        _sift(heap, 0, kept, scores, docs, ranks)
    return chosen


cdef int64_t[::1] _candidates(const float[::1] scores, Py_ssize_t k):
    """Return indexes of at least the k best scores with all their ties, found by a histogram of 256 equal steps."""
    cdef Py_ssize_t size = scores.shape[0], i, kept = 0, above = 0
    cdef float low = scores[0], high = scores[0], scale
    cdef Py_ssize_t[256] counts
    cdef int least = 255
    cdef uint8_t[::1] steps = np.empty(size, np.uint8)
    cdef int64_t[::1] chosen = np.empty(size, np.int64)
    for i in range(size):
        low = scores[i] if scores[i] < low else low
        high = scores[i] if scores[i] > high else high
    scale = 255.0 / (high - low) if high > low else 0.0
    for i in range(256):
        counts[i] = 0
    for i in range(size):
        steps[i] = <uint8_t> ((scores[i] - low) * scale)
        counts[steps[i]] += 1
    while least and above + counts[least] < k:
        above += counts[least]
        least -= 1
    for i in range(size):
        chosen[kept] = i
        kept += steps[i] >= least
    return chosen[:kept]


cdef inline bint _worse(
    Py_ssize_t a, Py_ssize_t b, const float[::1] scores, const int32_t[::1] docs, const int32_t[::1] ranks
) noexcept:
    """Return whether hit `a` comes after hit `b`."""
    if scores[a] != scores[b]:
        return scores[a] < scores[b]
    return _rank(docs[a], ranks) > _rank(docs[b], ranks)


cdef inline int32_t _rank(uint32_t doc, const int32_t[::1] ranks) noexcept:
    return ranks[doc] if doc < ranks.shape[0] else INT32_MAX


cdef void _sift(
    int64_t[::1] heap,
    Py_ssize_t at,
    Py_ssize_t size,
    const float[::1] scores,
    const int32_t[::1] docs,
    const int32_t[::1] ranks,
) noexcept:
    """Sift heap[at] down until no hit below it is worse; the root is the worst hit (J. Williams, heapsort, 1964)."""
    cdef Py_ssize_t child
    cdef int64_t sinking = heap[at]
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and _worse(heap[child + 1], heap[child], scores, docs, ranks):
            child += 1
        if not _worse(heap[child], sinking, scores, docs, ranks):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = sinking
