"""Every constant of the ranking, in one place, with the figure that chose it.

The score of a resource for a query is a sum over the query's positions, by BM25F
(S. Robertson, H. Zaragoza, M. Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004):

    tf(d)     = Σ over fields f of  WEIGHTS[f] × occurrences(f, d) ÷ (1 − B[f] + B[f] × length(f, d) ÷ PIVOT[f])
    impact(d) = tf(d) × (K1 + 1) ÷ (K1 + tf(d))
    idf       = ln(1 + (N − n + ½) ÷ (n + ½)), n resources of the N of the reader's own index hold the word

The length that counts as ordinary, PIVOT, is a constant and no average over the archive: an impact then depends on
its own resource alone, whatever else is indexed, so that it is the same for visitors and members, after a full run
and after a hundred small ones, and private resources cannot move a visitor's scores.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

Number = TypeVar("Number", float, Any)

K1 = 1.2
WEIGHTS = {"title": 3.0, "summary": 2.0, "body": 1.0, "theme": 1.0, "type": 1.0}
B = {"title": 0.3, "summary": 0.5, "body": 0.75, "theme": 0.0, "type": 0.0}
PIVOT = {"title": 10.0, "summary": 40.0, "body": 600.0, "theme": 3.0, "type": 2.0}
"""Words, stop words counted."""

EXACT_BONUS = 0.15
"""What the form as typed, accents and ending, adds to an occurrence's impact: marché before marche."""


def idf(holding: int, total: int) -> float:
    """Inverse document frequency of a word.

    Args:
        holding: number of resources that hold it.
        total: number of resources in the reader's index.
    """
    return math.log(1.0 + (total - holding + 0.5) / (holding + 0.5))


def field_norm(field: str, length: int) -> float:
    """What one occurrence in a field of `length` words adds to tf."""
    return WEIGHTS[field] / (1.0 - B[field] + B[field] * length / PIVOT[field])


def impact(tf: Number) -> Number:
    """Saturated term frequency, 0 to K1 + 1; of one number or of an array."""
    return tf * (K1 + 1.0) / (K1 + tf)
