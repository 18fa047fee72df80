"""Kernels: the inner loops of a search, compiled where a C compiler was at hand, else done by numpy.

`vectorised` says what each kernel takes and gives. `compiled/` is a small distribution of its own, installed with
requirements.txt, whose functions give the same, several times sooner. The rest of the engine does not know which of the
two is at work.
"""

from __future__ import annotations

from indexer.engine.embedded.kernels.vectorised import (
    add_up,
    common,
    fold,
    fold_all,
    follow,
    greatest,
    holding,
    joined,
    keys,
    near,
    passing,
    phrase,
    place,
    spread,
    tally,
    top,
    written,
)

VERSION = 1
"""Raised with every change to what a kernel takes or gives: a build that was left behind is not used."""

COMPILED = False
"""Whether the compiled ones are at work."""

try:
    import rtes_kernels as _built
except ImportError:
    pass
else:
    if _built.VERSION == VERSION:
        COMPILED = True
        from rtes_kernels import (
            add_up,
            common,
            fold,
            fold_all,
            follow,
            greatest,
            holding,
            joined,
            keys,
            near,
            passing,
            phrase,
            place,
            spread,
            tally,
            top,
            written,
        )

__all__ = [
    "add_up",
    "common",
    "fold",
    "fold_all",
    "follow",
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
