"""The kernels of `indexer.engine.embedded.kernels`, compiled: one loop each, over arrays that stay as they are.

What every function takes and gives is said in `numpy_kernels.py`, beside this distribution. Whatever the arrays hold,
nothing is read or written outside of one: arrays that go together are as long as each other, and a number that was read
from an array is looked at before it is an index (unsigned, so that a negative one is too large). An index that was
changed on disk gives an IndexError.
"""

from rtes_kernels.best import top
from rtes_kernels.counts import fold, fold_all, passing, tally
from rtes_kernels.places import follow, followed, keys, near, phrase, place
from rtes_kernels.postings import holding, joined, written
from rtes_kernels.sets import add_up, common, greatest, spread

VERSION = 1
"""As in `indexer.engine.embedded.kernels`; a build of another version is not used."""

__all__ = [
    "VERSION",
    "add_up",
    "common",
    "fold",
    "fold_all",
    "follow",
    "followed",
    "greatest",
    "holding",
    "joined",
    "keys",
    "near",
    "passing",
    "phrase",
    "place",
    "spread",
    "tally",
    "top",
    "written",
]
