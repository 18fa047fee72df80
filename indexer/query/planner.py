"""Planner: turns a query tree into a plan: analyses words, resolves fields and adds synonyms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby

from indexer.analysis import Analyzer, Synonyms, fold, is_elided
from indexer.query.ast import And, InTerritory, Not, Or, ParsedQuery, Phrase, Prefix, Term, Tree, Wildcard, YearRange
from indexer.query.fields import ANYWHERE
from indexer.query.parser import MIN_LETTERS, parse
from indexer.query.plan import All, Any, Every, Expand, Nothing, Plan, Planned, Without, WordPair
from indexer.query.term_planner import plan_phrase, plan_words

_ONE_WORD = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœ]+")
"""Matches texts that the analysis is certain to read as one word."""


MAX_CACHED = 1_024
"""Size of the cache of queries; a full cache is emptied."""
_LONGEST_CACHED = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """The plans of a typed query, with messages.

    Attributes:
        planned: the plans to run.
        messages: French sentences on what was ignored.
    """

    planned: Planned
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What planning a tree collects about its plain words.

    Attributes:
        pairs: neighbouring words.
        words: the words that are searched, as typed.
    """

    pairs: list[WordPair]
    words: list[str]


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans query trees. One object may be used by several threads.

    Attributes:
        analyzer: the French analysis that also wrote the index.
        synonyms: applied to queries, never to indexed texts.
        known: cache of planned queries, since filters, pages and sorts repeat the same query.
    """

    analyzer: Analyzer
    synonyms: Synonyms
    known: dict[str, Reading] = field(default_factory=dict, repr=False, compare=False)

    def read(self, text: str) -> Reading:
        """Parse and plan a query as typed. Never raises, whatever the text."""
        known = self.known.get(text)
        if known is None:
            parsed = parse(text)
            known = Reading(self.plan(parsed), parsed.messages)
            if len(text) <= _LONGEST_CACHED:
                if len(self.known) >= MAX_CACHED:
                    self.known.clear()
                self.known[text] = known
        return known

    def plan(self, query: ParsedQuery) -> Planned:
        """Return the plans of a parsed query: `Every` for an empty query, `Nothing` for one of signs alone."""
        if query.tree is None:
            return Planned(Nothing() if query.wordless else Every())
        typed = _Typed([], [])
        strict = self._plan(query.tree, typed) or Every()
        relaxed = None
        if isinstance(query.tree, And) and query.tree.relaxable and isinstance(strict, All):
            relaxed = All(strict.children, most=True)
        loosest, parts = self._loosest(query.tree)
        return Planned(
            strict,
            relaxed,
            loosest,
            pairs=tuple(typed.pairs),
            plain=_is_plain(query.tree),
            words=() if relaxed is None else tuple(typed.words),
            loosest_words=parts,
        )

    def _loosest(self, tree: Tree) -> tuple[All | None, tuple[str, ...]]:
        """Return a plan that requires most parts of the plain words, compounds such as « licenciement-faute-grave »
        split, and these parts as typed; None if there is no compound.
        """
        words = tree.children if isinstance(tree, And) and tree.relaxable else (tree,)
        texts = [word.text for word in words if isinstance(word, Term) and word.field is None]
        if not texts or len(texts) < len(words) or all(map(_ONE_WORD.fullmatch, texts)):
            return None, ()
        run = plan_words(texts, ANYWHERE, self.analyzer, self.synonyms, drop_stops=False)
        return (All(run.parts, most=True), run.part_words) if len(run.parts) > len(run.plans) else (None, ())

    def _plan(self, tree: Tree, typed: _Typed) -> Plan | None:
        """Plan a tree, adding its plain words to `typed`; None if nothing is left to search for (only
        punctuation).
        """
        match tree:
            case Term(text, named):
                words = plan_words((text,), _fields(named), self.analyzer, self.synonyms, drop_stops=False)
                return _single(list(words.plans), All)
            case Phrase(text, slop, field):
                return plan_phrase(text, slop, _fields(field), self.analyzer, self.synonyms)
            case Prefix(text, field):
                return _pattern(text + "*", _fields(field))
            case Wildcard(pattern, field):
                return _pattern(pattern, _fields(field))
            case YearRange() | InTerritory():
                return tree
            case And(children):
                return self._and(children, typed)
            case Or(children):
                planned = [p for p in (self._plan(child, typed) for child in children) if p is not None]
                return _single(planned, Any)
            case Not(child):
                inner = self._plan(child, _Typed([], []))
                return None if inner is None else Without(inner)

    def _and(self, children: tuple[Tree, ...], typed: _Typed) -> Plan | None:
        """Plan a conjunction; stop words are dropped unless there are no other words."""
        others = any(not isinstance(child, Not) and not _is_stop(self.analyzer, child) for child in children)
        planned: list[Plan] = []
        for (plain, named), run in groupby(children, key=_run_of):
            if plain:
                texts = [child.text for child in run if isinstance(child, Term)]
                words = plan_words(
                    texts, _fields(named), self.analyzer, self.synonyms, drop_stops=others and named is None
                )
                planned += words.plans
                typed.pairs.extend(words.pairs)
                typed.words.extend(words.words)
            else:
                planned += [p for p in (self._plan(child, typed) for child in run) if p is not None]
        return _single(planned, All)


def _is_plain(tree: Tree) -> bool:
    return (isinstance(tree, And) and tree.relaxable) or (isinstance(tree, Term) and tree.field is None)


def _run_of(child: Tree) -> tuple[bool, str | None]:
    """Return whether a tree is a plain word, and the field it is searched in (None for anywhere, and for other trees);
    neighbours with the same result are planned together.
    """
    return (True, child.field) if isinstance(child, Term) else (False, None)


def _fields(field: str | None) -> tuple[str, ...]:
    return ANYWHERE if field is None else (field,)


def _pattern(pattern: str, fields: tuple[str, ...]) -> Plan | None:
    """Plan a wildcard pattern; None if nothing but punctuation is in it.

    Words of the index hold no punctuation: an elided article is dropped (« l'éco* » becomes « eco* »), and a pattern
    with a hyphen matches one word (« co-const* ») or several (« tiers-li* »).
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


def _is_stop(analyzer: Analyzer, tree: Tree) -> bool:
    if not isinstance(tree, Term) or tree.field is not None:
        return False
    tokens = analyzer.tokens(tree.text)
    return all(token.word.stop for token in tokens)


def _single(planned: list[Plan], several: type[All] | type[Any]) -> Plan | None:
    if not planned:
        return None
    return planned[0] if len(planned) == 1 else several(tuple(planned))
