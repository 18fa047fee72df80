"""Finds which values of a facet a query names: a theme, a type, a year or a territory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from indexer.analysis import Analyzer, Token, fold
from indexer.query import lexer
from indexer.query.edits import edit_distance
from indexer.query.lexer import TokenKind
from indexer.territories import ALSO_WORDS, gazetteer

MAX_WORDS = 12
"""Largest number of words of a query that may name a value; a longer one is a text rather than a name."""
_SLIP_FROM = 5
"""Number of letters from which a word of a name may be written with one slip (one edit)."""
_PART_FROM = 4
"""Smallest number of letters of a word that may stand for the whole name of which it is a part."""
_PLAIN = {TokenKind.WORD, TokenKind.NOTHING, TokenKind.END}


@dataclass(frozen=True, slots=True)
class ValueNamed:
    """A value of a facet that a query names.

    Attributes:
        value: the name of the theme or type, the year as text, or the code of the territory.
        spans: start and end of each word of the query that names it.
        slip: whether one of these words is written with a slip (one edit).
    """

    value: str
    spans: frozenset[tuple[int, int]]
    slip: bool


def words_without(query: str, spans: Iterable[tuple[int, int]], analyzer: Analyzer) -> str:
    """Return the words of a query but those at `spans` (start and end offsets), without stop words at either end."""
    used = set(spans)
    left = [token for token in analyzer.tokens(query) if (token.start, token.end) not in used]
    # A preposition that is now at the end belonged to a word that was left out.
    while left and left[0].word.stop:
        del left[0]
    while left and left[-1].word.stop:
        del left[-1]
    return " ".join(query[token.start : token.end] for token in left)


def values_named(query: str, values: Sequence[str], analyzer: Analyzer) -> tuple[ValueNamed, ...]:
    """Return the values that a query of plain words names, those named by most of its words first.

    A query names a value if it contains all words of the value's name, or if this name alone contains all its words.
    Inflections, accents, stop words and the order do not matter; one word may be written with a slip.

    Args:
        query: as typed; with operators, quotes or fields it names nothing.
        values: names, such as those of all themes; or years.
        analyzer: the French analysis.
    """
    if any(token.kind not in _PLAIN for token in lexer.tokenize(lexer.clean(query))):
        return ()
    asked = [token for token in analyzer.tokens(query) if not token.word.stop]
    if not 0 < len(asked) <= MAX_WORDS:
        return ()
    names = {value: [token for token in analyzer.tokens(value) if not token.word.stop] for value in values}
    whole = []
    for value, name in names.items():
        found, slip = _covering(name, asked)
        if found:
            spans = frozenset((asked[index].start, asked[index].end) for index in found)
            whole.append(ValueNamed(value, spans, slip))
    # A slip is forgiven only where nothing is named without one.
    named = [one for one in whole if not one.slip] or whole
    if not any(len(one.spans) == len(asked) for one in named) and any(len(t.word.exact) >= _PART_FROM for t in asked):
        everything = frozenset((token.start, token.end) for token in asked)
        parts = [
            ValueNamed(value, everything, slip)
            for value, name in names.items()
            for found, slip in [_covering(asked, name)]
            if found
        ]
        parts = [one for one in parts if not one.slip] or parts
        named += parts if len(parts) == 1 else []
    return tuple(sorted(named, key=lambda one: (-len(one.spans), one.value)))


def territories_named(query: str, offered: Collection[str], analyzer: Analyzer) -> tuple[ValueNamed, ...]:
    """Return the territories that a query of plain words names, the longest names first.

    Args:
        query: as typed; with operators, quotes or fields it names nothing.
        offered: codes of the territories that the reader's resources lie in; others are not named.
        analyzer: the French analysis.
    """
    if any(token.kind not in _PLAIN for token in lexer.tokenize(lexer.clean(query))):
        return ()
    tokens = analyzer.tokens(query)
    if not 0 < len(tokens) <= MAX_WORDS:
        return ()
    telling = sum(not token.word.stop for token in tokens)
    named: list[ValueNamed] = []
    used: set[int] = set()
    for length in range(len(tokens), 0, -1):
        for first in range(len(tokens) - length + 1):
            places = range(first, first + length)
            if not used.isdisjoint(places):
                continue
            words = query[tokens[first].start : tokens[places[-1]].end]
            # A word such as « plan » or « lot » names a territory only if nothing else is asked for.
            if telling > 1 and words.casefold() in ALSO_WORDS:
                continue
            codes = [code for code in gazetteer().named(words) if code in offered]
            if codes:
                used.update(places)
                named.append(ValueNamed(codes[0], frozenset((tokens[i].start, tokens[i].end) for i in places), False))
    return tuple(named)


def _covering(name: Sequence[Token], words: Sequence[Token]) -> tuple[tuple[int, ...], bool]:
    """Return the indexes of the words that match the words of a name, one each, and whether one of them has a slip; no
    index if a word of the name has no match.
    """
    found: list[int] = []
    slipped = False
    for token in name:
        free = [index for index in range(len(words)) if index not in found]
        same = next((index for index in free if _same(token, words[index])), None)
        if same is None and not slipped:
            same = next((index for index in free if _nearly(token, words[index])), None)
            slipped = same is not None
        if same is None:
            return (), False
        found.append(same)
    return tuple(found), slipped


def _same(one: Token, other: Token) -> bool:
    return not _disjoint(one.word.asked, other.word.terms) or not _disjoint(other.word.asked, one.word.terms)


def _disjoint(terms: Iterable[str], others: Iterable[str]) -> bool:
    return set(terms).isdisjoint(others)


def _nearly(one: Token, other: Token) -> bool:
    first, second = fold(one.word.exact), fold(other.word.exact)
    letters = first.isalpha() and second.isalpha() and min(len(first), len(second)) >= _SLIP_FROM - 1
    return letters and max(len(first), len(second)) >= _SLIP_FROM and edit_distance(first, second, 1) <= 1
