"""Every constant of the ranking, in one place, with the measurement behind it.

A resource's score is a sum over the words of the query, BM25 field by field (S. Robertson, H. Zaragoza, "The
Probabilistic Relevance Framework", 2009):

    impact(d) = Σ over fields f of  WEIGHTS[f] × n × (K1 + 1) ÷ (n + norm(f, d)),  n occurrences of the word in f
    norm      = K1 × (1 − B[f] + B[f] × length(f, d) ÷ PIVOT[f])
    idf       = ln(1 + (N − n + ½) ÷ (n + ½)),  n of the N resources that the reader may see hold the word

The frequency in each field is saturated separately, then the fields are summed. BM25F saturates all fields together, so
that a word in the title leaves its occurrences in the body almost no weight; that ranked clearly worse.

PIVOT, the length of an ordinary field, is a constant rather than the average over the archive. An impact thus depends
on its own resource alone: it is the same for visitors and members, after a full run and after a hundred small ones, and
private resources cannot change a visitor's scores.

The figures beside the constants are nDCG@10 on 1,523 queries with known answers: 0.6098 as shipped. `python -m
bench.ranking` prints them, changing one constant at a time, also for two halves of the topics: a constant chosen on one
half must hold on the other. Those of K1, WEIGHTS, B, EXACT_BONUS, NEAR_IN_TITLE and FEW were measured without
feedback, when the whole was 0.5953; the others before the last rules of French, when it was 0.6073. nDCG hardly varies
around these values, hence round numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

Number = TypeVar("Number", float, Any)

K1 = 1.2
"""Saturation of word frequency. nDCG@10 with 1.0: 0.5948; with 1.5: 0.5943."""
WEIGHTS = {"title": 2.0, "summary": 1.0, "body": 1.0, "theme": 1.0, "type": 1.0, "publication": 0.5}
"""Weight of each field. nDCG@10 with title 1.5: 0.5959; 2.5: 0.5936. A page weighs half as much as the resource's own
text: where one resource in five has a publication on other matters (`python -m bench.publications.noise`), nDCG@10 is
0.5923; with publication 0.8: 0.5869; 1.0: 0.5800.
"""
B = {"title": 0.75, "summary": 0.75, "body": 0.4, "theme": 0.0, "type": 0.0, "publication": 0.4}
"""Strength of length normalisation in each field. nDCG@10 with body 0.75: 0.5910."""
PIVOT = {"title": 10.0, "summary": 40.0, "body": 600.0, "theme": 3.0, "type": 2.0, "publication": 350.0}
"""Ordinary length of each field, in words, including stop words; for publications, that of one page."""

EXACT_BONUS = 0.15
"""Added to an impact where the word occurs as typed, accents and ending: marché before marche, côte before côté.
nDCG@10 with 0: 0.5942; with 0.3: 0.5964."""

SYNONYM_WEIGHT = 0.5
"""Factor on the impact of a synonym, an alternative that was not typed."""

RERANKED = 50
"""Number of best resources that are reranked by the proximity of words. nDCG@10 with 100 or 200: 0.5953."""
NEAR = 4
"""Largest distance, in positions, at which one word is near another."""
NEAR_BONUS = 1.5
"""Bonus for a pair of neighbouring words of the query that are near each other and in order in a resource, as a factor
on the lesser idf of the two. nDCG@10 with 1: 0.6066; with 2: 0.6056.
"""
NEAR_IN_TITLE = 1.5
"""Factor on the bonus for neighbouring words that are near each other in the title. nDCG@10 with 1: 0.5939."""

POINTS = 255
"""Number of points into which the idf of a query is divided. The share of each word is in whole points, so that every
engine adds up the same numbers."""
MOST = 76
"""Points, three tenths of `POINTS`, that the words found in a resource must add up to where most words of a query are
enough. Of « budget participatif », one word is enough if it is the rare one. nDCG@10 with two tenths: 0.6008; four
tenths: 0.5984; half of the words, whatever their idf: 0.5953."""

FEW = 50
"""If fewer resources than this have all words of a query, most of the words are enough."""
FEW_SHARE = 0.1
"""Replaces `FEW` in a small archive: fewer than this share of the resources that the reader can see are few."""
FEWEST = 5
"""Fewer resources than this are few in any archive, however small `FEW_SHARE` of it is."""


def is_few(found: int, visible: int) -> bool:
    """Return whether so few resources have all words of a query that resources with most of them are welcome.

    Args:
        found: number of resources that have all words.
        visible: number of resources that the reader can see.
    """
    return found < min(FEW, max(FEWEST, FEW_SHARE * visible))


def points(idfs: Sequence[float]) -> list[int]:
    """Return the share of each word in the idf of a query, in points, rounded down; they never exceed `POINTS`.

    Args:
        idfs: idf of each word; none is negative, and at least one is positive.
    """
    total = sum(idfs)
    return [int(POINTS * idf / total) for idf in idfs]


def idf(holding: int, total: int) -> float:
    """Return the inverse document frequency of a word.

    Args:
        holding: number of resources that hold it.
        total: number of resources that the reader may see.
    """
    return math.log(1.0 + (total - holding + 0.5) / (holding + 0.5))


def norm(field: str, length: Number) -> Number:
    """Return the length norm of a field of `length` words; takes and returns a number or an array."""
    return K1 * (1.0 - B[field] + B[field] * length / PIVOT[field])


def impact(weight: Number, occurrences: Number, norm: Number) -> Number:
    """Return the impact of a word's occurrences in one field; takes and returns numbers or arrays.

    Args:
        weight: weight of the field.
        occurrences: number of occurrences of the word in the field.
        norm: length norm of the field in this resource.
    """
    return weight * occurrences * (K1 + 1.0) / (occurrences + norm)
