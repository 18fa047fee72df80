"""Runs a plan over a world: which documents match, and how well.

Everything is arrays of document numbers, rising, with a score beside each. Nothing here loops over postings in Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from indexer.engine.embedded.arrays import (
    FloatArray,
    IntArray,
    contains,
    found_in,
    look_up,
    merged,
    spreads,
    starts_of_runs,
    union,
)
from indexer.engine.embedded.segment import FIELD_SHIFT, POSITION_BITS
from indexer.engine.embedded.world import Postings, World
from indexer.query import ranking
from indexer.query.fields import FIELD_NAMES, TextField
from indexer.query.plan import All, Any, Either, Every, Expand, Nothing, Pair, Plan, Sequence, Without, Words
from indexer.query.tree import YearRange

FIELD_WEIGHTS = np.array([ranking.WEIGHTS[field.name.lower()] for field in TextField])


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents that match, rising, and the score of each (float32)."""

    docs: IntArray
    scores: FloatArray


def run(plan: Plan, world: World) -> Matches:
    """All documents of the world that match a plan, scored."""
    match plan:
        case Words() | Sequence() | Expand():
            found = _evidence(plan, world)
            return Matches(found.docs, found.scores * np.float32(_idf(plan, found, world)))
        case Either(ways):
            return _either([_evidence(way, world) for way in ways], world)
        case All(children, most):
            return _all([run(child, world) for child in children], world, most=most)
        case Any(children):
            return _any([run(child, world) for child in children], world)
        case Without(child):
            return _unscored(np.setdiff1d(world.all_docs, run(child, world).docs, assume_unique=True))
        case YearRange(low, high):
            return _unscored(_years(low, high, world))
        case Every():
            return _unscored(world.all_docs)
        case Nothing():
            return _unscored(np.empty(0, dtype=np.int32))


def _unscored(docs: IntArray) -> Matches:
    return Matches(docs, np.zeros(len(docs), dtype=np.float32))


def _evidence(plan: Words | Sequence | Expand, world: World) -> Matches:
    """Documents that hold a leaf of a plan, and its impact on each."""
    match plan:
        case Words():
            return _words(plan, world)
        case Sequence():
            return _sequence(plan, world)
        case Expand(pattern, fields):
            found = _in_fields(world.expand(pattern), fields)
            return Matches(found.docs, found.impacts)


def _idf(plan: Words | Sequence | Expand, found: Matches, world: World) -> float:
    """What finding a leaf is worth; a sequence is worth what its words are."""
    if isinstance(plan, Sequence):
        return sum(term_idf(item, world) for item in plan.items)
    return ranking.idf(len(found.docs), world.count)


def term_idf(terms: tuple[str, ...], world: World) -> float:
    """The idf of a position that any of several terms may fill."""
    return ranking.idf(len(_any_term(terms, world).docs), world.count)


def _either(ways: list[Matches], world: World) -> Matches:
    """The best impact of several ways of saying, those that were not typed for less; one idf for all of them."""
    docs = union([way.docs for way in ways], world.size)
    impacts = np.zeros(len(docs), dtype=np.float32)
    for number, way in enumerate(ways):
        weighed = way.scores * np.float32(ranking.SYNONYM_WEIGHT) if number else way.scores
        np.maximum(impacts, look_up(way.docs, weighed, docs, world.size), out=impacts)
    return Matches(docs, impacts * np.float32(ranking.idf(len(docs), world.count)))


def _words(plan: Words, world: World) -> Matches:
    found = _in_fields(_any_term(plan.terms, world), plan.fields)
    impacts: FloatArray = found.impacts
    if plan.exact is not None and len(found.docs):
        exact = world.form(plan.exact, _field_mask(plan.fields))
        impacts = impacts + contains(exact, found.docs, world.size) * np.float32(ranking.EXACT_BONUS)
    return Matches(found.docs, impacts)


def _any_term(terms: tuple[str, ...], world: World) -> Postings:
    """Postings of a position that any of several terms may fill: the best impact, all fields."""
    postings = [p for p in map(world.postings, terms) if len(p.docs)]
    if not postings:
        return world.postings(terms[0])
    return _merge_postings(postings, world)


def _merge_postings(parts: list[Postings], world: World) -> Postings:
    if len(parts) == 1:
        return parts[0]
    docs = union([part.docs for part in parts], world.size)
    impacts = np.zeros(len(docs), dtype=np.float32)
    fields = np.zeros(len(docs), dtype=np.uint8)
    for part in parts:
        np.maximum(impacts, look_up(part.docs, part.impacts, docs, world.size), out=impacts)
        fields |= look_up(part.docs, part.fields, docs, world.size)
    return Postings(docs, impacts, fields)


def _field_mask(fields: tuple[str, ...]) -> int:
    return sum(1 << FIELD_NAMES[name] for name in fields)


def _in_fields(postings: Postings, fields: tuple[str, ...]) -> Postings:
    inside = (postings.fields & np.uint8(_field_mask(fields))) != 0
    if inside.all():
        return postings
    return Postings(postings.docs[inside], postings.impacts[inside], postings.fields[inside])


