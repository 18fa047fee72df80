"""Decides which of the territories that a resource names it is about."""

from __future__ import annotations

from collections import Counter

from indexer.territories.recognition import Recogniser

RECOGNITION_VERSION = 1
"""Version of the recognition. Increment it when the same text gives other territories: all resources are then written
again.
"""
ENOUGH = 2
"""Smallest total weight of a territory's mentions in the body with which it is one of the resource's territories."""
MOST = 30
"""Largest number of territories of a resource. A resource that names more speaks of the whole country: the territories
that only its body names are then left out.
"""


def territories_of(title: str, summary: str | None, body: str | None, recogniser: Recogniser) -> tuple[str, ...]:
    """Return the codes of the territories of a resource, sorted.

    A territory counts if the title or the summary names it, or the body with enough weight: with its kind or its code
    (« la ville de Redon », « Redon (35) »), or twice. Publications are not read, since long texts name too many.

    Args:
        title: title of the resource.
        summary: its summary, or None.
        body: its body, or None.
        recogniser: finds the territories that texts name.
    """
    named: set[str] = set()
    for text in (title, summary or ""):
        named |= {mention.code for mention in recogniser.mentions(text, named)}
    weights: Counter[str] = Counter()
    if body:
        for mention in recogniser.mentions(body, named):
            weights[mention.code] += mention.weight
    often = {code for code, weight in weights.items() if weight >= ENOUGH}
    return tuple(sorted(named if len(named | often) > MOST else named | often))
