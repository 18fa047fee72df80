"""Segments of earlier versions, which lack publications (version 6), territories (up to version 9) or numbered terms
(up to version 10): they are read so that they answer until the next run rebuilds the index.

Up to version 10 segments list the prominent terms of each document as text; these are not read, so that nothing is
reranked by feedback.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from indexer.engine.embedded.kernels.layout import FIELD_SHIFT
from indexer.engine.embedded.storage.string_table import StringTable, empty_strings

OWN = frozenset({"own_offsets", "own_terms", "own_impacts", "own_steps"})
"""Names of the arrays, those of the terms of each document's own texts, that segments up to version 10 lack."""

ADDED = frozenset(
    {
        *("form_page_offsets", "form_pages", "doc_pages", "page_documents", "page_numbers", "page_labels"),
        *("page_starts", "page_lengths", "page_sizes", "page_firsts", "formats", "publications"),
    }
)
"""Names of the arrays, those of publications and their pages, that segments of version 6 lack."""
PLACED = frozenset({"territories", "territory_codes", "territory_offsets"})
"""Names of the arrays, those of territories, that segments up to version 9 lack."""

_EARLIER_SHIFT = 17


def lacking(folder: Path) -> frozenset[str]:
    """Return the names of the arrays that a segment of an earlier version lacks; none if it is of this version."""
    # A missing file of the current version was detected by `verify_files`.
    return frozenset[str]().union(
        *(
            names
            for names, one in ((OWN, "own_terms"), (PLACED, "territory_codes"), (ADDED, "doc_pages"))
            if not (folder / f"{one}.npy").exists()
        )
    )


def completed(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays of a segment of an earlier version, with empty arrays for those that it lacks.

    The positions of version 6, which were stored as ``field << 17 | word``, are copied into memory.
    """
    size = len(parts["ids"])
    if "own_terms" not in parts:
        parts = {**parts, **_without_own_terms(size)}
    if "territory_codes" not in parts:
        parts = {**parts, **_without_territories(size)}
    return parts if "doc_pages" in parts else _without_publications(parts)


def _without_own_terms(size: int) -> dict[str, Any]:
    return {
        "own_offsets": np.zeros(size + 1, dtype=np.int64),
        "own_terms": np.empty(0, dtype=np.int32),
        "own_impacts": np.empty(0, dtype=np.float32),
        "own_steps": np.empty(0, dtype=np.uint8),
    }


def _without_territories(size: int) -> dict[str, Any]:
    return {
        "territories": empty_strings(),
        "territory_codes": np.empty(0, dtype=np.int32),
        "territory_offsets": np.zeros(size + 1, dtype=np.int64),
    }


def _without_publications(parts: dict[str, Any]) -> dict[str, Any]:
    size, forms = len(parts["ids"]), len(parts["form_docs"])
    none, strings = np.empty(0, dtype=np.uint32), StringTable(np.empty(0, np.uint8), np.zeros(size + 1, np.int64))
    positions = parts["positions"]
    return {
        **parts,
        "positions": positions >> _EARLIER_SHIFT << FIELD_SHIFT | positions & np.uint32((1 << _EARLIER_SHIFT) - 1),
        "norms": np.hstack([parts["norms"], np.ones((size, 1), dtype=np.float32)]),
        "field_lengths": np.hstack([parts["field_lengths"], np.zeros((size, 1), dtype=np.uint32)]),
        "form_page_offsets": np.zeros(forms + 1, dtype=np.uint32),
        "doc_pages": np.zeros(size + 1, dtype=np.int64),
        "page_labels": empty_strings(),
        "publications": strings,
        "formats": np.zeros(size, dtype=np.uint8),
        "page_documents": none.astype(np.int32),
        "page_numbers": none.astype(np.int32),
        **dict.fromkeys(("form_pages", "page_starts", "page_lengths", "page_sizes", "page_firsts"), none),
    }
