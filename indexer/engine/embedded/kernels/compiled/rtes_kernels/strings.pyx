# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sorted tables of strings."""

import numpy as np

from libc.stdint cimport int32_t, int64_t, uint8_t, uintptr_t
from libc.string cimport memcmp
from rtes_kernels.bounds cimport out_of_bounds


def string_lower_bound(const uint8_t[::1] blob, const int64_t[::1] offsets, bytes wanted):
    cdef Py_ssize_t low = 0, high = offsets.shape[0] - 1, middle
    cdef int64_t start, end
    cdef Py_ssize_t sought = len(wanted), size
    cdef const unsigned char* text = wanted
    cdef int order
    while low < high:
        middle = (low + high) >> 1
        start, end = offsets[middle], offsets[middle + 1]
        if start < 0 or end < start or end > blob.shape[0]:
            out_of_bounds()
        size = end - start
        order = 0
        if size and sought:
            order = memcmp(&blob[start], text, min(size, sought))
        if order < 0 or (order == 0 and size < sought):
            low = middle + 1
        else:
            high = middle
    return low


def number_strings(list tables):
    cdef Py_ssize_t count = len(tables), i, number = 0, least
    cdef const uint8_t[::1] blob
    cdef const int64_t[::1] offsets
    cdef int32_t[::1] out
    cdef int order
    cdef int64_t[::1] at = np.zeros(count, np.int64), sizes = np.empty(count, np.int64)
    # Addresses of the arrays of each table; `tables` and `numbers` keep them alive.
    cdef uintptr_t[::1] texts = np.empty(count, np.uintp), starts = np.empty(count, np.uintp)
    cdef uintptr_t[::1] results = np.empty(count, np.uintp)
    cdef uint8_t[::1] tied = np.empty(count, np.uint8)
    numbers = []
    for i in range(count):
        blob, offsets = tables[i]
        sizes[i] = max(offsets.shape[0] - 1, 0)
        _check(blob, offsets)
        numbers.append(np.empty(sizes[i], np.int32))
        out = numbers[i]
        texts[i], starts[i], results[i] = <uintptr_t> &blob[0], <uintptr_t> &offsets[0], <uintptr_t> &out[0]
    while True:
        least = -1
        for i in range(count):
            if at[i] == sizes[i]:
                tied[i] = 0
                continue
            order = -1 if least < 0 else _compare(texts[i], starts[i], at[i], texts[least], starts[least], at[least])
            tied[i] = order <= 0
            if order < 0:
                tied[:i] = 0
                least = i
        if least < 0:
            return numbers, number
        for i in range(count):
            if tied[i]:
                (<int32_t*> results[i])[at[i]] = number
                at[i] += 1
        number += 1


cdef int _check(const uint8_t[::1] blob, const int64_t[::1] offsets) except -1:
    """Raise IndexError unless every string is inside of its blob."""
    cdef Py_ssize_t i
    if offsets.shape[0] and (offsets[0] < 0 or offsets[offsets.shape[0] - 1] > blob.shape[0]):
        out_of_bounds()
    for i in range(offsets.shape[0] - 1):
        if offsets[i] > offsets[i + 1]:
            out_of_bounds()
    return 0


cdef inline int _compare(
    uintptr_t text, uintptr_t starts, int64_t at, uintptr_t other_text, uintptr_t other_starts, int64_t other_at
) noexcept:
    """Return a number below, equal to or above 0 as one string comes before, is or comes after another."""
    cdef int64_t start = (<const int64_t*> starts)[at], other = (<const int64_t*> other_starts)[other_at]
    cdef int64_t size = (<const int64_t*> starts)[at + 1] - start
    cdef int64_t other_size = (<const int64_t*> other_starts)[other_at + 1] - other
    cdef int order = memcmp(<const uint8_t*> text + start, <const uint8_t*> other_text + other, min(size, other_size))
    if order:
        return order
    return (size > other_size) - (size < other_size)
