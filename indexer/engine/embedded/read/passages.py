"""Passages of pages of publications, highlighted from stored token offsets, without analysing their text again."""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import NamedTuple

import numpy as np

from indexer.analysis import Analyzer
from indexer.document.pages import MAYBE_HYPHEN, Span
from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.read.matching import item_keys
from indexer.engine.embedded.read.searcher import Searcher
from indexer.engine.embedded.read.snippets import expanded, first_pattern
from indexer.engine.embedded.storage.text_cache import TextCache
from indexer.engine.protocol import PageTexts
from indexer.query import Highlight, Piece
from indexer.query.highlighting import matched_positions, positive_leaves
from indexer.query.page_highlighting import body_snippet
from indexer.query.page_tokens import doubtful_words
from indexer.query.plan import Expand, Plan, Sequence, Words

_CACHED_CHARACTERS = 12_000_000
"""How many characters of pages are cached: some 5,000 pages in 40 megabytes, with the offsets of their words."""


class PageToRead(NamedTuple):
    """The text of a page, and where its words are, from which passages (short extracts) are made.

    Attributes:
        text: its text.
        body: spans of the text outside running headers and footers; passages are taken from these only.
        starts: offset of the first character of each of its tokens (int32).
        lengths: number of characters of each.
    """

    text: str
    body: tuple[Span, ...]
    starts: IntArray
    lengths: IntArray


class PageReader:
    """Reads pages of publications, and caches those read last, since repeated searches find the same pages.

    Args:
        searcher: the searcher of the audience, visitors or members.
        texts: gives the text of pages; with None, no page is read.
    """

    def __init__(self, searcher: Searcher, texts: PageTexts | None) -> None:
        self._searcher = searcher
        self._texts = texts
        self._cached: TextCache[PageToRead | None] = TextCache(_CACHED_CHARACTERS)

    def page(self, page: int, text: str, number: int) -> PageToRead | None:
        """Return a page, or None if its text is not kept any more or no texts were given.

        Args:
            page: row of its first part in `PageColumns`.
            text: key of the text of its publication.
            number: number of the page in that publication.

        Raises:
            EngineError: texts cannot be read.
        """
        texts = self._texts
        return None if texts is None else self._cached.get(page, lambda: self._read(page, text, number, texts))

    def _read(self, page: int, text: str, number: int, texts: PageTexts) -> tuple[PageToRead | None, int]:
        held = texts.page(text, number)
        if held is None:
            return None, 0
        segment, row = self._searcher.page_place(page)
        first = int(self._searcher.precomputed.pages.tokens[page])
        last = first + int(segment.page_lengths[row])
        starts = segment.span_starts[first:last].cumsum(dtype=np.int32)
        return PageToRead(held.text, held.body, starts, segment.span_lengths[first:last]), len(held.text)

    def forget(self) -> None:
        """Empty the cache."""
        self._cached.forget()


class Passages:
    """Makes passages of the pages of a few documents.

    Args:
        plan: the plan that matched.
        docs: the documents.
        searcher: the searcher of the audience, visitors or members.
        analyzer: analyses words of pages for prefixes and wildcards, which the arrays cannot locate.
    """

    def __init__(self, plan: Plan, docs: Many[int], searcher: Searcher, analyzer: Analyzer) -> None:
        self._searcher = searcher
        self._analyzer = analyzer
        leaves = [leaf for leaf in positive_leaves(plan) if "publication" in leaf.fields]
        self._patterns = [(group, leaf) for group, leaf in enumerate(leaves) if isinstance(leaf, Expand)]
        self._located = [(group, leaf) for group, leaf in enumerate(leaves) if not isinstance(leaf, Expand)]
        items = {item for _, leaf in self._located for item in _items(leaf)}
        self._keys = item_keys(items, searcher, np.sort(np.array(docs, dtype=np.int32)))

    def passage(self, page: int, read: PageToRead) -> tuple[Piece, ...]:
        """Return the best passage of a page.

        Args:
            page: row of its first part in `PageColumns`.
            read: its text, and where its words are.
        """
        return body_snippet(read.text, read.body, self._highlights(page, read))

    def _highlights(self, page: int, read: PageToRead) -> list[Highlight]:
        starts, lengths = read.starts, read.lengths
        groups: dict[int, int] = {}
        first, size = int(self._searcher.precomputed.pages.keys[page]), len(starts)
        for group, leaf in self._located:
            reach = 0 if isinstance(leaf, Words) else sum(leaf.gaps) + leaf.slop
            for place in matched_positions(leaf, [self._places(item, first, size, reach) for item in _items(leaf)]):
                if 0 <= place < size:
                    groups.setdefault(place, group)
        places = sorted(groups)
        spans = zip(places, starts[places].tolist(), lengths[places].tolist(), strict=True) if places else ()
        found = [Highlight(begin, begin + length, groups[place]) for place, begin, length in spans]
        if self._patterns:
            patterns = expanded(read.text, self._patterns, starts, lengths, self._analyzer)
            joined = self._joined(read.text, starts, lengths, {one.start for one in patterns})
            found = sorted([*found, *patterns, *joined], key=lambda one: one.start)
        return [one for one in found if one.end <= len(read.text)]

    def _joined(self, text: str, starts: IntArray, lengths: IntArray, marked: set[int]) -> list[Highlight]:
        """Return the highlights of patterns that match two words joined across a doubtful hyphen (`MAYBE_HYPHEN`);
        words that begin at a `marked` offset are highlighted already.
        """
        if MAYBE_HYPHEN not in text:
            return []
        places = {start: start + length for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)}
        ends = {end: start for start, end in places.items()}
        highlights = []
        for doubt in doubtful_words(text):
            first, last = ends.get(doubt.end_of_first), doubt.start_of_last
            found = first_pattern(doubt.joined, self._patterns, self._analyzer)
            if found is not None and first is not None and last in places:
                group = self._patterns[found][0]
                highlights += [Highlight(at, places[at], group) for at in (first, last) if at not in marked]
        return highlights

    def _places(self, item: tuple[str, ...], start: int, size: int, reach: int) -> list[int]:
        """Return where an item (a word, as the terms that may fill it) occurs on a page or up to `reach` positions
        around it, counted from the first position of the page.

        Args:
            item: the terms, any of which fills the position.
            start: position key of the first word of the page.
            size: number of positions of the page.
            reach: positions to look at before and after the page.
        """
        keys = self._keys[item]
        low = keys.searchsorted(start - reach)
        high = keys.searchsorted(start + size + reach)
        places: list[int] = (keys[low:high] - start).tolist()
        return places


def _items(leaf: Words | Sequence) -> tuple[tuple[str, ...], ...]:
    return (leaf.terms,) if isinstance(leaf, Words) else leaf.items
