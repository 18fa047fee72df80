"""Plans words typed side by side: compounds, stop words, and synonyms, which may span several words."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence as Many
from dataclasses import dataclass
from itertools import pairwise

from indexer.analysis import Analyzer, Synonyms, Token
from indexer.query.plan import Either, Plan, Sequence, WordPair, Words

_SLOP_OF_SYNONYMS = 1
"""Slop of multi-word synonyms, so that « économie sociale solidaire » also matches « économie sociale et solidaire ».
"""

MAX_ALTERNATIVES = 8
"""Largest number of alternatives of a phrase that are searched; each costs as much as the phrase itself."""


@dataclass(frozen=True, slots=True)
class PlannedWords:
    """The plans of words typed side by side.

    Attributes:
        plans: one for each word that is searched; a compound counts as one word.
        words: each of these words as typed.
        parts: plans for the same words, with compounds split into their parts.
        part_words: each part as typed.
        pairs: neighbouring words.
    """

    plans: tuple[Plan, ...] = ()
    words: tuple[str, ...] = ()
    parts: tuple[Plan, ...] = ()
    part_words: tuple[str, ...] = ()
    pairs: tuple[WordPair, ...] = ()


def plan_words(
    texts: Many[str], fields: tuple[str, ...], analyzer: Analyzer, synonyms: Synonyms, *, drop_stops: bool
) -> PlannedWords:
    """Plan words typed side by side.

    Args:
        texts: the words as typed.
        fields: text fields to search.
        analyzer: the French analysis.
        synonyms: the synonyms in force.
        drop_stops: leave out stop words even if there are no other words.
    """
    starts, place = [], 0
    for text in texts:
        starts.append(place)
        place += len(text) + 1
    joined = " ".join(texts)
    tokens = analyzer.tokens(joined)
    other_ways = _other_ways(tokens, synonyms, fields)
    if len(tokens) == 1 and not other_ways:  # a shortcut for most queries, with the same result
        word = sequence(tokens, 0, fields)
        if drop_stops and tokens[0].word.stop:
            return PlannedWords()
        typed = joined[tokens[0].start : tokens[0].end]
        return PlannedWords((word,), (typed,), (word,), (typed,))
    groups: dict[int, list[int]] = {}
    for index, token in enumerate(tokens):
        groups.setdefault(bisect_right(starts, token.start) - 1, []).append(index)
    telling = [group for group in groups.values() if not all(tokens[i].word.stop for i in group)]
    if not telling and not drop_stops:
        telling = list(groups.values())
    plans = []
    for group in telling:
        literal = sequence([tokens[i] for i in group], 0, fields)
        ways = dict.fromkeys(way for i in group for way in other_ways.get(i, ()) if way != literal)
        plans.append(Either((literal, *ways)) if ways else literal)
    pairs = tuple(
        WordPair(tokens[a[-1]].word.asked, tokens[b[0]].word.asked) for a, b in pairwise(telling) if a[-1] != b[0]
    )
    inside = [tokens[i] for group in telling for i in group if len(group) == 1 or not tokens[i].word.stop]
    return PlannedWords(
        plans=tuple(plans),
        words=tuple(joined[tokens[group[0]].start : tokens[group[-1]].end] for group in telling),
        parts=tuple(sequence([token], 0, fields) for token in inside),
        part_words=tuple(joined[token.start : token.end] for token in inside),
        pairs=pairs,
    )


def _other_ways(tokens: list[Token], synonyms: Synonyms, fields: tuple[str, ...]) -> dict[int, list[Words | Sequence]]:
    """Return the plans of the synonyms of each token, by the token's index.

    If several words together have one synonym, it becomes an alternative of each of them: (économie or ESS) and
    (sociale or ESS) is equivalent to (économie and sociale) or ESS, but keeps the words separate, so that relaxation
    can require only most of them.
    """
    ways: dict[int, list[Words | Sequence]] = {}
    for match in synonyms.matches(tokens):
        for alternative in match.alternatives:
            telling = [token for token in alternative if not token.word.stop] or list(alternative)
            way = sequence(telling, _SLOP_OF_SYNONYMS, fields)
            for index in range(match.first, match.last + 1):
                ways.setdefault(index, []).append(way)
    return ways


def plan_phrase(text: str, slop: int, fields: tuple[str, ...], analyzer: Analyzer, synonyms: Synonyms) -> Plan | None:
    """Plan a phrase; an acronym in it also matches its expansion, and the other way round. None if the phrase has no
    words.
    """
    tokens = analyzer.tokens(text)
    if not tokens:
        return None
    literal = sequence(tokens, slop, fields)
    ways: dict[Words | Sequence, None] = {}
    for match in synonyms.matches(tokens):
        for alternative in match.alternatives:
            said = [*tokens[: match.first], *alternative, *tokens[match.last + 1 :]]
            positions = [token.position for token in tokens[: match.first]]
            base = tokens[match.first].position
            positions += [base + token.position for token in alternative]
            after = base + alternative[-1].position + 1
            end = tokens[match.last].position + 1
            positions += [after + token.position - end for token in tokens[match.last + 1 :]]
            moved = [token._replace(position=position) for token, position in zip(said, positions, strict=True)]
            ways[sequence(moved, slop, fields)] = None
    ways.pop(literal, None)
    ways = dict.fromkeys(list(ways)[:MAX_ALTERNATIVES])
    return Either((literal, *ways)) if ways else literal


def sequence(tokens: Many[Token], slop: int, fields: tuple[str, ...]) -> Words | Sequence:
    """Return the plan of one or more tokens in order; that of a single one is a word."""
    if len(tokens) == 1:
        return Words(tokens[0].word.asked, tokens[0].word.exact, fields)
    gaps = tuple(after.position - before.position for before, after in pairwise(tokens))
    return Sequence(tuple(token.word.asked for token in tokens), gaps, slop, fields)
