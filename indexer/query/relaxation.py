"""Query relaxation: require all words, then most of them, then try a better spelling, until enough resources match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.analysis import Analyzer, Word, fold
from indexer.query.parser import MAX_CLAUSES
from indexer.query.plan import Plan, WordPair
from indexer.query.planner import Planner
from indexer.query.request import Matching
from indexer.query.scoring import FEW, FEW_OF_TWO
from indexer.query.spelling import Speller

MAX_RESPELLED = 8
"""Number of unknown words of a query that are corrected; if there are more, they are hardly typing errors."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan that answers, and what to tell the person who searched.

    Attributes:
        plan: the plan to run.
        pairs: neighbouring words, for the ranking.
        matching: whether the plan requires all plain words or most.
        messages: French sentences on what was ignored.
        did_you_mean: a better spelling, if one is known.
        corrected: whether the plan is that of `did_you_mean` rather than of the query as typed.
    """

    plan: Plan
    pairs: tuple[WordPair, ...]
    matching: Matching
    messages: tuple[str, ...]
    did_you_mean: str | None = None
    corrected: bool = False


def decide(
    text: str, planner: Planner, *, count: Callable[[Plan], int], respell: Callable[[str], str | None]
) -> Decision:
    """Choose the plan that answers a query.

    Args:
        text: as typed.
        planner: plans queries.
        count: returns how many resources a plan finds under the request's filters.
        respell: returns a query with the words that hardly any resource holds corrected, or None if nothing changes.
    """
    typed = _choose(text, planner, count)
    if count(typed.plan) >= FEW:
        return typed
    better = respell(text)
    if better is None:
        return typed
    if count(typed.plan) == 0:
        corrected = _choose(better, planner, count)
        if count(corrected.plan):
            return replace(corrected, did_you_mean=better, corrected=True, messages=typed.messages)
        return typed
    return replace(typed, did_you_mean=better)


def _choose(text: str, planner: Planner, count: Callable[[Plan], int]) -> Decision:
    """Choose the plan that requires all words; the one that requires most, if few resources have all and more have
    most; and if nothing is found, the one that splits compounds.
    """
    reading = planner.read(text)
    planned = reading.planned
    plan, matching = planned.strict, Matching.ALL
    if planned.relaxed is not None:
        strictly = count(planned.strict)
        few = FEW_OF_TWO if len(planned.relaxed.children) == 2 else FEW
        if strictly < few and count(planned.relaxed) > strictly:
            plan, matching = planned.relaxed, Matching.MOST
    if planned.loosest is not None and not count(plan) and count(planned.loosest):
        plan, matching = planned.loosest, Matching.MOST
    return Decision(plan, planned.pairs, matching, reading.messages)


def respelled(text: str, analyzer: Analyzer, speller: Speller, holding: Callable[[Word], int]) -> str | None:
    """Return a query with the words that hardly any resource holds corrected, or None if nothing changes.

    At most `MAX_RESPELLED` words are corrected, and only among those that are searched; the rest is left as typed.

    Args:
        text: as typed.
        analyzer: the French analysis.
        speller: corrects to words that occur in resources of the reader's audience.
        holding: returns how many resources of the reader's audience hold a word.
    """
    better, shift, looked_up = text, 0, 0
    for token in analyzer.tokens(text)[:MAX_CLAUSES]:
        written = text[token.start : token.end]
        if token.word.stop or text[token.end : token.end + 1] in {"*", "?"}:
            continue
        held = holding(token.word)
        looked_up += not held
        if looked_up > MAX_RESPELLED:
            break
        correction = speller.correct(fold(written), holding=held)
        if correction is not None:
            better = better[: token.start + shift] + correction + better[token.end + shift :]
            shift += len(correction) - len(written)
    return None if better == text else better
