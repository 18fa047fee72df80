"""Kernels: the inner loops of a search, compiled where a C compiler was available, else written with numpy.

`numpy_kernels.__all__` is the one list of their names, and its docstrings say what each takes and returns. `compiled/`
is a separate small distribution, installed with requirements.txt, whose functions return the same results several times
faster. Nothing outside this package depends on which of the two is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.engine.embedded.kernels import numpy_kernels

VERSION = 5
"""Incremented whenever a kernel's name, arguments or result changes: an older build of `compiled/` is then not used."""

NOT_COMPILED = (
    "Remarque : sans compilateur C à l’installation, les recherches sont justes mais plusieurs fois plus lentes. "
    "Installez-en un (« apt-get install gcc python3-dev »), puis relancez « pip install -r requirements.txt »."
)
"""French sentence for the administrator of an archive whose kernels are not compiled."""

try:
    import rtes_kernels

    COMPILED = rtes_kernels.VERSION == VERSION and set(rtes_kernels.__all__) == set(numpy_kernels.__all__)
except (ImportError, AttributeError):  # no C compiler at installation, or an incomplete build
    COMPILED = False

if COMPILED and not TYPE_CHECKING:
    from rtes_kernels import *  # noqa: F403
else:
    from indexer.engine.embedded.kernels.numpy_kernels import *  # noqa: F403

__all__ = ["COMPILED", "NOT_COMPILED", "VERSION"]
__all__ += numpy_kernels.__all__
