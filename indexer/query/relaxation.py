"""Query relaxation: require all words, then most of them, then try a better spelling, until enough resources match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indexer.analysis import Analyzer, Token, Word, fold
from indexer.query.parser import MAX_CLAUSES
from indexer.query.plan import All, Plan, WordPair
from indexer.query.planner import Planner
from indexer.query.request import Matching
from indexer.query.scoring import FEW, is_few
from indexer.query.spelling import MIN_LETTERS, Speller

MAX_RESPELLED = 8
"""Largest number of unknown words of a query that are corrected; more are hardly all misspelt, so none is corrected."""
_RARER = 20
"""A short word is taken for a part of a longer one if the longer one is at least this many times as frequent."""

NOWHERE = "«\u00a0{}\u00a0» n’est nulle part dans l’archive."


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan that answers, and what to tell the person who searched.

    Attributes:
        plan: the plan to run.
        pairs: neighbouring words, for the ranking.
        matching: whether the plan requires all plain words or most.
        plain: whether the query consists of plain words.
        strict: the plan that requires all plain words.
        words: if `matching` is most, each child of the plan as typed.
        unknown: those of `words` that no resource visible to the reader holds.
        messages: French sentences on what was ignored.
        did_you_mean: a better spelling, if one is known.
        corrected: whether the plan is that of `did_you_mean` rather than of the query as typed.
    """

    plan: Plan
    pairs: tuple[WordPair, ...]
    matching: Matching
    messages: tuple[str, ...]
    strict: Plan
    plain: bool = False
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    did_you_mean: str | None = None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What the reader can see, as far as a decision needs it.

    Attributes:
        visible: number of resources.
        held: returns how many of these resources a plan finds, whatever the filters of the request.
        kept: returns how many of the resources that a plan finds pass the filters of the request.
        respell: returns a query with the words that hardly any resource holds corrected, or None if nothing changes.
    """

    visible: int
    held: Callable[[Plan], int]
    kept: Callable[[Plan], int]
    respell: Callable[[str], str | None]


def decide(text: str, planner: Planner, world: World, match: Matching | None = None) -> Decision:
    """Choose the plan that answers a query.

    Args:
        text: as typed.
        planner: plans queries.
        world: what the reader can see.
        match: whether all plain words are required, or most; None requires most if few resources have all.
    """
    typed = _choose(text, planner, world, match)
    enough = world.kept(typed.plan) >= FEW
    if enough and not _may_be_misspaced(text):
        return typed
    better = world.respell(text)
    # Where enough is found, only spaces are doubted: each part of a split word finds resources of its own.
    if better is None or (enough and not _differs_in_spaces(text, better)):
        return typed
    if world.kept(typed.plan) == 0:
        corrected = _choose(better, planner, world, match)
        if world.kept(corrected.plan):
            return replace(corrected, did_you_mean=better, corrected=True, messages=typed.messages)
        return typed
    return replace(typed, did_you_mean=better)


def _may_be_misspaced(text: str) -> bool:
    return " " in text.strip()


def _differs_in_spaces(text: str, better: str) -> bool:
    return fold(text).replace(" ", "") == fold(better).replace(" ", "")


def _choose(text: str, planner: Planner, world: World, match: Matching | None) -> Decision:
    """Return the plan that requires all words. If few resources have all and more have most, return the plan that
    requires most; if nothing is found, the one that splits compounds.

    Filters do not change the choice, so that the counts of facets still hold when a filter is added.
    """
    reading = planner.read(text)
    planned = reading.planned
    words: tuple[str, ...] = ()
    plan, matching = planned.strict, Matching.ALL
    if match is not Matching.ALL:
        if planned.relaxed is not None and _may_relax(planned.strict, planned.relaxed, world, match):
            plan, words, matching = planned.relaxed, planned.words, Matching.MOST
        if planned.loosest is not None and not world.held(plan) and world.held(planned.loosest):
            plan, words, matching = planned.loosest, planned.loosest_words, Matching.MOST
    unknown: tuple[str, ...] = ()
    if isinstance(plan, All) and words:
        held = [world.held(child) for child in plan.children]
        if any(held):
            unknown = tuple(word for word, count in zip(words, held, strict=True) if not count)
    messages = reading.messages + tuple(NOWHERE.format(word) for word in unknown)
    return Decision(plan, planned.pairs, matching, messages, planned.strict, planned.plain, words, unknown)


def _may_relax(strict: Plan, relaxed: Plan, world: World, match: Matching | None) -> bool:
    """Return whether most words are enough: because it was asked for, or because few resources have all and more have
    most.
    """
    if match is Matching.MOST:
        return True
    strictly = world.held(strict)
    return is_few(strictly, world.visible) and world.held(relaxed) > strictly


def respelled(
    text: str, analyzer: Analyzer, speller: Speller, holding: Callable[[Word], int], listed: Callable[[Word], bool]
) -> str | None:
    """Return a query with the words that no resource holds corrected, or None if nothing changes.

    Two neighbours that make a known word are joined (« collec tivité »), if one of them is unknown, or is short and
    much rarer. A query with more than `MAX_RESPELLED` unknown words is left as typed.

    Args:
        text: as typed.
        analyzer: the French analysis.
        speller: corrects to words that occur in resources of the reader's audience.
        holding: returns how many resources of the reader's audience hold a word.
        listed: returns whether a word is part of the synonyms.
    """
    tokens = analyzer.tokens(text)[:MAX_CLAUSES]
    held = [holding(token.word) for token in tokens]
    sure = [
        bool(count) or token.word.stop or text[token.end : token.end + 1] in {"*", "?"} or listed(token.word)
        for token, count in zip(tokens, held, strict=True)
    ]
    if sure.count(False) > MAX_RESPELLED:
        return None
    pieces, copied, index = [], 0, 0
    while index < len(tokens):
        token, better, end = tokens[index], None, tokens[index].end
        if index + 1 < len(tokens):
            better = _joined(text, tokens, held, sure, index, speller)
        if better is not None:
            index += 1
            end = tokens[index].end
        elif not sure[index]:
            better = speller.correct(fold(text[token.start : end]))
        if better is not None:
            pieces += [text[copied : token.start], better]
            copied = end
        index += 1
    return "".join((*pieces, text[copied:])) if pieces else None


def _joined(
    text: str, tokens: Sequence[Token], held: Sequence[int], sure: Sequence[bool], index: int, speller: Speller
) -> str | None:
    """Return the known word that the tokens at `index` and after it make, or None if they are better left apart; `held`
    says how many resources hold each token, `sure` whether it needs no correction.
    """
    first, second = tokens[index], tokens[index + 1]
    parts = text[first.start : first.end], text[second.start : second.end]
    if text[first.end : second.start] != " " or not all(map(str.isalpha, parts)) or len(parts[1]) == 1:
        return None
    whole = speller.known(fold("".join(parts)))
    if whole is None or len(whole.folded) < MIN_LETTERS:
        return None
    for at, part in enumerate(parts, index):
        if not sure[at]:
            return whole.exact
        if len(part) == 1 or tokens[at].word.stop:
            continue
        # « ouvr » is not a word, even if it is a stem that resources hold.
        if speller.known(fold(part)) is None or (len(part) < MIN_LETTERS and _RARER * held[at] <= whole.holding):
            return whole.exact
    return None
