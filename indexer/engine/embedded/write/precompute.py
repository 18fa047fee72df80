"""Precomputes orders, themes, completion, numbers of terms and the speller's lexicon for one audience, once per
generation.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.engine.embedded.kernels.layout import IntArray, offsets_of
from indexer.engine.embedded.storage.arrays import save_array
from indexer.engine.embedded.storage.composite import CompositeSegment
from indexer.engine.embedded.storage.page_columns import page_columns, save_page_columns
from indexer.engine.embedded.storage.string_table import save_strings
from indexer.engine.embedded.storage.term_numbers import number_terms, save_term_numbers
from indexer.engine.embedded.storage.themes import Themes, group_themes
from indexer.engine.embedded.write.precompute_completion import precompute_completion
from indexer.query.spelling import lexicon_of


def precompute(segments: CompositeSegment, folder: Path) -> None:
    """Compute and write what searchers need over all resources of one audience.

    Args:
        segments: all segments of the audience, in the generation being built.
        folder: folder of the arrays, which is created.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True)
    by_id = _order(segments.strings(lambda s: s.ids))
    id_rank = _inverse(by_id)
    titles = _order(segments.strings(lambda s: s.titles), by_id)
    save_array(folder, "id_order", by_id)
    save_array(folder, "id_rank", id_rank)
    save_array(folder, "title_rank", _inverse(titles))
    dates = segments.dates
    save_array(folder, "newest_rank", _inverse(np.lexsort((id_rank, -dates))))
    save_array(folder, "oldest_rank", _inverse(np.lexsort((id_rank, dates, dates == 0))))
    themes = _precompute_themes(segments, folder)
    precompute_completion(segments, themes, folder)
    save_page_columns(page_columns(segments), folder)
    save_term_numbers(number_terms(segments), folder)
    lexicon = lexicon_of(segments.alive_forms())
    save_strings(folder, "folded", lexicon.folded)
    save_strings(folder, "exact", lexicon.exact)
    for name in ("holding", "titled", "bags", "sounds"):
        save_array(folder, name, getattr(lexicon, name))


def _precompute_themes(segments: CompositeSegment, folder: Path) -> Themes:
    written = sorted({text for m in segments.mounted for text in m.segment.themes})
    place = {text: i for i, text in enumerate(written)}
    codes, counts = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for m in segments.mounted:
        table = np.array([place[text] for text in m.segment.themes] + [-1], dtype=np.int32)
        codes.append(table[m.segment.theme_codes])
        counts.append(np.diff(m.segment.theme_offsets))
    themes = group_themes(written, np.concatenate(codes), offsets_of(np.concatenate(counts)), segments.all_docs)
    number = {name: i for i, name in enumerate(themes.names)}
    save_strings(folder, "theme_names", themes.names)
    save_strings(folder, "theme_keys", list(themes.keys))
    save_strings(folder, "theme_written", list(themes.forms))
    save_array(folder, "theme_numbers", np.array([number[name] for name in themes.forms.values()], dtype=np.int32))
    save_array(folder, "theme_codes", themes.codes)
    save_array(folder, "theme_owners", themes.owners)
    return themes


def _order(texts: list[bytes], documents: IntArray | None = None) -> IntArray:
    """Return documents sorted by their texts; those with equal texts keep their order.

    Args:
        texts: text of every document.
        documents: the documents to sort; None sorts all, from number 0.
    """
    first = range(len(texts)) if documents is None else documents.tolist()
    return np.array(sorted(first, key=texts.__getitem__), dtype=np.int32)


def _inverse(order: IntArray) -> IntArray:
    """Return the rank of each document in an order of documents."""
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank
