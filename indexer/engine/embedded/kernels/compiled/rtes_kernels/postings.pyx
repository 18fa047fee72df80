# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Postings of a word: gathered over segments, and boosted where the word occurs as typed."""

import numpy as np

from libc.stdint cimport int32_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport out_of_bounds, same_length

cdef enum:
    SPARSE = 64  # with fewer than one document in this many, a dense array is not worth filling


def gather_postings(list parts):
    if len(parts) == 1:
        posting_docs, posting_impacts, posting_fields, low, high, alive_mask, base = parts[0]
        if alive_mask is None and not base:  # return views of the file
            return posting_docs[low:high], posting_impacts[low:high], posting_fields[low:high]
    return _gather_postings(parts)


cdef _gather_postings(list parts):
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
        posting_docs, posting_impacts, posting_fields, low, high, alive_mask, base = each
        same_length(posting_docs.shape[0], posting_impacts.shape[0])
        same_length(posting_docs.shape[0], posting_fields.shape[0])
        if low < 0 or high > posting_docs.shape[0]:
            out_of_bounds()
        whole = alive_mask is None
        if not whole:
            alive = alive_mask.view(np.uint8)
        for i in range(low, high):
            doc = posting_docs[i]
            out[kept], worth[kept], masks[kept] = doc + base, posting_impacts[i], posting_fields[i]
            if whole:
                kept += 1
            elif doc < alive.shape[0]:
                kept += alive[doc] != 0
            else:
                out_of_bounds()
    return docs[:kept], impacts[:kept], fields[:kept]


def gather_form_docs(list parts, int mask):
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
        form_docs, form_fields, low, high, alive_mask, base = each
        same_length(form_docs.shape[0], form_fields.shape[0])
        if low < 0 or high > form_docs.shape[0]:
            out_of_bounds()
        whole = alive_mask is None
        if not whole:
            alive = alive_mask.view(np.uint8)
        for i in range(low, high):
            doc = form_docs[i]
            out[kept] = doc + base
            if whole:
                kept += (form_fields[i] & mask) != 0
            elif doc < alive.shape[0]:
                kept += alive[doc] != 0 and (form_fields[i] & mask) != 0
            else:
                out_of_bounds()
    return docs[:kept]


def boost_exact(docs, impacts, fields, int mask, exact, float bonus):
    found, raised = _boost_exact(docs, impacts, fields, mask, exact, bonus)
    # Return the same object where nothing was filtered: it is in memory once, and already in the processor's cache.
    return (docs if len(found) == len(docs) else found), raised


cdef _boost_exact(
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
    same_length(impacts.shape[0], size)
    same_length(fields.shape[0], size)
    if not typed or not size:
        for i in range(size):
            out[kept], worth[kept] = docs[i], impacts[i]
            kept += (fields[i] & mask) != 0
    elif docs[size - 1] < SPARSE * typed:
        # Look up in a dense array: unlike in a merge, no step waits for the one before.
        places = max(docs[size - 1], 0) + 1
        held = np.zeros(places, np.uint8)
        for i in range(typed):
            doc = exact[i]
            if doc < places:
                held[doc] = 1
        for i in range(size):
            doc = docs[i]
            if doc >= places:
                out_of_bounds()
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
