"""Precomputes what completion needs over the themes, titles and publications of one audience."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indexer.engine.embedded.storage.arrays import save_array
from indexer.engine.embedded.storage.composite import CompositeSegment
from indexer.engine.embedded.storage.string_table import save_strings
from indexer.engine.embedded.storage.themes import Themes
from indexer.query.completer import word_tables
from indexer.query.completion import completion_line


class _Entry(NamedTuple):
    """A title, the name of a publication or a theme, in UTF-8. Entries sort by text, then by resource and publication.

    Attributes:
        text: the text as written.
        owner: id of its resource; empty for a theme.
        number: number of the publication in its resource, or of the theme; 0 for a title.
        line: its folded words, each after a space, then a line feed (`query.completion.completion_line`).
        searched: True for a title or a theme; False for a publication without a title, which is named by its file.
    """

    text: bytes
    owner: bytes
    number: int
    line: bytes
    searched: bool = True


def precompute_completion(segments: CompositeSegment, themes: Themes, folder: Path) -> None:
    """Write the tables that `query.completer.Completer` reads.

    Args:
        segments: all segments of the audience.
        themes: the themes of these segments.
        folder: where the tables are written.

    Raises:
        OSError: a file cannot be written.
    """
    titles = sorted(_titles(segments))
    documents = sorted(_documents(segments))
    named = sorted(_Entry(name.encode(), b"", number, _line(name)) for number, name in enumerate(themes.names))
    entries = [*titles, *documents, *named]
    save_strings(folder, "titles", [entry.text for entry in entries])
    save_strings(folder, "lines", [entry.line for entry in entries])
    save_strings(folder, "completed_owners", [entry.owner for entry in entries])
    save_array(folder, "completed_numbers", np.array([entry.number for entry in entries], dtype=np.int32))
    save_array(folder, "completed_lengths", np.array([len(entry.text.decode()) for entry in entries], dtype=np.int32))
    save_array(folder, "completed_searched", np.array([entry.searched for entry in entries], dtype=bool))
    save_array(folder, "completed_kinds", np.array([len(titles), len(titles) + len(documents)], dtype=np.int32))
    _save_words([entry.line for entry in entries], folder)


def _titles(segments: CompositeSegment) -> Iterator[_Entry]:
    shown, ids = segments.strings(lambda s: s.shown_titles), segments.strings(lambda s: s.ids)
    lines = segments.strings(lambda s: s.completion_lines)
    for doc in segments.all_docs.tolist():
        yield _Entry(shown[doc], ids[doc], 0, lines[doc])


def _documents(segments: CompositeSegment) -> Iterator[_Entry]:
    for mounted in segments.mounted:
        segment = mounted.segment
        # Most resources have no publication: look at the others only.
        for doc in np.flatnonzero(np.diff(segment.publications.offsets)).tolist():
            if mounted.alive is None or mounted.alive[doc]:
                for number, name, titled in segment.published(doc):
                    yield _Entry(name.encode(), segment.ids.encoded(doc), number, _line(name), titled)


def _save_words(lines: list[bytes], folder: Path) -> None:
    """Write the sorted words of all entries, and for each word the entries that hold it.

    Args:
        lines: the folded words of each entry, `_Entry.line`.
        folder: where the tables are written.
    """
    tables = word_tables(lines)
    save_strings(folder, "completed_words", tables.words)
    save_array(folder, "completed_offsets", tables.offsets)
    save_array(folder, "completed_entries", tables.entries)
    save_array(folder, "completed_first", tables.first)


def _line(name: str) -> bytes:
    return completion_line(name).encode()
