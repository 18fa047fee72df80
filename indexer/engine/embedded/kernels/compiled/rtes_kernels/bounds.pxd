# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""What keeps every kernel inside of its arrays, and the search that they share."""

from libc.stdint cimport int32_t

cdef enum:
    SEARCHED = 16  # a binary search costs as much as so many steps of a merge


cdef inline int outside() except -1:
    raise IndexError("a number outside of the index")


cdef inline int alike(Py_ssize_t one, Py_ssize_t other) except -1:
    """Arrays that go together are as long as each other."""
    return outside() if one != other else 0


cdef inline Py_ssize_t lower(const int32_t[::1] docs, Py_ssize_t low, Py_ssize_t high, int32_t wanted) noexcept:
    """Index of the first of docs[low:high], which rise, that is not below `wanted`; `high` if all are."""
    cdef Py_ssize_t middle
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
