"""Opens the precomputed arrays of one audience, from which completions of a typed prefix are taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.engine.embedded.storage.arrays import open_array
from indexer.engine.embedded.storage.string_table import empty_strings, open_strings
from indexer.engine.embedded.storage.themes import Themes
from indexer.query.completer import Completer, CompletionTables


def _no_completions() -> CompletionTables:
    numbers = np.empty(0, dtype=np.int32)
    texts = empty_strings()
    return CompletionTables(
        texts=texts,
        lines=texts,
        owners=texts,
        numbers=numbers,
        kinds=np.zeros(2, dtype=np.int32),
        words=texts,
        offsets=np.zeros(1, dtype=np.int64),
        entries=numbers,
        first=numbers,
        lengths=numbers,
        searched=numbers.astype(bool),
    )


def open_completer(folder: Path, themes: Themes) -> Completer:
    """Return the completer of one audience (visitors or members), which reads precomputed arrays.

    Args:
        folder: folder of the audience's precomputed arrays.
        themes: the themes of its resources.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    if not (folder / "completed_kinds.npy").exists():  # of an earlier version, until the next run rebuilds the index
        return Completer(_no_completions(), themes.names, themes.codes)
    tables = CompletionTables(
        texts=open_strings(folder, "titles"),
        lines=open_strings(folder, "lines"),
        owners=open_strings(folder, "completed_owners"),
        numbers=open_array(folder, "completed_numbers"),
        kinds=open_array(folder, "completed_kinds"),
        words=open_strings(folder, "completed_words"),
        offsets=open_array(folder, "completed_offsets"),
        entries=open_array(folder, "completed_entries"),
        first=open_array(folder, "completed_first"),
        lengths=open_array(folder, "completed_lengths"),
        searched=open_array(folder, "completed_searched"),
    )
    return Completer(tables, themes.names, themes.codes)
