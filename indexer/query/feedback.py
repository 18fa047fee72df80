"""Relevance feedback: terms that the best hits share are added to the query, to rerank its hits.

The best hits are assumed to be relevant; their most prominent terms are weighted by the score of each hit, and the
reranked hits gain score for these terms (RM3: N. Abdul-Jaleel and others, "UMass at TREC 2004: Novelty and HARD",
2004). The prominent terms of a resource depend only on that resource, and their idf only on the resources that the
reader may see, so a visitor's ranking never depends on a private resource.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import STOP_TERMS

DOCS = 5
"""Number of best hits assumed to be relevant. nDCG@10 with 8: 0.6080."""
TERMS = 30
"""Number of their terms that are used. nDCG@10 with 15: 0.6050; with 60: 0.6068."""
KEPT = 200
"""Number of prominent terms stored for each resource. nDCG@10 with 64: 0.6042."""
WEIGHT = 0.2
"""Largest gain in score from these terms, as a fraction of the best score. nDCG@10 with 0: 0.6015; with 0.1: 0.6038;
with 0.3: 0.6078.
"""

_STEPS = np.float32(25)
_MOST = 255
_SHORTEST = 3


class Prominent(NamedTuple):
    """The prominent terms of a hit.

    Attributes:
        score: score of the hit.
        terms: index terms.
        impacts: impact of each term, in units of 1/25, at most 255.
    """

    score: float
    terms: Sequence[str]
    impacts: Sequence[int]


@lru_cache(maxsize=100_000)
def is_telling(term: str) -> bool:
    """Return whether a term may be prominent: it is a word, not a stop word, a number or a variant of another term."""
    return term.isalpha() and term.islower() and len(term) >= _SHORTEST and term not in STOP_TERMS


def in_steps(impacts: NDArray[Any]) -> NDArray[Any]:
    """Return impacts (float32) in the units of `Prominent.impacts` (uint8)."""
    return np.minimum(np.rint(impacts * _STEPS), _MOST).astype(np.uint8)


def expansion(best: Sequence[Prominent]) -> list[tuple[str, float]]:
    """Return the strongest terms of the best hits, each with its weight; weights sum to 1.

    Args:
        best: the best hits, with positive scores.
    """
    total = sum(hit.score for hit in best)
    weights: dict[str, float] = {}
    for hit in best:
        whole, share = sum(hit.impacts), hit.score / total
        for term, impact in zip(hit.terms, hit.impacts, strict=True):
            weights[term] = weights.get(term, 0.0) + share * (impact / whole)
    # Tuples rather than a key: this is most of what feedback costs.
    chosen = sorted([(-weight, term) for term, weight in weights.items()])[:TERMS]
    kept = sum(-weight for weight, _ in chosen)
    return [(term, -weight / kept) for weight, term in chosen]


def feedback(
    scores: NDArray[Any],
    order: Sequence[int],
    prominent: Callable[[int], Prominent],
    impacts: Callable[[str], NDArray[Any]],
) -> NDArray[Any]:
    """Return the gains that feedback adds to the scores of some hits ([n], float32).

    Args:
        scores: [n] scores of the hits (float32).
        order: their indexes, best first.
        prominent: a function from an index to the prominent terms of that hit.
        impacts: a function from a term to its idf times its impact on each hit ([n], float64).
    """
    best = [hit for hit in map(prominent, order[:DOCS]) if hit.score > 0 and len(hit.terms)]
    if len(scores) < 2 or not best:
        return np.zeros(len(scores), dtype=np.float32)
    gains = np.zeros(len(scores), dtype=np.float64)
    for term, weight in expansion(best):
        gains += weight * impacts(term)
    most = gains.max()
    if most <= 0:
        return np.zeros(len(scores), dtype=np.float32)
    added: NDArray[Any] = (WEIGHT * float(scores.max()) * gains / most).astype(np.float32)
    return added
