# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best of many hits."""

import numpy as np

from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport alike

cdef enum:
    MANY = 32  # of fewer, hardly any hit ever enters the heap
    NEEDED = 32  # with so many hits for each one wanted, neither does one


def top(const float[::1] scores, const int32_t[::1] docs, const int32_t[::1] ranks, Py_ssize_t count):
    cdef Py_ssize_t size = scores.shape[0], i, kept, hit
    cdef float worst_score
    cdef int64_t[::1] likely = None
    alike(docs.shape[0], size)
    count = min(count, size)
    chosen = np.empty(count, np.int64)
    if not count:
        return chosen
    cdef int64_t[::1] heap = chosen
    if MANY <= count < size < NEEDED * count:
        likely = _likely(scores, count)
        size = likely.shape[0]
        for i in range(count):
            heap[i] = likely[i]
    else:
        for i in range(count):
            heap[i] = i
    for i in range(count // 2 - 1, -1, -1):
        _sift(heap, i, count, scores, docs, ranks)
    worst_score = scores[heap[0]]
    for i in range(count, size):
        hit = i if likely is None else likely[i]
        if scores[hit] < worst_score:
            continue
        if _worse(heap[0], hit, scores, docs, ranks):
            heap[0] = hit
            _sift(heap, 0, count, scores, docs, ranks)
            worst_score = scores[heap[0]]
    for kept in range(count - 1, 0, -1):  # the worst of those left goes to the end
        heap[0], heap[kept] = heap[kept], heap[0]
        _sift(heap, 0, kept, scores, docs, ranks)
    return chosen


cdef int64_t[::1] _likely(const float[::1] scores, Py_ssize_t count):
    """Indexes of the best scores and of some more, all of whose like are there: told by counts of 256 equal steps."""
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
    while least and above + counts[least] < count:
        above += counts[least]
        least -= 1
    for i in range(size):
        chosen[kept] = i
        kept += steps[i] >= least
    return chosen[:kept]


cdef inline bint _worse(
    Py_ssize_t a, Py_ssize_t b, const float[::1] scores, const int32_t[::1] docs, const int32_t[::1] ranks
) noexcept:
    """Whether hit `a` comes after hit `b`."""
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
    """Let heap[at] sink until no hit below it is worse: the worst of all stands first (J. Williams, 1964)."""
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
