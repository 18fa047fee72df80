"""The columns of parts of pages (body, or running headers and footers) over several segments, computed once when a
generation is written.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from indexer.engine.embedded.kernels.layout import FIELD_SHIFT, PAGED, POSITION_BITS, FloatArray, IntArray, offsets_of
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.composite import CompositeSegment
from indexer.query import scoring


@dataclass(frozen=True, slots=True)
class PageColumns:
    """One row for each part of a page of a publication: its body, or its running headers and footers. Rows are numbered
    segment by segment, deleted documents included.

    Attributes:
        keys: position key of its first word, ascending (int64).
        norms: length norm of its page (float32).
        firsts: number of the first part of its page, which stands for the page (int64).
        names: number of its publication and of its page in the file, ``publication << 32 | page`` (int64).
        tokens: index of its first token in span_starts and span_lengths of its `Segment` (int64).
    """

    keys: IntArray
    norms: FloatArray
    firsts: IntArray
    names: IntArray
    tokens: IntArray


def page_columns(segments: CompositeSegment) -> PageColumns:
    """Return the columns of all parts of pages of some segments."""
    columns: dict[str, list[IntArray]] = {
        one.name: [np.empty(0, dtype=np.float32 if one.name == "norms" else np.int64)] for one in fields(PageColumns)
    }
    parts = 0
    for m in segments.mounted:
        s, counts = m.segment, np.diff(m.segment.doc_pages)
        owners = np.repeat(np.arange(s.size, dtype=np.int64) + m.base, counts)
        before = offsets_of(s.page_lengths)
        tokens = s.spans[:-1] + s.field_lengths[:, :PAGED].sum(axis=1, dtype=np.int64) - before[s.doc_pages[:-1]]
        columns["keys"].append(owners << POSITION_BITS | PAGED << FIELD_SHIFT | s.page_starts.astype(np.int64))
        columns["norms"].append(scoring.norm("publication", s.page_sizes).astype(np.float32))
        columns["firsts"].append(s.page_firsts + parts + np.repeat(s.doc_pages[:-1], counts))
        columns["names"].append(s.page_documents.astype(np.int64) << 32 | s.page_numbers)
        columns["tokens"].append(before[:-1] + np.repeat(tokens, counts))
        parts += len(s.page_starts)
    return PageColumns(**{name: np.concatenate(arrays) for name, arrays in columns.items()})


def save_page_columns(columns: PageColumns, folder: Path) -> None:
    """Write the columns into a folder.

    Raises:
        OSError: a file cannot be written.
    """
    for one in fields(PageColumns):
        save_array(folder, f"page_{one.name}", getattr(columns, one.name))


def open_page_columns(folder: Path) -> PageColumns:
    """Open the columns in a folder; they are empty if a version without publications wrote the folder.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    if not (folder / "page_keys.npy").exists():
        return page_columns(CompositeSegment([], public=0))
    return PageColumns(**{one.name: open_array(folder, f"page_{one.name}") for one in fields(PageColumns)})