def _sequence(plan: Sequence, world: World) -> Matches:
    """Documents in which the items stand in order, by keys ``document << 20 | position``."""
    wanted = _field_mask(plan.fields)
    held = sorted((_any_term(item, world).docs for item in plan.items), key=len)
    # Positions are read of the documents that hold every item, where those are clearly fewer.
    docs = reduce(lambda a, b: a[contains(b, a, world.size)], held)
    read = _item_keys(plan.items, world, docs)
    keys = [read[item] for item in plan.items]
    first = keys[0]
    if plan.slop == 0:
        offsets = np.cumsum((0, *plan.gaps))
        rarest = min(range(len(keys)), key=lambda i: len(keys[i]))
        first = keys[rarest] - offsets[rarest]
        for other in sorted(range(len(keys)), key=lambda i: len(keys[i])):
            if other != rarest:
                first = first[found_in(keys[other], first + offsets[other])]
    else:
        first = _within(keys, sum(plan.gaps) + plan.slop)
    places = first & ((1 << POSITION_BITS) - 1)
    fields = places >> FIELD_SHIFT
    inside = (1 << fields & wanted) != 0
    first, fields = first[inside], fields[inside]
    # One row a document and field, each saturated for itself, then one a document; keys rise, and so do these.
    cells = first >> POSITION_BITS << 8 | fields
    rows = starts_of_runs(cells)
    counts = np.diff(rows, append=len(cells)).astype(np.float64)
    owners, fields = (cells[rows] >> 8).astype(np.int32), cells[rows] & 0xFF
    parts = ranking.impact(FIELD_WEIGHTS[fields], counts, world.norms[owners, fields])
    starts = starts_of_runs(owners)
    impacts = np.add.reduceat(parts, starts) if len(starts) else parts
    return Matches(owners[starts], impacts.astype(np.float32))


def _item_keys(items: Iterable[tuple[str, ...]], world: World, docs: IntArray) -> dict[tuple[str, ...], IntArray]:
    """Of each position that any of several terms may fill, keys of their occurrences in some documents."""
    wanted = dict.fromkeys(items)
    read = world.positions(dict.fromkeys(term for item in wanted for term in item), docs)
    return {item: read[item[0]] if len(item) == 1 else merged([read[term] for term in item]) for item in wanted}


def _within(keys: list[IntArray], span: int) -> IntArray:
    """Starts from which the items can be met in order within `span` positions.

    The nearest next occurrence is always the best choice, so one pass over the items decides every start at once.
    """
    first = here = keys[0]
    for later in keys[1:]:
        if not len(later):
            return later
        place = np.searchsorted(later, here, side="right")
        met = place < len(later)
        first, here = first[met], later[place[met]]
        near = here - first <= span  # a start in another document or field is further away than any span
        first, here = first[near], here[near]
    return first


def _all(parts: list[Matches], world: World, *, most: bool) -> Matches:
    """Documents in every part, or in half of those that are not empty; scores add up in the order of the parts."""
    if most:
        counts = np.zeros(world.size, dtype=np.int32)
        for part in parts:
            counts[part.docs] += 1
        known = sum(1 for part in parts if len(part.docs))
        docs = np.flatnonzero(counts >= max(1, (known + 1) // 2)).astype(np.int32)
        return Matches(docs, _sum([look_up(part.docs, part.scores, docs, world.size) for part in parts]))
    fewest, *others = sorted(parts, key=lambda part: len(part.docs))
    docs, scores = fewest.docs, fewest.scores
    for other in others:
        kept = contains(other.docs, docs, world.size)
        docs, scores = docs[kept], scores[kept]
    return Matches(
        docs, _sum([scores if part is fewest else look_up(part.docs, part.scores, docs, world.size) for part in parts])
    )


def _any(parts: list[Matches], world: World) -> Matches:
    """Documents in any part; scores add up in the order of the parts."""
    if spreads(sum(len(part.docs) for part in parts), world.size):
        sums = np.zeros(world.size, dtype=np.float32)
        held = np.zeros(world.size, dtype=bool)
        for part in parts:
            sums[part.docs] += part.scores
            held[part.docs] = True
        docs = np.flatnonzero(held).astype(np.int32)
        return Matches(docs, sums.take(docs))
    docs = union([part.docs for part in parts], world.size)
    return Matches(docs, _sum([look_up(part.docs, part.scores, docs, world.size) for part in parts]))


def _sum(scores: list[FloatArray]) -> FloatArray:
    """Scores added up in their order, so that every engine rounds alike."""
    return reduce(lambda a, b: a + b, scores)


def _years(low: int | None, high: int | None, world: World) -> IntArray:
    live = world.all_docs
    years = world.years[live]
    inside = (
        years == 0 if low is None and high is None else (years != 0) & (years >= (low or 0)) & (years <= (high or 9999))
    )
    found: IntArray = live[inside]
    return found


def near_bonus(pairs: tuple[Pair, ...], docs: IntArray, world: World) -> FloatArray:
    """What each of a few documents gains for neighbouring words of the query that stand near each other in it.

    Args:
        pairs: the neighbouring words.
        docs: documents, rising.
        world: the reader's.

    Returns:
        [docs] bonus of each (float32).
    """
    bonus = np.zeros(len(docs), dtype=np.float32)
    read = _item_keys((item for pair in pairs for item in (pair.before, pair.after)), world, docs)
    for pair in pairs:
        before, after = read[pair.before], read[pair.after]
        if not len(before) or not len(after):
            continue
        place = np.searchsorted(after, before, side="right")
        place[place == len(after)] = 0
        step = after[place] - before
        met = before[(step > 0) & (step <= ranking.NEAR)]
        fields = (met & ((1 << POSITION_BITS) - 1)) >> FIELD_SHIFT
        worth = np.float32(ranking.NEAR_BONUS * min(term_idf(pair.before, world), term_idf(pair.after, world)))
        anywhere = found_in(met[fields <= TextField.BODY] >> POSITION_BITS, docs)
        in_title = found_in(met[fields == TextField.TITLE] >> POSITION_BITS, docs)
        bonus += worth * np.where(in_title, np.float32(ranking.NEAR_IN_TITLE), anywhere.astype(np.float32))
    return bonus
