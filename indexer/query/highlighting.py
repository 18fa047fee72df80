"""Highlighting: where a plan's words occur in a text, for snippets and whole pages of any engine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Many
from typing import Protocol

from indexer.analysis import Token
from indexer.query.fields import FIELD_NAMES, TextField
from indexer.query.plan import All, Any, Either, Expand, Plan, Sequence, Words
from indexer.query.planner import Planner
from indexer.query.snippets import Highlight
from indexer.query.wildcards import first_match


def find_highlights(
    query: str, texts: Iterable[tuple[TextField, str]], planner: Planner
) -> tuple[tuple[Highlight, ...], ...]:
    """Return the highlights of a query in each of a resource's texts.

    If the query as typed highlights nothing, the parts of its compound words are highlighted, as for a relaxed query.

    Args:
        query: as typed, or as corrected if the correction was answered.
        texts: pairs of a field and its text.
        planner: analyses the query, with the synonyms that the engine used.

    Returns:
        For each text, its highlights, ascending, without overlaps.
    """
    analysed = [(field, planner.analyzer.tokens(text)) for field, text in texts]
    planned = planner.read(query).planned
    found: tuple[tuple[Highlight, ...], ...] = ()
    for plan in (planned.strict, planned.loosest):
        if plan is None:
            break
        leaves = list(positive_leaves(plan))
        found = tuple(highlights_in(leaves, field, tokens) for field, tokens in analysed)
        if any(found):
            break
    return found


def positive_leaves(plan: Plan) -> Iterator[Words | Sequence | Expand]:
    """Yield the leaves of a plan that a hit may contain, in order; excluded words are left out."""
    if isinstance(plan, Words | Sequence | Expand):
        yield plan
    elif isinstance(plan, Either):
        yield from plan.alternatives
    elif isinstance(plan, All | Any):
        for child in plan.children:
            yield from positive_leaves(child)


def matched_positions(part: Words | Sequence, places: list[list[int]]) -> Iterator[int]:
    """Yield the positions to highlight: every occurrence of a word; of a sequence, only positions that are part of a
    match.

    Args:
        part: a leaf of a plan: a word or a sequence of words.
        places: for each of its items, the positions of any of its terms, ascending.
    """
    if isinstance(part, Words):
        yield from places[0]
        return
    span = sum(part.gaps) + part.slop
    sets = [set(item) for item in places]
    for start in places[0]:
        chain = [start]
        for gap, item, members in zip(part.gaps, places[1:], sets[1:], strict=True):
            if part.slop:
                after = bisect_right(item, chain[-1])
                later = item[after] if after < len(item) else None
            else:
                later = chain[-1] + gap if chain[-1] + gap in members else None
            if later is None or later - start > span:
                break
            chain.append(later)
        else:
            yield from chain


class Occurrences(Protocol):
    """Where the words of a text stand."""

    def places(self, terms: tuple[str, ...], /) -> list[int]:
        """Return the positions of any of some terms, ascending."""

    def span(self, place: int, /) -> tuple[int, int]:
        """Return the offsets of the word at a position."""

    def matching(self, matched: Callable[[str], int | None], /) -> Iterable[tuple[int, int]]:
        """Return each position whose word has a form that matches a pattern, and the number of the first such pattern.

        Args:
            matched: returns the number of the first pattern that a form matches, None if it matches none.
        """


class _OfTokens:
    """The occurrences of the words of some tokens."""

    def __init__(self, tokens: Many[Token]) -> None:
        self._tokens = tokens
        self._positions: dict[str, list[int]] = {}
        self._spans: dict[int, tuple[int, int]] = {}
        for token in tokens:
            self._spans[token.position] = token.start, token.end
            for term in token.word.terms:
                self._positions.setdefault(term, []).append(token.position)

    def places(self, terms: tuple[str, ...]) -> list[int]:
        return sorted({place for term in terms for place in self._positions.get(term, ())})

    def span(self, place: int) -> tuple[int, int]:
        return self._spans[place]

    def matching(self, matched: Callable[[str], int | None]) -> Iterator[tuple[int, int]]:
        for token in self._tokens:
            found = [index for index in map(matched, token.word.forms) if index is not None]
            if found:
                yield token.position, min(found)


def highlights_in(
    leaves: Many[Words | Sequence | Expand], field: TextField, tokens: Many[Token]
) -> tuple[Highlight, ...]:
    """Return the highlights of leaves of a plan (words, sequences of words, wildcards) in the tokens of a field,
    ascending, without overlaps.
    """
    return highlights_at(leaves, field, _OfTokens(tokens))


def highlights_at(
    leaves: Many[Words | Sequence | Expand], field: TextField, words: Occurrences
) -> tuple[Highlight, ...]:
    """Return the highlights of leaves of a plan in the words of a field, ascending, without overlaps."""
    mine = [(group, leaf) for group, leaf in enumerate(leaves) if field in {FIELD_NAMES[name] for name in leaf.fields}]
    groups: dict[int, int] = {}
    patterns: list[tuple[int, Expand]] = []
    for group, leaf in mine:
        if isinstance(leaf, Expand):
            patterns.append((group, leaf))
            continue
        items = (leaf.terms,) if isinstance(leaf, Words) else leaf.items
        for place in matched_positions(leaf, [words.places(item) for item in items]):
            groups.setdefault(place, group)
    highlights = [Highlight(*words.span(place), group) for place, group in groups.items()]
    if patterns:
        matched = first_match(tuple(part.pattern for _, part in patterns))
        highlights += [Highlight(*words.span(place), patterns[index][0]) for place, index in words.matching(matched)]
    apart: list[Highlight] = []
    for highlight in sorted(highlights, key=lambda m: (m.start, -m.end)):
        if not apart or highlight.start >= apart[-1].end:
            apart.append(highlight)
    return tuple(apart)
