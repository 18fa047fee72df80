"""The compiled kernels of `indexer.engine.embedded.kernels`: each is one loop over arrays that it never changes.

`numpy_kernels.py`, beside this distribution, documents the arguments and the result of every function. Whatever the
arrays hold, no memory outside of them is read or written: parallel arrays must have the same length, and a number read
from an array is checked before it is used as an index (as unsigned, so that a negative one is too large). If the search
index was changed on disk, so that such a number is out of bounds, IndexError is raised.
"""

from rtes_kernels.counts import count, filter_docs, rollup, rollup_multivalued
from rtes_kernels.feedback import feedback_gains, feedback_index
from rtes_kernels.positions import add_proximity_bonus, follow, follow_keys, position_keys, score_phrase
from rtes_kernels.postings import boost_exact, gather_form_docs, gather_postings
from rtes_kernels.ranking import top_k
from rtes_kernels.sets import intersect, max_scores, sum_scores, union_forms
from rtes_kernels.strings import number_strings, string_lower_bound

VERSION = 5
"""Must be equal to `indexer.engine.embedded.kernels.VERSION`: a build of another version is not used."""

__all__ = [
    "add_proximity_bonus",
    "boost_exact",
    "count",
    "feedback_gains",
    "feedback_index",
    "filter_docs",
    "follow",
    "follow_keys",
    "gather_form_docs",
    "gather_postings",
    "intersect",
    "max_scores",
    "number_strings",
    "position_keys",
    "rollup",
    "rollup_multivalued",
    "score_phrase",
    "string_lower_bound",
    "sum_scores",
    "top_k",
    "union_forms",
]
