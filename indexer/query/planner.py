"""From the query tree to the plan that engines run: words analysed, fields named, synonyms added."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from indexer.french.analyzer import Analyzer
from indexer.french.elision import is_elided
from indexer.french.folding import fold
from indexer.french.token import Token
from indexer.query.fields import ANYWHERE
from indexer.query.language import MIN_LETTERS
from indexer.query.plan import All, Any, Every, Expand, Plan, Sequence, Without, Words
from indexer.query.tree import And, Not, Or, ParsedQuery, Phrase, Prefix, Term, Tree, Wildcard, YearRange


@dataclass(frozen=True, slots=True)
class Planner:
    """Analyses query trees.

    Attributes:
        analyzer: the French analysis that also wrote the index.
    """

    analyzer: Analyzer

    def plan(self, query: ParsedQuery) -> Plan:
        """The plan of a parsed query; a query of nothing plans to `Every`."""
        if query.tree is None:
            return Every()
        planned = self._plan(query.tree)
        return Every() if planned is None else planned

    def _plan(self, tree: Tree) -> Plan | None:
        """Plan a tree; None where nothing is left to look for (stop words, punctuation)."""
        match tree:
            case Term(text, field):
                return self._words(self.analyzer.tokens(text), _fields(field))
            case Phrase(text, slop, field):
                return _sequence(self.analyzer.tokens(text), slop, _fields(field))
            case Prefix(text, field):
                return _pattern(text + "*", _fields(field))
            case Wildcard(pattern, field):
                return _pattern(pattern, _fields(field))
            case YearRange():
                return tree
            case And(children):
                return self._and(children)
            case Or(children):
                planned = [p for p in map(self._plan, children) if p is not None]
                return _single(planned, Any)
            case Not(child):
                inner = self._plan(child)
                return None if inner is None else Without(inner)

    def _and(self, children: tuple[Tree, ...]) -> Plan | None:
        """All children; stop words are dropped only where other words are left."""
        stops = [_is_stop(self.analyzer, child) for child in children]
        kept = [child for child, stop in zip(children, stops, strict=True) if not stop]
        if not any(not isinstance(child, Not) for child in kept):
            kept = list(children)
        planned = [p for p in map(self._plan, kept) if p is not None]
        return _single(planned, All)

    def _words(self, tokens: list[Token], fields: tuple[str, ...]) -> Plan | None:
        """A typed word is usually one token; a compound is several, which must follow one another."""
        if len(tokens) > 1:
            return _sequence(tokens, 0, fields)
        return Words(tokens[0].word.asked, tokens[0].word.exact, fields) if tokens else None


def _fields(field: str | None) -> tuple[str, ...]:
    return ANYWHERE if field is None else (field,)


def _pattern(pattern: str, fields: tuple[str, ...]) -> Plan | None:
    """A pattern bears on the words of the index, which hold no signs: « l'éco* » is « eco* », « co-const* » may be
    written in one word, « tiers-li* » is two.
    """
    article, apostrophe, rest = fold(pattern).partition("'")
    folded = rest if apostrophe and is_elided(article) else article + apostrophe + rest
    parts = re.findall(r"[\w*?]+", folded.replace("'", ""))
    if len(parts) < 2:
        return Expand("".join(parts), fields) if parts else None
    # A part such as « l* » alone would match too much.
    telling = [part for part in parts if part.isalnum() or sum(map(str.isalnum, part)) >= MIN_LETTERS]
    apart = _single([Expand(part, fields) for part in telling], All)
    joined = Expand("".join(parts), fields)
    return joined if apart is None else Any((joined, apart))


def _sequence(tokens: list[Token], slop: int, fields: tuple[str, ...]) -> Plan | None:
    if not tokens:
        return None
    if len(tokens) == 1:
        return Words(tokens[0].word.asked, tokens[0].word.exact, fields)
    gaps = tuple(after.position - before.position for before, after in pairwise(tokens))
    return Sequence(tuple(token.word.asked for token in tokens), gaps, slop, fields)


def _is_stop(analyzer: Analyzer, tree: Tree) -> bool:
    if not isinstance(tree, Term) or tree.field is not None:
        return False
    tokens = analyzer.tokens(tree.text)
    return all(token.word.stop for token in tokens)


def _single(planned: list[Plan], several: type[All] | type[Any]) -> Plan | None:
    if not planned:
        return None
    return planned[0] if len(planned) == 1 else several(tuple(planned))
