# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Relevance feedback, as `indexer.query.feedback` defines it."""

import numpy as np

from libc.math cimport log
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t
from rtes_kernels.bounds cimport lower_bound, out_of_bounds, same_length


cdef class _Part:
    """A segment."""

    cdef Py_ssize_t base, size
    cdef const int64_t[::1] offsets, postings
    cdef const int32_t[::1] terms, numbers, docs
    cdef const uint8_t[::1] steps
    cdef const float[::1] impacts

    def __init__(self, part):
        self.base, self.offsets, self.terms, self.steps, self.numbers, self.postings, self.docs, self.impacts = part
        self.size = max(self.offsets.shape[0] - 1, 0)
        same_length(self.terms.shape[0], self.steps.shape[0])
        same_length(self.docs.shape[0], self.impacts.shape[0])
        same_length(self.postings.shape[0], self.numbers.shape[0] + 1)


cdef class _Hit:
    """One of the best hits: its prominent terms from `at` to `end`; `number` is that of the term at `at`."""

    cdef _Part part
    cdef Py_ssize_t at, end
    cdef int64_t whole
    cdef double share
    cdef int32_t number

    cdef int look(self) except -1:
        """Set the number of the current term: INT32_MAX after the last one."""
        cdef int32_t term
        if self.at == self.end:
            self.number = INT32_MAX
            return 0
        term = self.part.terms[self.at]
        if term < 0 or term >= self.part.numbers.shape[0]:
            out_of_bounds()
        self.number = self.part.numbers[term]
        return 0


def feedback_gains(
    const int32_t[::1] docs,
    const float[::1] scores,
    const int64_t[::1] best,
    list parts,
    const int32_t[::1] holding,
    Py_ssize_t visible,
    Py_ssize_t terms,
    double weight,
):
    cdef Py_ssize_t size = docs.shape[0], i, j, kept
    cdef double most = 0.0, chosen_weight = 0.0, idf
    cdef float highest = 0.0
    cdef int32_t number, held
    cdef list segments = [_Part(each) for each in parts]
    cdef _Part part
    same_length(scores.shape[0], size)
    gains = np.zeros(size, np.float32)
    if size < 2:
        return gains
    hits = _hits(docs, scores, best, segments)
    if not hits:
        return gains
    cdef int32_t[::1] numbers = np.empty(_most(hits, terms), np.int32)
    cdef double[::1] weights = np.empty(numbers.shape[0], np.float64), sums = np.zeros(size, np.float64)
    cdef float[::1] out = gains
    kept = _choose(hits, numbers, weights)
    for i in range(kept):
        chosen_weight += weights[i]
    for i in range(kept):
        number = numbers[i]
        if number < 0 or number >= holding.shape[0]:
            out_of_bounds()
        held = holding[number]
        idf = log(1.0 + (visible - held + 0.5) / (held + 0.5))
        for part in segments:
            _add(part, number, docs, weights[i] / chosen_weight, idf, sums)
    highest = scores[0]
    for i in range(size):
        highest = max(highest, scores[i])
        most = max(most, sums[i])
    if most > 0:
        for i in range(size):
            out[i] = weight * <double> highest * sums[i] / most
    return gains


cdef list _hits(const int32_t[::1] docs, const float[::1] scores, const int64_t[::1] best, list segments):
    """Return the best hits that tell something, with their share in the sum of their scores."""
    cdef Py_ssize_t i, j, number
    cdef double total = 0.0
    cdef _Part part
    cdef _Hit hit
    hits = []
    for i in range(best.shape[0]):
        if best[i] < 0 or best[i] >= docs.shape[0]:
            out_of_bounds()
        if scores[best[i]] <= 0:
            continue
        for part in segments:
            number = docs[best[i]] - part.base
            if number < 0 or number >= part.size:
                continue
            hit = _Hit()
            hit.part, hit.at, hit.end = part, part.offsets[number], part.offsets[number + 1]
            if hit.at < 0 or hit.end < hit.at or hit.end > part.terms.shape[0]:
                out_of_bounds()
            for j in range(hit.at, hit.end):
                hit.whole += part.steps[j]
            if hit.whole:
                hit.share = scores[best[i]]
                hits.append(hit)
            break
    for hit in hits:
        total += hit.share
    for hit in hits:
        hit.share = hit.share / total
        hit.look()
    return hits


cdef Py_ssize_t _most(list hits, Py_ssize_t terms):
    """Return the number of terms to choose."""
    cdef Py_ssize_t held = 0
    cdef _Hit hit
    for hit in hits:
        held += hit.end - hit.at
    return max(min(terms, held), 0)


cdef Py_ssize_t _choose(list hits, int32_t[::1] numbers, double[::1] weights) except -1:
    """Merge the terms of the hits, which ascend, and keep the strongest; return how many there are."""
    cdef Py_ssize_t kept = 0, place, most = numbers.shape[0]
    cdef int32_t number
    cdef double weight
    cdef _Hit hit
    while most:
        number = INT32_MAX
        for hit in hits:
            number = min(number, hit.number)
        if number == INT32_MAX:
            break
        weight = 0.0
        for hit in hits:
            if hit.number == number:
                weight += hit.share * (<double> hit.part.steps[hit.at] / hit.whole)
                hit.at += 1
                hit.look()
        # Sorted by weight; equal ones by number, in which order they come.
        if kept == most and weight <= weights[kept - 1]:
            continue
        kept = min(kept + 1, most)
        place = kept - 1
        while place and weights[place - 1] < weight:
            numbers[place], weights[place] = numbers[place - 1], weights[place - 1]
            place -= 1
        numbers[place], weights[place] = number, weight
    return kept


cdef int _add(
    _Part part, int32_t number, const int32_t[::1] docs, double weight, double idf, double[::1] sums
) except -1:
    """Add what one term is worth to the sum of each document that holds it."""
    cdef Py_ssize_t place = lower_bound(part.numbers, 0, part.numbers.shape[0], number), i, row, low, high
    cdef int32_t doc
    if place == part.numbers.shape[0] or part.numbers[place] != number:
        return 0
    low, high = part.postings[place], part.postings[place + 1]
    if low < 0 or high < low or high > part.docs.shape[0]:
        out_of_bounds()
    row = low
    for i in range(docs.shape[0]):
        doc = docs[i] - part.base
        if doc < 0 or doc >= part.size:
            continue
        row = lower_bound(part.docs, row, high, doc)
        if row < high and part.docs[row] == doc:
            sums[i] += weight * (<double> part.impacts[row] * idf)
    return 0
