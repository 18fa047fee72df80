# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Bounds checks and the binary search that all kernels share."""

from libc.stdint cimport int32_t

cdef enum:
    SEARCH_COST = 16  # one binary search costs as much as this many steps of a merge


cdef inline int out_of_bounds() except -1:
    raise IndexError("a number outside of the index")


cdef inline int same_length(Py_ssize_t one, Py_ssize_t other) except -1:
    """Raise IndexError unless two parallel arrays have the same length."""
    return out_of_bounds() if one != other else 0


cdef inline Py_ssize_t lower_bound(const int32_t[::1] docs, Py_ssize_t low, Py_ssize_t high, int32_t wanted) noexcept:
    """Return the index of the first element >= `wanted` in the ascending docs[low:high], or `high` if there is none."""
    cdef Py_ssize_t middle
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
