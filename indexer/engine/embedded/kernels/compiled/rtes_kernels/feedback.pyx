# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Relevance feedback, as `indexer.query.feedback` defines it.

Most of its time is memory that is no longer in the processor's caches, so it makes few objects, and reads the terms of
a document where they stand together rather than its place in the postings of thirty terms.
"""

import numpy as np

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.math cimport log
from libc.stdint cimport INT32_MAX, int32_t, int64_t, uint8_t, uint32_t
from rtes_kernels.bounds cimport SEARCH_COST, lower_bound, out_of_bounds, same_length


cdef class _Part:
    """A segment."""

    cdef Py_ssize_t base, size
    cdef bint paged
    cdef const int64_t[::1] offsets, pages, postings
    cdef const int32_t[::1] terms, numbers, docs
    cdef const float[::1] impacts, posting_impacts
    cdef const uint8_t[::1] steps

    def __init__(self, part):
        self.base, self.offsets, self.terms, self.impacts, self.steps, self.pages, self.numbers, *postings = part
        self.postings, self.docs, self.posting_impacts = postings
        self.size = max(self.offsets.shape[0] - 1, 0)
        same_length(self.terms.shape[0], self.impacts.shape[0])
        same_length(self.terms.shape[0], self.steps.shape[0])
        same_length(self.docs.shape[0], self.posting_impacts.shape[0])
        same_length(self.pages.shape[0], self.offsets.shape[0])
        same_length(self.postings.shape[0], self.numbers.shape[0] + 1)
        self.paged = self.size and self.pages[0] != self.pages[self.size]

    cdef int bounds(self, Py_ssize_t doc, Py_ssize_t* low, Py_ssize_t* high) except -1:
        """Set where the terms of a document begin and end."""
        low[0], high[0] = self.offsets[doc], self.offsets[doc + 1]
        if low[0] < 0 or high[0] < low[0] or high[0] > self.terms.shape[0]:
            out_of_bounds()
        return 0


cdef class _Index:
    """The segments of a searcher. Checking the types of ten arrays a segment takes longer than feedback itself, so this
    is made once.
    """

    cdef list parts
    cdef const int32_t[::1] holding, ranks
    cdef Py_ssize_t visible


def feedback_index(list parts, holding, ranks, visible):
    cdef _Index index = _Index()
    index.parts = [_Part(each) for each in parts]
    index.holding, index.ranks, index.visible = holding, ranks, visible
    return index


cdef struct Hit:
    # One of the best hits: its place; its score; where its terms begin and end in its segment, and the sum of their
    # steps; its next term among those of all hits.
    Py_ssize_t place, low, high, at
    float score
    int64_t whole


cdef struct Chosen:
    # A chosen term: its number; its weight; its idf; what it is worth to the current document.
    int32_t number
    double weight, idf, worth


cdef struct Local:
    # A chosen term in one segment: its number there, and its place among the chosen.
    int32_t term
    Py_ssize_t place


def feedback_gains(
    _Index index not None,
    const int32_t[::1] docs,
    const float[::1] scores,
    Py_ssize_t best,
    Py_ssize_t terms,
    double weight,
):
    cdef Py_ssize_t size = docs.shape[0], held = 0, i
    cdef Hit* hits
    cdef double* shares
    cdef Chosen* chosen
    cdef Local* locals
    cdef int32_t* numbers
    cdef void* memory = NULL
    same_length(scores.shape[0], size)
    gains = np.zeros(size, np.float32)
    if size < 2 or best <= 0 or terms <= 0:
        return gains
    cdef float[::1] out = gains
    best = min(best, size)
    hits = <Hit*> PyMem_Malloc(best * sizeof(Hit))
    try:
        if hits == NULL:
            raise MemoryError
        best = _telling(index, docs, scores, hits, best)
        for i in range(best):
            held += hits[i].high - hits[i].low + 1
        terms = min(terms, held)
        memory = PyMem_Malloc(
            held * (sizeof(double) + sizeof(int32_t)) + terms * (sizeof(Chosen) + sizeof(Local)) + size * sizeof(double)
        )
        if memory == NULL:
            raise MemoryError
        shares = <double*> memory
        chosen = <Chosen*> (shares + held + size)
        locals = <Local*> (chosen + terms)
        numbers = <int32_t*> (locals + terms)
        if best:
            _list(index, docs, hits, best, numbers, shares)
            terms = _choose(index, hits, best, numbers, shares, chosen, terms)
            _gain(index, docs, scores, chosen, locals, terms, weight, shares + held, out)
    finally:
        PyMem_Free(hits)
        PyMem_Free(memory)
    return gains


cdef _Part _part(_Index index, Py_ssize_t doc):
    """Return the segment of a document, or None."""
    cdef _Part part
    for part in index.parts:
        if part.base <= doc < part.base + part.size:
            return part
    return None


cdef inline int32_t _rank(_Index index, uint32_t doc) noexcept:
    return index.ranks[doc] if doc < index.ranks.shape[0] else INT32_MAX


cdef Py_ssize_t _telling(
    _Index index, const int32_t[::1] docs, const float[::1] scores, Hit* hits, Py_ssize_t best
) except -1:
    """Find the best hits, best first, and keep those that tell something; return how many these are."""
    cdef Py_ssize_t found = 0, kept = 0, i, j
    cdef _Part part
    cdef Hit hit
    for i in range(docs.shape[0]):
        j = found
        while j and (
            hits[j - 1].score < scores[i]
            or (hits[j - 1].score == scores[i] and _rank(index, docs[hits[j - 1].place]) > _rank(index, docs[i]))
        ):
            j -= 1
        if j == best:
            continue
        found = min(found + 1, best)
        for place in range(found - 1, j, -1):
            hits[place] = hits[place - 1]
        hits[j].place, hits[j].score = i, scores[i]
    for i in range(found):
        hit = hits[i]
        part = _part(index, docs[hit.place])
        if part is None or not hit.score > 0:
            continue
        part.bounds(docs[hit.place] - part.base, &hit.low, &hit.high)
        hit.whole = 0
        for j in range(hit.low, hit.high):
            hit.whole += part.steps[j]
        if hit.whole:
            hits[kept] = hit
            kept += 1
    return kept


cdef int _list(
    _Index index, const int32_t[::1] docs, Hit* hits, Py_ssize_t best, int32_t* numbers, double* shares
) except -1:
    """List the prominent terms of the hits, hit after hit: their numbers, with INT32_MAX after those of each hit, and
    the share of each.
    """
    cdef Py_ssize_t kept = 0, i, j
    cdef double total = 0.0, share
    cdef int32_t term
    cdef _Part part
    for i in range(best):
        total += hits[i].score
    for i in range(best):
        part = _part(index, docs[hits[i].place])
        share = hits[i].score / total
        hits[i].at = kept
        for j in range(hits[i].low, hits[i].high):
            term = part.terms[j]
            if term < 0 or term >= part.numbers.shape[0]:
                out_of_bounds()
            numbers[kept] = part.numbers[term]
            shares[kept] = share * (<double> part.steps[j] / hits[i].whole)
            kept += part.steps[j] != 0
        numbers[kept] = INT32_MAX
        kept += 1
    return 0


cdef Py_ssize_t _choose(
    _Index index,
    Hit* hits,
    Py_ssize_t best,
    const int32_t* numbers,
    const double* shares,
    Chosen* chosen,
    Py_ssize_t terms,
) except -1:
    """Merge the terms of the hits, which ascend, and choose the strongest; return how many there are."""
    cdef Py_ssize_t kept = 0, place, i
    cdef int32_t number, held
    cdef double weight, total = 0.0
    while True:
        number = INT32_MAX
        for i in range(best):
            number = min(number, numbers[hits[i].at])
        if number == INT32_MAX:
            break
        weight = 0.0
        for i in range(best):
            if numbers[hits[i].at] == number:
                weight += shares[hits[i].at]
                hits[i].at += 1
        # By weight, and equal ones by number, in which order they come.
        if kept == terms and weight <= chosen[kept - 1].weight:
            continue
        kept = min(kept + 1, terms)
        place = kept - 1
        while place and chosen[place - 1].weight < weight:
            chosen[place] = chosen[place - 1]
            place -= 1
        chosen[place].number, chosen[place].weight = number, weight
    for i in range(kept):
        total += chosen[i].weight
    for i in range(kept):
        if chosen[i].number < 0 or chosen[i].number >= index.holding.shape[0]:
            out_of_bounds()
        held = index.holding[chosen[i].number]
        chosen[i].weight = chosen[i].weight / total
        chosen[i].idf = log(1.0 + (index.visible - held + 0.5) / (held + 0.5))
    return kept


cdef int _gain(
    _Index index,
    const int32_t[::1] docs,
    const float[::1] scores,
    Chosen* chosen,
    Local* locals,
    Py_ssize_t terms,
    double weight,
    double* sums,
    float[::1] gains,
) except -1:
    """Set the gain of each document from the chosen terms that it holds."""
    cdef Py_ssize_t i, held
    cdef double most = 0.0
    cdef float highest = scores[0]
    cdef _Part part
    for i in range(docs.shape[0]):
        sums[i] = 0.0
        highest = max(highest, scores[i])
    for part in index.parts:
        held = -1
        for i in range(docs.shape[0]):
            if part.base <= docs[i] < part.base + part.size:
                if held < 0:
                    held = _locate(part, chosen, locals, terms)
                sums[i] = _sum(part, docs[i] - part.base, chosen, terms, locals, held)
                most = max(most, sums[i])
    if most > 0:
        for i in range(docs.shape[0]):
            gains[i] = weight * <double> highest * sums[i] / most
    return 0


cdef Py_ssize_t _locate(_Part part, const Chosen* chosen, Local* locals, Py_ssize_t terms) noexcept:
    """Find the chosen terms that a segment has, in its order; return how many these are."""
    cdef Py_ssize_t held = 0, i, j, term
    for i in range(terms):
        term = lower_bound(part.numbers, 0, part.numbers.shape[0], chosen[i].number)
        if term == part.numbers.shape[0] or part.numbers[term] != chosen[i].number:
            continue
        j = held
        while j and locals[j - 1].term > term:
            locals[j] = locals[j - 1]
            j -= 1
        locals[j].term, locals[j].place = term, i
        held += 1
    return held


cdef double _sum(
    _Part part, Py_ssize_t doc, Chosen* chosen, Py_ssize_t terms, const Local* locals, Py_ssize_t held
) except -1:
    """Return what the chosen terms are worth to one document."""
    cdef Py_ssize_t i, at = 0, low = 0, high = 0
    cdef bint search, published = part.paged and part.pages[doc] != part.pages[doc + 1]
    cdef int32_t term
    cdef double sum = 0.0, impact
    part.bounds(doc, &low, &high)
    search = SEARCH_COST * held < high - low
    for i in range(terms):
        chosen[i].worth = 0.0
    at = low
    for i in range(held):
        term = locals[i].term
        if search:
            at = lower_bound(part.terms, at, high, term)
        else:
            while at < high and part.terms[at] < term:
                at += 1
        if at < high and part.terms[at] == term:
            impact = part.impacts[at]
        elif published:
            impact = _impact(part, term, doc)
        else:
            continue
        chosen[locals[i].place].worth = chosen[locals[i].place].weight * (impact * chosen[locals[i].place].idf)
    for i in range(terms):  # in the order in which the definition adds them
        sum += chosen[i].worth
    return sum


cdef double _impact(_Part part, int32_t term, Py_ssize_t doc) except -1:
    """Return the impact of a term on a document that may hold it in its publications alone."""
    cdef Py_ssize_t low = part.postings[term], high = part.postings[term + 1], row
    if low < 0 or high < low or high > part.docs.shape[0]:
        out_of_bounds()
    row = lower_bound(part.docs, low, high, doc)
    return part.posting_impacts[row] if row < high and part.docs[row] == doc else 0.0
