"""Snippets of a hit, highlighted from stored token offsets, without analysing the text again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from indexer.analysis import Analyzer
from indexer.engine.embedded.kernels.layout import FIELD_SHIFT, IntArray
from indexer.engine.embedded.storage.segment import Segment
from indexer.query import FIELD_NAMES, Highlight, Piece, TextField
from indexer.query.highlighting import matched_positions, positive_leaves
from indexer.query.plan import Expand, Plan, Sequence, Words
from indexer.query.snippets import HighlightedText, best_snippet
from indexer.query.wildcards import first_match

_WORD_CACHE_SIZE = 1 << 14


def snippet(
    plan: Plan, texts: Mapping[TextField, str], segment: Segment, doc: int, analyzer: Analyzer
) -> tuple[Piece, ...]:
    """Return the passage of a hit's summary or body that best answers the plan.

    Args:
        plan: the plan that matched.
        texts: the hit's summary and body, as indexed.
        segment: the segment of the hit.
        doc: number of the hit's document in that segment.
        analyzer: analyses words of the text for prefixes and wildcards, which the arrays cannot locate.
    """
    parts = list(positive_leaves(plan))
    highlights: dict[TextField, dict[int, int]] = {field: {} for field, text in texts.items() if text}
    for group, part in enumerate(parts):
        if isinstance(part, Words):
            items: tuple[tuple[str, ...], ...] = (part.terms,)
        elif isinstance(part, Sequence):
            items = part.items
        else:
            continue
        fields = {FIELD_NAMES[name] for name in part.fields}
        wanted = {int(field): highlights[field] for field in fields & highlights.keys()}
        for position in matched_positions(part, [_positions(segment, doc, item) for item in items]):
            places = wanted.get(position >> FIELD_SHIFT)
            if places is not None:
                places.setdefault(position & ((1 << FIELD_SHIFT) - 1), group)
    patterns = [(group, part) for group, part in enumerate(parts) if isinstance(part, Expand)]
    marked = []
    for field, words in highlights.items():
        text = texts[field]
        spans = _spans(segment, doc, field, words)
        if patterns:
            spans = sorted(
                [*spans, *expanded(text, patterns, *_field_spans(segment, doc, field), analyzer)],
                key=lambda highlight: highlight.start,
            )
        marked.append(HighlightedText(text, tuple(spans)))
    return best_snippet(marked)


def _positions(segment: Segment, doc: int, terms: tuple[str, ...]) -> list[int]:
    """Return the positions of any of some terms in a document, ascending."""
    places: set[int] = set()
    for term in terms:
        found = segment.terms.find(term)
        if found is None:
            continue
        low, high = int(segment.term_postings[found]), int(segment.term_postings[found + 1])
        row = low + int(np.searchsorted(segment.posting_docs[low:high], doc))
        if row < high and segment.posting_docs[row] == doc:
            start, end = int(segment.posting_positions[row]), int(segment.posting_positions[row + 1])
            places.update(segment.positions[start:end].tolist())
    return sorted(places)


def _spans(segment: Segment, doc: int, field: TextField, words: dict[int, int]) -> list[Highlight]:
    """Return the highlights of some words of a field.

    Args:
        segment: the segment of the hit.
        doc: number of its document in that segment.
        field: the field.
        words: by position in the field, the number of the part of the query that the word matches.
    """
    if not words:
        return []
    starts, lengths = _field_spans(segment, doc, field)
    places = np.array(sorted(words))
    places = places[places < len(starts)]
    spans = zip(places.tolist(), starts[places].tolist(), lengths[places].tolist(), strict=True)
    return [Highlight(start, start + length, words[place]) for place, start, length in spans]


def _field_spans(segment: Segment, doc: int, field: TextField) -> tuple[IntArray, IntArray]:
    """Return the character offset and the length of each token of a field."""
    sizes = segment.field_lengths[doc].tolist()
    base = int(segment.spans[doc]) + sum(sizes[:field])
    end = base + sizes[field]
    return np.cumsum(segment.span_starts[base:end], dtype=np.int64), segment.span_lengths[base:end]


def expanded(
    text: str, patterns: list[tuple[int, Expand]], starts: IntArray, lengths: IntArray, analyzer: Analyzer
) -> list[Highlight]:
    """Return the highlights of patterns in a text.

    Args:
        text: the text.
        patterns: each pattern, after the number of the part of the query that it is (`Highlight.group`).
        starts: character offset of each of its tokens.
        lengths: number of characters of each.
        analyzer: analyses the words.
    """
    ends = (starts + lengths).tolist()
    begins = starts.tolist()
    words = [text[start:end] for start, end in zip(begins, ends, strict=True)]
    # Most words match nothing: this loop must stay as short as it is.
    found = map(_tested(tuple(part.pattern for _, part in patterns), analyzer).__getitem__, words)
    return [
        Highlight(begins[place], ends[place], patterns[index][0])
        for place, index in enumerate(found)
        if index is not None
    ]


def first_pattern(word: str, patterns: list[tuple[int, Expand]], analyzer: Analyzer) -> int | None:
    """Return the index in `patterns` (each after its `Highlight.group`) of the first that a word matches, or None."""
    return _tested(tuple(part.pattern for _, part in patterns), analyzer)[word]


class _TestedWords(dict[str, int | None]):
    """The index of the first pattern that a word matches, or None, by word; each word is analysed once.

    A dictionary, since its look-ups cost a tenth of a call, and a page of hits has ten thousand words.
    """

    def __init__(self, patterns: tuple[str, ...], analyzer: Analyzer) -> None:
        super().__init__()
        self._matched = first_match(patterns)
        self._analyzer = analyzer

    def __missing__(self, word: str) -> int | None:
        if len(self) >= _WORD_CACHE_SIZE:
            self.clear()
        found = (self._matched(form) for token in self._analyzer.tokens(word) for form in token.word.forms)
        index = self[word] = min((index for index in found if index is not None), default=None)
        return index


@lru_cache(maxsize=32)
def _tested(patterns: tuple[str, ...], analyzer: Analyzer) -> _TestedWords:
    return _TestedWords(patterns, analyzer)
