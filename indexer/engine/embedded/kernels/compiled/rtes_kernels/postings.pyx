# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Postings of a word: put together over segments, and raised where it stands as typed."""

import numpy as np

from libc.stdint cimport int32_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport alike, outside

cdef enum:
    SPARSE = 64  # with one document in so many, an array with a place for each is not worth filling


def joined(list parts):
    if len(parts) == 1:
        posting_docs, posting_impacts, posting_fields, low, high, live, base = parts[0]
        if live is None and not base:  # as they stand in the file
            return posting_docs[low:high], posting_impacts[low:high], posting_fields[low:high]
    return _joined(parts)


cdef _joined(list parts):
    cdef const int32_t[::1] posting_docs
    cdef const float[::1] posting_impacts
    cdef const uint8_t[::1] posting_fields, alive
    cdef Py_ssize_t low, high, i, kept = 0, size = 0
    cdef int32_t base
    cdef uint32_t doc
    cdef bint whole
    for each in parts:
        size += max(<Py_ssize_t> each[4] - <Py_ssize_t> each[3], 0)
    docs, impacts, fields = np.empty(size, np.int32), np.empty(size, np.float32), np.empty(size, np.uint8)
    cdef int32_t[::1] out = docs
    cdef float[::1] worth = impacts
    cdef uint8_t[::1] masks = fields
    for each in parts:
        posting_docs, posting_impacts, posting_fields, low, high, live, base = each
        alike(posting_docs.shape[0], posting_impacts.shape[0])
        alike(posting_docs.shape[0], posting_fields.shape[0])
        if low < 0 or high > posting_docs.shape[0]:
            outside()
        whole = live is None
        if not whole:
            alive = live.view(np.uint8)
        for i in range(low, high):
            doc = posting_docs[i]
            out[kept], worth[kept], masks[kept] = doc + base, posting_impacts[i], posting_fields[i]
            if whole:
                kept += 1
            elif doc < alive.shape[0]:
                kept += alive[doc] != 0
            else:
                outside()
    return docs[:kept], impacts[:kept], fields[:kept]


def holding(list parts, int mask):
    cdef const int32_t[::1] form_docs
    cdef const uint8_t[::1] form_fields, alive
    cdef Py_ssize_t low, high, i, kept = 0, size = 0
    cdef int32_t base
    cdef uint32_t doc
    cdef bint whole
    for each in parts:
        size += max(<Py_ssize_t> each[3] - <Py_ssize_t> each[2], 0)
    docs = np.empty(size, np.int32)
    cdef int32_t[::1] out = docs
    for each in parts:
        form_docs, form_fields, low, high, live, base = each
        alike(form_docs.shape[0], form_fields.shape[0])
        if low < 0 or high > form_docs.shape[0]:
            outside()
        whole = live is None
        if not whole:
            alive = live.view(np.uint8)
        for i in range(low, high):
            doc = form_docs[i]
            out[kept] = doc + base
            if whole:
                kept += (form_fields[i] & mask) != 0
            elif doc < alive.shape[0]:
                kept += alive[doc] != 0 and (form_fields[i] & mask) != 0
            else:
                outside()
    return docs[:kept]


def written(docs, impacts, fields, int mask, exact, float bonus):
    found, raised = _written(docs, impacts, fields, mask, exact, bonus)
    # The same object where all are inside: it is then in memory once, and in the processor's cache already.
    return (docs if len(found) == len(docs) else found), raised


cdef _written(
    const int32_t[::1] docs,
    const float[::1] impacts,
    const uint8_t[::1] fields,
    int mask,
    const int32_t[::1] exact,
    float bonus,
):
    cdef Py_ssize_t size = docs.shape[0], typed = exact.shape[0], i, at = 0, kept = 0
    cdef uint32_t doc, places
    cdef bint same
    found, raised = np.empty(size, np.int32), np.empty(size, np.float32)
    cdef int32_t[::1] out = found
    cdef float[::1] worth = raised
    cdef uint8_t[::1] held
    alike(impacts.shape[0], size)
    alike(fields.shape[0], size)
    if not typed or not size:
        for i in range(size):
            out[kept], worth[kept] = docs[i], impacts[i]
            kept += (fields[i] & mask) != 0
    elif docs[size - 1] < SPARSE * typed:
        # Read from an array with a place for each document: no step waits for the one before, as in a merge.
        places = max(docs[size - 1], 0) + 1
        held = np.zeros(places, np.uint8)
        for i in range(typed):
            doc = exact[i]
            if doc < places:
                held[doc] = 1
        for i in range(size):
            doc = docs[i]
            if doc >= places:
                outside()
            out[kept], worth[kept] = doc, impacts[i] + bonus * held[doc]
            kept += (fields[i] & mask) != 0
    else:
        for i in range(size):
            while at < typed and exact[at] < docs[i]:
                at += 1
            same = at < typed and exact[at] == docs[i]
            out[kept], worth[kept] = docs[i], impacts[i] + bonus * same
            kept += (fields[i] & mask) != 0
    return found[:kept], raised[:kept]
