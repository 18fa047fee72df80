"""Precomputed arrays: what a searcher needs over all its resources, computed once when a generation is written.

Orders, themes, completion and the speller's lexicon depend on every document. Computing them at the first query of each
process would make that query slow, so they are stored as arrays like the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.read.completion import open_completer
from indexer.engine.embedded.storage.arrays import open_array
from indexer.engine.embedded.storage.page_columns import PageColumns, open_page_columns
from indexer.engine.embedded.storage.string_table import open_strings
from indexer.engine.embedded.storage.term_numbers import TermNumbers, open_term_numbers
from indexer.engine.embedded.storage.themes import Themes
from indexer.query.completer import Completer
from indexer.query.spelling import Lexicon, Speller


@dataclass(frozen=True, slots=True)
class Precomputed:
    """Arrays that `write.precompute` wrote.

    Attributes:
        id_order: [size] documents sorted by id (int32).
        id_rank: [size] rank of each document by id, which breaks ties.
        title_rank: [size] rank by folded title, then id.
        newest_rank: [size] rank by date, newest first, undated last, ties by id; oldest_rank the same, oldest first.
        themes: themes of the resources that are not deleted.
        completer: completes from their titles and themes.
        speller: corrects words to forms that occur in them.
        pages: columns of the pages of their publications.
        terms: the numbers of their terms; None in a generation of an earlier version.
    """

    id_order: IntArray
    id_rank: IntArray
    title_rank: IntArray
    newest_rank: IntArray
    oldest_rank: IntArray
    themes: Themes
    completer: Completer
    speller: Speller
    pages: PageColumns
    terms: TermNumbers | None


def open_precomputed(folder: Path) -> Precomputed:
    """Open the precomputed arrays in a folder; every file is mapped at once, since the folder may be deleted later.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    themes = _open_themes(folder)
    lexicon = Lexicon(
        folded=open_strings(folder, "folded"),
        exact=open_strings(folder, "exact"),
        holding=open_array(folder, "holding"),
        titled=open_array(folder, "titled"),
        bags=open_array(folder, "bags"),
        # Older generations have no phonetic keys and still answer. A missing file was detected by `verify_files`.
        sounds=open_array(folder, "sounds") if (folder / "sounds.npy").exists() else np.empty(0, dtype=np.uint32),
    )
    return Precomputed(
        id_order=open_array(folder, "id_order"),
        id_rank=open_array(folder, "id_rank"),
        title_rank=open_array(folder, "title_rank"),
        newest_rank=open_array(folder, "newest_rank"),
        oldest_rank=open_array(folder, "oldest_rank"),
        themes=themes,
        completer=open_completer(folder, themes),
        speller=Speller(lexicon),
        pages=open_page_columns(folder),
        terms=open_term_numbers(folder),
    )


def _open_themes(folder: Path) -> Themes:
    names, keys, written = (tuple(open_strings(folder, f"theme_{name}")) for name in ("names", "keys", "written"))
    codes, owners, numbers = (open_array(folder, f"theme_{name}") for name in ("codes", "owners", "numbers"))
    forms = {text: names[number] for text, number in zip(written, numbers.tolist(), strict=True)}
    return Themes(names, {key: i for i, key in enumerate(keys)}, codes, owners, forms)
