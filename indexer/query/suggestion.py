"""Suggests a type, a year and themes for a resource that lacks them, from the resources nearest to it.

Each of the nearest resources that have a value votes for it, k nearest neighbours (T. Cover, P. Hart, 1967); a value is
suggested if enough of them agree. `python -m bench.suggestions` measures how often such a value is the right one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from indexer.analysis import Analyzer, best_form, theme_key
from indexer.query.related import related_request
from indexer.query.request import Hit, SearchRequest, SearchResponse
from indexer.resource import Audience, Resource

NEIGHBOURS = 5
"""Number of nearest resources that vote."""
AGREEING_TYPE = 4
AGREEING_THEME = 3
AGREEING_YEAR = 5
"""Number of votes, out of `NEIGHBOURS`, from which a year is suggested; `AGREEING_TYPE` and `AGREEING_THEME` are those
for a type and a theme. `bench.suggestions` prints the results with other numbers.
"""
_LOOKED_AT = 25
"""Number of related resources among which those with a value are looked for."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested value.

    Attributes:
        value: the type, theme or year, as text.
        agreeing: number of the resources that voted for it.
        of: number of resources that voted: the nearest ones that have any value.
    """

    value: str
    agreeing: int
    of: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggestions for one resource; where too few of the nearest resources agree, type and year are None, and
    themes are empty.
    """

    type: Suggestion | None
    year: Suggestion | None
    themes: tuple[Suggestion, ...]


def suggest_values(
    resource: Resource,
    search: Callable[[SearchRequest], SearchResponse],
    analyzer: Analyzer,
    *,
    audience: Audience,
) -> Suggestions:
    """Return the values that the resources nearest to a given one suggest for it, whether or not it has values itself.

    Args:
        resource: the resource, with its texts.
        search: answers searches.
        analyzer: the French analysis.
        audience: whose resources are looked at.

    Raises:
        EngineError: the engine cannot answer.
    """
    near = nearest(resource, search, analyzer, audience=audience)
    types = votes((hit.type,) for hit in near if hit.type is not None)
    years = votes((str(hit.year),) for hit in near if hit.year is not None)
    themes = votes(hit.themes for hit in near if hit.themes)
    return Suggestions(
        type=next((one for one in types if one.agreeing >= AGREEING_TYPE), None),
        year=next((one for one in years if one.agreeing >= AGREEING_YEAR), None),
        themes=tuple(one for one in themes if one.agreeing >= AGREEING_THEME),
    )


def nearest(
    resource: Resource,
    search: Callable[[SearchRequest], SearchResponse],
    analyzer: Analyzer,
    *,
    audience: Audience,
) -> tuple[Hit, ...]:
    """Return the resources nearest to a given one, nearest first, as `search` finds them by the words of the resource.

    Raises:
        EngineError: the engine cannot answer.
    """
    asked = related_request(resource, analyzer, audience=audience, limit=_LOOKED_AT)
    return tuple(hit for hit in search(asked).hits if hit.id != resource.id) if asked.query else ()


def votes(values: Iterable[tuple[str, ...]]) -> list[Suggestion]:
    """Return the values of the first `NEIGHBOURS` resources, those with most votes first.

    Args:
        values: the values of each resource, nearest first; the case and the accents of a value do not matter.
    """
    voting = [held for held, _ in zip(values, range(NEIGHBOURS), strict=False)]
    forms: dict[str, list[str]] = {}
    counted: Counter[str] = Counter()
    for held in voting:
        for key, value in {theme_key(value): value for value in held}.items():
            counted[key] += 1
            forms.setdefault(key, []).append(value)
    ranked = sorted(counted, key=lambda key: (-counted[key], key))
    return [Suggestion(best_form(forms[key]), counted[key], len(voting)) for key in ranked if key]
