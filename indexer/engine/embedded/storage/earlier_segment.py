"""Segments from before publications (version 6) or territories (9), to answer until the next run rebuilds the index."""

from __future__ import annotations

from typing import Any

import numpy as np

from indexer.engine.embedded.kernels.layout import FIELD_SHIFT
from indexer.engine.embedded.storage.string_table import StringTable, empty_strings

ADDED = frozenset(
    {
        *("form_page_offsets", "form_pages", "doc_pages", "page_documents", "page_numbers", "page_labels"),
        *("page_starts", "page_lengths", "page_sizes", "page_firsts", "formats", "publications"),
    }
)
"""Names of the arrays that a segment of version 6 lacks."""
PLACED = frozenset({"territories", "territory_codes", "territory_offsets"})
"""Names of those that all segments up to version 9 lack."""

_EARLIER_SHIFT = 17


def completed(parts: dict[str, Any]) -> dict[str, Any]:
    """Return all arrays of a segment without publications, given those of version 6.

    Its positions, which were stored as ``field << 17 | word``, are copied into memory.
    """
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


def unplaced(parts: dict[str, Any]) -> dict[str, Any]:
    """Return all arrays of a segment without territories, given the others."""
    size = len(parts["ids"])
    return {
        **parts,
        "territories": empty_strings(),
        "territory_codes": np.empty(0, dtype=np.int32),
        "territory_offsets": np.zeros(size + 1, dtype=np.int64),
    }
