"""Edit distance between two words, used wherever typing errors are forgiven."""

from __future__ import annotations


def edit_distance(a: str, b: str, limit: int) -> int:
    """Return the number of edits between two words: letters added, left out or changed, or two neighbours swapped (each
    pair at most once).

    Args:
        a: one word.
        b: the other.
        limit: if the distance is greater, any number above the limit is returned.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before, here = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, here = here, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, here[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
    return here[-1]
