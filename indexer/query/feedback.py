"""Relevance feedback: terms that the best hits share are added to the query, to rerank its hits.

The best hits are assumed to be relevant; their most prominent terms are weighted by the score of each hit, and the
reranked hits gain score for these terms (RM3: N. Abdul-Jaleel and others, "UMass at TREC 2004: Novelty and HARD",
2004). The prominent terms of a resource depend only on that resource, and their idf only on the resources that the
reader may see, so a visitor's ranking never depends on a private resource.

The impact of a term on a resource is its BM25 score there without the idf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import STOP_TERMS

DOCS = 5
"""Number of best hits assumed to be relevant. nDCG@10 with 8: 0.6080."""
TERMS = 30
"""Number of terms of the best hits that are used. nDCG@10 with 15: 0.6050; with 60: 0.6068."""
KEPT = 200
"""Number of prominent terms stored for each resource. nDCG@10 with 64: 0.6042."""
WEIGHT = 0.2
"""Largest gain in score from the terms of the best hits, as a fraction of the best score. nDCG@10 with 0: 0.6015; with
0.1: 0.6038; with 0.3: 0.6078.
"""

_STEPS = np.float32(25)
_MOST = 255
_SHORTEST = 3


Term = TypeVar("Term", str, int)
"""An index term, or its number among all terms in alphabetical order."""


class Prominent(NamedTuple, Generic[Term]):
    """The prominent terms of a hit.

    Attributes:
        score: score of the hit.
        terms: index terms.
        impacts: impact of each term, in units of 1/25, at most 255.
    """

    score: float
    terms: Sequence[Term]
    impacts: Sequence[int]

    @property
    def tells(self) -> bool:
        """Whether feedback can use this hit: its score is positive, and so is an impact of its terms."""
        return self.score > 0 and any(self.impacts)


@lru_cache(maxsize=100_000)
def is_telling(term: str) -> bool:
    """Return whether a term may be prominent: it is a word, not a stop word, a number or a variant of another term."""
    return term.isalpha() and term.islower() and len(term) >= _SHORTEST and term not in STOP_TERMS


def in_steps(impacts: NDArray[Any]) -> NDArray[Any]:
    """Return impacts (float32) as whole numbers of 1/25, at most 255 (uint8), as `Prominent.impacts` holds them."""
    return np.minimum(np.rint(impacts * _STEPS), _MOST).astype(np.uint8)


def expansion(best: Sequence[Prominent[Term]], most: int) -> list[tuple[Term, float]]:
    """Return the strongest terms of the best hits, each with its weight; weights sum to 1.

    Args:
        best: the prominent terms of the best hits; only hits that feedback can use (`Prominent.tells`).
        most: number of terms to return; fewer come back if there are fewer.
    """
    # One addition after another, as in the compiled kernel: from Python 3.12 on, `sum` corrects rounding errors.
    total = reduce(add, [hit.score for hit in best], 0.0)
    weights: dict[Term, float] = {}
    for hit in best:
        whole, share = sum(hit.impacts), hit.score / total
        for term, impact in zip(hit.terms, hit.impacts, strict=True):
            weights[term] = weights.get(term, 0.0) + share * (impact / whole)
    # Tuples rather than a key: this is most of what feedback costs.
    chosen = sorted([(-weight, term) for term, weight in weights.items()])[:most]
    kept = reduce(add, [-weight for weight, _ in chosen], 0.0)
    return [(term, -weight / kept) for weight, term in chosen]


def feedback(
    scores: NDArray[Any],
    order: Sequence[int],
    prominent: Callable[[int], Prominent[Term]],
    impacts: Callable[[Term], NDArray[Any]],
) -> NDArray[Any]:
    """Return the gains that feedback adds to the scores of some hits ([n], float32).

    Args:
        scores: [n] scores of the hits (float32).
        order: their indexes, best first.
        prominent: a function from an index to the prominent terms of that hit.
        impacts: a function from a term to its idf times its impact on each hit ([n], float64).
    """
    return gains(scores, [prominent(index) for index in order[:DOCS]], impacts, TERMS, WEIGHT)


def gains(
    scores: NDArray[Any],
    best: Sequence[Prominent[Term]],
    impacts: Callable[[Term], NDArray[Any]],
    terms: int,
    weight: float,
) -> NDArray[Any]:
    """Return the gains of some hits, given the best of them ([n], float32).

    Args:
        scores: [n] scores of the hits (float32).
        best: the prominent terms of the best hits, best first.
        impacts: a function from a term to its idf times its impact on each hit ([n], float64).
        terms: number of terms that are used, as `TERMS`.
        weight: the largest gain, as `WEIGHT`.
    """
    telling = [hit for hit in best if hit.tells]
    if len(scores) < 2 or not telling:
        return np.zeros(len(scores), dtype=np.float32)
    sums = np.zeros(len(scores), dtype=np.float64)
    for term, share in expansion(telling, terms):
        sums += share * impacts(term)
    most = sums.max()
    if most <= 0:
        return np.zeros(len(scores), dtype=np.float32)
    added: NDArray[Any] = (weight * float(scores.max()) * sums / most).astype(np.float32)
    return added
