# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Documents counted and filtered by a column."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t
from rtes_kernels.bounds cimport out_of_bounds, same_length

ctypedef fused Column:
    int32_t
    uint16_t


def count(docs, column, Py_ssize_t bins):
    return _count[uint16_t](docs, column, bins) if column.itemsize == 2 else _count[int32_t](docs, column, bins)


cdef _count(const int32_t[::1] docs, const Column[::1] column, Py_ssize_t bins):
    """Count into two tables in turn, so that the same bin twice in a row does not wait for itself."""
    cdef Py_ssize_t size = docs.shape[0], i
    cdef uint32_t one, other
    counts, others = np.zeros(bins, np.int64), np.zeros(bins, np.int64)
    cdef int64_t[::1] even = counts, odd = others
    for i in range(0, size - 1, 2):
        one, other = docs[i], docs[i + 1]
        if one >= column.shape[0] or other >= column.shape[0]:
            out_of_bounds()
        one, other = column[one], column[other]
        if one >= bins or other >= bins:
            out_of_bounds()
        even[one] += 1
        odd[other] += 1
    if size & 1:
        one = docs[size - 1]
        if one >= column.shape[0]:
            out_of_bounds()
        one = column[one]
        if one >= bins:
            out_of_bounds()
        even[one] += 1
    counts += others
    return counts


def rollup(const int64_t[::1] counts, const int32_t[::1] codes, Py_ssize_t bins, allowed):
    cdef const uint8_t[::1] passed
    cdef Py_ssize_t i
    cdef uint32_t code
    cdef bint whole = allowed is None
    added = np.zeros(bins, np.int64)
    cdef int64_t[::1] out = added
    same_length(counts.shape[0], codes.shape[0])
    if not whole:
        passed = allowed.view(np.uint8)
        same_length(passed.shape[0], counts.shape[0])
    for i in range(counts.shape[0]):
        code = codes[i]
        if code >= bins:
            out_of_bounds()
        if whole or passed[i]:
            out[code] += counts[i]
    return added.tolist()


def rollup_multivalued(const int64_t[::1] counts, const int32_t[::1] offsets, const int32_t[::1] codes, Py_ssize_t bins):
    cdef Py_ssize_t i, at, end
    cdef uint32_t code
    added = np.zeros(max(bins, 1), np.int64)
    cdef int64_t[::1] out = added
    same_length(counts.shape[0] + 1, offsets.shape[0])
    for i in range(counts.shape[0]):
        at, end = offsets[i], offsets[i + 1]
        if at < 0 or end > codes.shape[0]:
            out_of_bounds()
        if at >= end:
            out[0] += counts[i]
        while at < end:
            code = codes[at]
            if code >= bins - 1:
                out_of_bounds()
            out[code + 1] += counts[i]
            at += 1
    return added.tolist()


def filter_docs(docs, scores, column, allowed):
    allowed = allowed.view(np.uint8)
    if column.itemsize == 2:
        return _filter_docs[uint16_t](docs, scores, column, allowed)
    return _filter_docs[int32_t](docs, scores, column, allowed)


cdef _filter_docs(
    const int32_t[::1] docs, const float[::1] scores, const Column[::1] column, const uint8_t[::1] allowed
):
    cdef Py_ssize_t size = docs.shape[0], i, kept = 0
    cdef uint32_t doc, group
    found, sums = np.empty(size, np.int32), np.empty(size, np.float32)
    cdef int32_t[::1] out = found
    cdef float[::1] worth = sums
    same_length(scores.shape[0], size)
    for i in range(size):
        doc = docs[i]
        if doc >= column.shape[0]:
            out_of_bounds()
        group = column[doc]
        if group >= allowed.shape[0]:
            out_of_bounds()
        out[kept], worth[kept] = doc, scores[i]
        kept += allowed[group] != 0
    return found[:kept], sums[:kept]
