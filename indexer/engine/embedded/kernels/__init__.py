"""Kernels: the inner loops of a search, compiled where a C compiler was at hand, else done by numpy.

`numpy_kernels` says what each kernel takes and gives. `compiled/` is a small distribution of its own, installed with
requirements.txt, whose functions give the same, several times sooner. The rest of the engine does not know which of the
two is at work.
"""

from __future__ import annotations

from indexer.engine.embedded.kernels.numpy_kernels import (
    add_up,
    common,
    fold,
    fold_all,
    follow,
    followed,
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

NOT_COMPILED = (
    "Remarque : sans compilateur C à l’installation, les recherches sont justes mais plusieurs fois plus lentes. "
    "Installez-en un (« apt-get install gcc python3-dev »), puis relancez « pip install -r requirements.txt »."
)
"""What to tell whoever runs the archive where they are not."""

__all__ = [
    "COMPILED",
    "NOT_COMPILED",
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

try:
    import rtes_kernels as _built

    if _built.VERSION == VERSION:
        globals().update({name: getattr(_built, name) for name in __all__ if name.islower()})
        COMPILED = True
except (ImportError, AttributeError):  # no compiler, or a build that lacks what came later
    pass
