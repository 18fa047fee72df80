"""Executes a plan on a searcher: which documents match, and with which score.

Sets of documents are ascending arrays of numbers with an array of scores; the loops over them are in `kernels`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import FloatArray, IntArray, distinct
from indexer.engine.embedded.kernels.numpy_kernels import NO_DOCS, WeightedDocs
from indexer.engine.embedded.read.searcher import Searcher
from indexer.query import FIELD_NAMES, TextField, scoring
from indexer.query.ast import InTerritory, YearRange
from indexer.query.fields import ANYWHERE
from indexer.query.plan import All, Any, Either, Every, Expand, Nothing, Plan, Sequence, Without, WordPair, Words

FIELD_WEIGHTS = np.array([scoring.WEIGHTS[field.name.lower()] for field in TextField])


class Matches(NamedTuple):
    """Documents that match, ascending, and the score of each (float32)."""

    docs: IntArray
    scores: FloatArray


def execute(plan: Plan, searcher: Searcher) -> Matches:
    """Return all documents of the searcher that match a plan, scored."""
    match plan:
        case Words():
            found = _match_leaf(plan, searcher)
            return Matches(found.docs, found.scores * np.float32(_idf(plan, found, searcher)))
        case Sequence() | Expand():
            found = _match_leaf(plan, searcher)
            found.scores[...] *= np.float32(_idf(plan, found, searcher))  # in place: not cached, unlike a word's
            return found
        case Either(alternatives):
            return _either([_match_leaf(alternative, searcher) for alternative in alternatives], searcher)
        case All(children, most):
            return combine(parts_of(children, searcher), searcher, most=most)
        case Any(children):
            return Matches(*_sum([part.weighted for part in parts_of(children, searcher)], 1, searcher))
        case Without(child):
            return _unscored(np.setdiff1d(searcher.all_docs, execute(child, searcher).docs, assume_unique=True))
        case YearRange(low, high):
            return _unscored(_years(low, high, searcher))
        case InTerritory(None):
            return _unscored(searcher.without_territory())
        case InTerritory(_, codes):
            return _unscored(searcher.in_territories(codes))
        case Every():
            return _unscored(searcher.all_docs)
        case Nothing():
            return _unscored(NO_DOCS)


def _unscored(docs: IntArray) -> Matches:
    return Matches(docs, np.zeros(len(docs), dtype=np.float32))


class Part(NamedTuple):
    """What one child of a plan matches.

    Attributes:
        weighted: its documents, their scores, and the weight by which `sum_scores` multiplies these: for a leaf, its
            idf, else 1.
        idf: inverse document frequency of the child, higher the fewer documents match it.
    """

    weighted: WeightedDocs
    idf: float


def parts_of(children: Iterable[Plan], searcher: Searcher) -> list[Part]:
    """Return what each child of a plan matches."""
    return [_part(child, searcher) for child in children]


def _part(plan: Plan, searcher: Searcher) -> Part:
    if isinstance(plan, Words | Sequence | Expand):
        found = _match_leaf(plan, searcher)
        idf = _idf(plan, found, searcher)
        return Part((found.docs, found.scores, idf), idf)
    matches = execute(plan, searcher)
    return Part((matches.docs, matches.scores, 1.0), scoring.idf(len(matches.docs), searcher.count))


def _sum(parts: list[WeightedDocs], least: int, searcher: Searcher) -> tuple[IntArray, FloatArray]:
    """Return the documents in at least `least` of some parts, with the sum of their scores."""
    return kernels.sum_scores(parts, [1] * len(parts), least, searcher.size)


def _match_leaf(plan: Words | Sequence | Expand, searcher: Searcher) -> Matches:
    """Return the documents that hold a leaf of a plan (a word, phrase or pattern), and its impact on each."""
    match plan:
        case Words(terms, exact, fields):
            found = Matches(*searcher.word(terms, exact, _field_mask(fields)))
            return found if fields == ANYWHERE else _scored_in(plan, found, searcher)
        case Sequence():
            return _sequence(plan, searcher)
        case Expand(pattern, fields):
            return Matches(*searcher.expand(pattern, _field_mask(fields)))


def _scored_in(plan: Words, found: Matches, searcher: Searcher) -> Matches:
    """Return the documents that hold a word in the fields of the plan, scored by its occurrences in these fields alone.

    The impacts of `found`, the documents that hold the word in one of these fields, count its occurrences in all.
    """
    keys = item_keys([plan.terms], searcher, found.docs)[plan.terms]
    mask = _field_mask(plan.fields)
    docs, impacts = _score(keys, mask, searcher)
    if plan.exact is not None:
        typed = searcher.form(plan.exact, mask)
        impacts = impacts + np.isin(docs, typed, assume_unique=True) * np.float32(scoring.EXACT_BONUS)
    return Matches(docs, impacts)


def _idf(plan: Words | Sequence | Expand, found: Matches, searcher: Searcher) -> float:
    """Return the idf of a leaf (a word, phrase or pattern); that of a phrase is the sum over its words."""
    if isinstance(plan, Sequence):
        return sum(term_idf(item, searcher) for item in plan.items)
    return scoring.idf(len(found.docs), searcher.count)


def term_idf(terms: tuple[str, ...], searcher: Searcher) -> float:
    """Return the idf of a position that any of several terms may fill."""
    return scoring.idf(len(searcher.any_of(terms).docs), searcher.count)


def _either(alternatives: list[Matches], searcher: Searcher) -> Matches:
    """Return the documents that hold any alternative, scored by the best impact times one common idf.

    The first alternative is the one typed; the impacts of the others (synonyms) are lowered.
    """
    parts = []
    for number, alternative in enumerate(alternatives):
        weighed = alternative.scores * np.float32(scoring.SYNONYM_WEIGHT) if number else alternative.scores
        parts.append((alternative.docs, weighed, np.zeros(len(alternative.docs), dtype=np.uint8)))
    docs, impacts, _ = kernels.max_scores(parts, searcher.size)
    return Matches(docs, impacts * np.float32(scoring.idf(len(docs), searcher.count)))


def _field_mask(fields: tuple[str, ...]) -> int:
    return _EVERY_FIELD if fields is ANYWHERE else sum(1 << FIELD_NAMES[name] for name in fields)


_EVERY_FIELD = sum(1 << FIELD_NAMES[name] for name in ANYWHERE)


def _score(starts: IntArray, mask: int, searcher: Searcher) -> tuple[IntArray, FloatArray]:
    """Return the documents in which a leaf (word or phrase) occurs in the fields of a mask, and its impact on each.

    Args:
        starts: position keys (document, field, word) at which it begins.
        mask: the fields to search.
        searcher: the searcher of the audience, visitors or members.
    """
    pages = searcher.precomputed.pages.keys, searcher.precomputed.pages.norms
    return kernels.score_phrase(starts, mask, FIELD_WEIGHTS, searcher.norms, scoring.K1, *pages)


def _sequence(plan: Sequence, searcher: Searcher) -> Matches:
    """Return the documents in which the items occur in order, and the impact on each."""
    return Matches(*_score(sequence_starts(plan, searcher), _field_mask(plan.fields), searcher))


def sequence_starts(plan: Sequence, searcher: Searcher, among: IntArray | None = None) -> IntArray:
    """Return the position keys at which the items occur in order, in any field.

    Args:
        plan: the sequence.
        searcher: the searcher of the audience, visitors or members.
        among: documents, ascending; None looks in all.
    """
    held = [searcher.any_of(item).docs for item in plan.items]
    if among is not None:
        held.append(among)
    docs = kernels.intersect(held, searcher.size)
    if plan.slop == 0:
        offsets = list(accumulate(plan.gaps, initial=0))
        rarest, *others = sorted(range(len(plan.items)), key=lambda i: len(held[i]))
        first = item_keys(plan.items[rarest : rarest + 1], searcher, docs)[plan.items[rarest]]
        for other in others:
            item, step = plan.items[other], offsets[other] - offsets[rarest]
            if len(item) == 1:
                first = kernels.follow(first, searcher.position_parts(item[0]), step)
            else:
                first = kernels.follow_keys(first, item_keys([item], searcher, docs)[item], step)
        return first - offsets[rarest] if offsets[rarest] else first
    read = item_keys(plan.items, searcher, docs)
    return _within([read[item] for item in plan.items], sum(plan.gaps) + plan.slop)


def item_keys(items: Iterable[tuple[str, ...]], searcher: Searcher, docs: IntArray) -> dict[tuple[str, ...], IntArray]:
    """Return the position keys of each item in some documents; an item is a position that any of its terms may fill."""
    read: dict[tuple[str, ...], IntArray] = {}
    for item in items:
        if item not in read:
            found = [searcher.positions(term, docs) for term in item]
            read[item] = found[0] if len(found) == 1 else distinct(*found)
    return read


def _within(keys: list[IntArray], span: int) -> IntArray:
    """Return the position keys from which all items occur in order within `span` positions.

    The nearest next occurrence is always the best choice, so one pass over the items decides every start at once.
    """
    first = here = keys[0]
    for later in keys[1:]:
        if not len(later):
            return later
        place = np.searchsorted(later, here, side="right")
        met = place < len(later)
        first, here = first[met], later[place[met]]
        near = here - first <= span  # keys of another document or field differ by more than any span
        first, here = first[near], here[near]
    return first


def combine(parts: list[Part], searcher: Searcher, *, most: bool) -> Matches:
    """Return the documents in every part, scored; with `most`, those in parts that together carry three tenths of the
    idf of all parts that match anything (`scoring.MOST`).
    """
    if not most:
        return Matches(*_sum([part.weighted for part in parts], len(parts), searcher))
    known = [part for part in parts if len(part.weighted[0])]
    if not known:
        return _unscored(NO_DOCS)
    points = scoring.points([part.idf for part in known])
    return Matches(*kernels.sum_scores([part.weighted for part in known], points, scoring.MOST, searcher.size))


def _years(low: int | None, high: int | None, searcher: Searcher) -> IntArray:
    docs = searcher.all_docs
    years = searcher.years[docs]
    inside = (
        years == 0 if low is None and high is None else (years != 0) & (years >= (low or 0)) & (years <= (high or 9999))
    )
    found: IntArray = docs[inside]
    return found


def proximity_bonus(pairs: tuple[WordPair, ...], docs: IntArray, searcher: Searcher) -> FloatArray:
    """Return the bonus of each of a few documents for neighbouring words of the query that it holds near each other.

    Args:
        pairs: the neighbouring words.
        docs: [n] documents, ascending.
        searcher: the searcher of the audience, visitors or members.

    Returns:
        [n] bonus of each (float32).
    """
    bonus = np.zeros(len(docs), dtype=np.float32)
    read = item_keys((item for pair in pairs for item in (pair.before, pair.after)), searcher, docs)
    for pair in pairs:
        worth = scoring.NEAR_BONUS * min(term_idf(pair.before, searcher), term_idf(pair.after, searcher))
        kernels.add_proximity_bonus(
            read[pair.before], read[pair.after], docs, scoring.NEAR, worth, scoring.NEAR_IN_TITLE, bonus
        )
    return bonus
