"""Compiles plans (analysed queries, as trees) to OpenSearch queries: which resources match, and with which score.

The impacts of words (their scores in a resource, before the idf) are stored, so a word is one term query. A phrase is
an intervals query, whose score tells how often it occurs: OpenSearch scores f occurrences as f ÷ (f + 1). A script
computes the impact from that score, as `scoring.impact` defines it; in publications, the impact on the best page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Union

from indexer.engine.opensearch.client import Json
from indexer.engine.opensearch.documents import in_field
from indexer.engine.opensearch.mapping import HOLE, OWN, OWN_FIELDS, position, written
from indexer.query import FIELD_NAMES, scoring
from indexer.query.ast import InTerritory, YearRange
from indexer.query.fields import ANYWHERE
from indexer.query.highlighting import positive_leaves
from indexer.query.plan import (
    All,
    Any,
    Either,
    Every,
    Expand,
    Nothing,
    Plan,
    Without,
    WordPair,
    Words,
)
from indexer.query.plan import Sequence as Ordered

_PUBLICATION = "publication"
_PAGE_TEXTS = ("pages.words", "pages.running")
_IMPACT = "double f = _score / (1.0 - _score); return params.weight * f * params.k / (f + doc[params.norm].value);"


@dataclass(frozen=True, slots=True)
class Held:
    """Stands for the resources that hold at least one of `terms`, in any field; how many they are gives an idf."""

    terms: tuple[str, ...]


Countable = Union[Held, Plan]
"""A plan, or some terms, whose matching resources are counted for a reader before a query is compiled."""


class Counts:
    """Numbers of matching resources, among those that one reader can see, as far as they are known.

    Args:
        visible: number of resources that the reader can see.
        known: number of resources that match, by plan or `Held`.
    """

    def __init__(self, visible: int, known: Mapping[Countable, int]) -> None:
        self.visible = visible
        self._known = known

    def of(self, one: Countable) -> int:
        """Return how many resources match a plan or `Held`.

        Raises:
            KeyError: they were not counted.
        """
        return self._known[one]

    def idf(self, one: Countable) -> float:
        """Return the idf of a part of a plan; that of a phrase (`Ordered`) is the sum of the idf of its words."""
        if isinstance(one, Ordered):
            return sum(self.idf(Held(item)) for item in one.items)
        return scoring.idf(self.of(one), self.visible)


def counted(plan: Plan) -> Iterator[Countable]:
    """Yield what must be counted before a plan can be compiled to a scored query. To count some of that, other things
    must be counted first; `needed` yields those.
    """
    match plan:
        case Words() | Expand() | Either():
            yield plan
        case Ordered(items):
            for item in items:
                yield Held(item)
        case All(children, most):
            for child in children:
                if most:
                    yield child
                yield from counted(child)
        case Any(children):
            for child in children:
                yield from counted(child)
        case Without(child):
            yield from needed(child)
        case _:
            return


def needed(plan: Plan) -> Iterator[Countable]:
    """Yield what must be counted before a plan can be compiled to a query without scores. Only an `All` with `most`
    (most of its children, weighted by their idf, must match) needs counts.
    """
    match plan:
        case All(children, most):
            for child in children:
                if most:
                    yield child
                    if isinstance(child, Ordered):
                        yield from counted(child)
                yield from needed(child)
        case Any(children):
            for child in children:
                yield from needed(child)
        case Without(child):
            yield from needed(child)
        case _:
            return


# Which resources match


def holders(one: Countable, counts: Counts) -> Json:
    """Return a query, without scores, for the resources that match a plan or `Held`."""
    match one:
        case Held(terms):
            texts = [written(term) for term in terms]
            return _any([{"terms": {"word": texts}}, {"terms": {"other": texts}}])
        case Words(terms, _, fields):
            texts = [written(term) for term in terms]
            if fields == ANYWHERE:
                return {"terms": {"word": texts}}
            parts: list[Json] = [{"terms": {name: texts}} for name in fields if name != _PUBLICATION]
            if _PUBLICATION in fields:
                owned = [OWN + text for text in texts]
                parts.append(_on_pages(_any([{"terms": {name: owned}} for name in _PAGE_TEXTS])))
            return _any(parts)
        case Ordered(_, _, _, fields):
            parts = [_intervals(one, name) for name in fields if name != _PUBLICATION]
            if _PUBLICATION in fields:
                parts.append(_on_pages(_any([_intervals(one, name) for name in _PAGE_TEXTS])))
            return _any(parts)
        case Expand(pattern, fields):
            return _any([_form("form_in", in_field(name, pattern)) for name in fields])
        case Either(alternatives):
            return _any([holders(way, counts) for way in alternatives])
        case All(children, most):
            return _most(children, counts) if most else _every([holders(child, counts) for child in children])
        case Any(children):
            return _any([holders(child, counts) for child in children])
        case Without(child):
            return {"bool": {"must_not": [holders(child, counts)]}}
        case YearRange(low, high):
            return _years(low, high)
        case InTerritory(None):
            return {"bool": {"must_not": [{"exists": {"field": "of_territory"}}]}}
        case InTerritory(_, codes):
            return {"terms": {"of_territory": list(codes)}}
        case Every():
            return {"match_all": {}}
        case Nothing():
            return {"match_none": {}}


def _any(parts: Sequence[Json]) -> Json:
    return parts[0] if len(parts) == 1 else {"bool": {"should": list(parts), "minimum_should_match": 1}}


def _every(parts: Sequence[Json]) -> Json:
    return {"bool": {"filter": list(parts)}}


def _years(low: int | None, high: int | None) -> Json:
    if low is None and high is None:
        return {"bool": {"must_not": [{"exists": {"field": "of_year"}}]}}
    bounds = {name: clipped(year) for name, year in (("gte", low), ("lte", high)) if year is not None}
    return {"range": {"of_year": bounds}}


def clipped(year: int) -> int:
    """Return a year, limited to what an integer field of OpenSearch can hold; no resource has a year beyond that."""
    return max(min(year, 2**31 - 1), -(2**31))


def _form(field: str, pattern: str) -> Json:
    """Return a query for the documents whose `field` holds a folded form (a word in lower case without accents) that
    matches `pattern`, in which ``*`` stands for any run of letters and ``?`` for one letter.
    """
    literal = pattern.rstrip("*")
    if literal + "*" == pattern and not set(literal) & {"*", "?"}:
        return {"prefix": {field: {"value": literal}}}
    return {"wildcard": {field: {"value": pattern.replace("\\", "\\\\")}}}


def _on_pages(query: Json, mode: str = "none") -> Json:
    return {"nested": {"path": "pages", "score_mode": mode, "query": query}}


def _most(children: Sequence[Plan], counts: Counts) -> Json:
    """Return a query for the resources that hold enough of the words: their points (shares of the idf) reach `MOST`."""
    known = _known(children, counts)
    if not known:
        return {"match_none": {}}
    points = scoring.points([_telling(child, counts) for child in known])
    parts = [holders(child, counts) for child in known]
    least = _least_number(points)
    if least is not None:
        return {"bool": {"should": parts, "minimum_should_match": least}}
    worth = [
        {"constant_score": {"filter": part, "boost": float(point)}}
        for part, point in zip(parts, points, strict=True)
        if point
    ]
    return {
        "function_score": {"query": {"bool": {"should": worth, "minimum_should_match": 1}}, "min_score": scoring.MOST}
    }


def _known(children: Sequence[Plan], counts: Counts) -> list[Plan]:
    return [child for child in children if counts.of(child)]


def _telling(child: Plan, counts: Counts) -> float:
    """Return the idf of a part of a plan: how much a match of that part tells about a resource."""
    return counts.idf(child)


def _least_number(points: Sequence[int]) -> int | None:
    """Return the least number of words that reach `scoring.MOST` points; None if that depends on which words match."""
    ascending = sorted(points)
    for number in range(1, len(points) + 1):
        if sum(ascending[:number]) >= scoring.MOST:
            return number if sum(ascending[-(number - 1) :] if number > 1 else ()) < scoring.MOST else None
    return None


# Scores


def scored(plan: Plan, counts: Counts) -> Json:
    """Return a query for the resources that match a plan, scored by the formulas of the module `scoring`."""
    match plan:
        case Words() | Ordered() | Expand():
            return _times(_impact(plan, counts), counts.idf(plan))
        case Either(alternatives):
            ways = [
                _times(_impact(way, counts), scoring.SYNONYM_WEIGHT if number else 1.0)
                for number, way in enumerate(alternatives)
            ]
            return {"dis_max": {"queries": ways, "boost": counts.idf(plan)}}
        case All(children, False):
            return {"bool": {"must": [scored(child, counts) for child in children]}}
        case All(children, True):
            known = _known(children, counts)
            should = [scored(child, counts) for child in known]
            return {"bool": {"filter": [_most(children, counts)], "should": should}}
        case Any(children):
            return {"bool": {"should": [scored(child, counts) for child in children], "minimum_should_match": 1}}
        case _:
            return {"bool": {"filter": [holders(plan, counts)]}}


def _times(query: Json, factor: float) -> Json:
    """Return a query whose scores are multiplied by a factor."""
    if factor == 1.0:
        return query
    ((kind, body),) = query.items()
    if kind == "term":
        ((field, held),) = body.items()
        return {"term": {field: {**held, "boost": factor}}}
    return {kind: {**body, "boost": factor * body.get("boost", 1.0)}}


def _impact(leaf: Words | Ordered | Expand, counts: Counts) -> Json:
    """Return a query for the resources that match a leaf of a plan (a word, phrase or pattern), scored by its impact,
    which is its score in a resource before the idf.
    """
    match leaf:
        case Words(terms, exact, fields):
            found = _stored_impact(terms) if fields == ANYWHERE else _counted_impact(leaf, fields)
            if exact is None:
                return found
            typed = [exact] if fields == ANYWHERE else [in_field(name, exact) for name in fields]
            field = "exact" if fields == ANYWHERE else "exact_in"
            bonus = {"constant_score": {"filter": {"terms": {field: typed}}, "boost": scoring.EXACT_BONUS}}
            return {"bool": {"must": [found], "should": [bonus]}}
        case Ordered(_, _, _, fields):
            return _counted_impact(leaf, fields)
        case Expand(pattern, fields):
            # A resource counts if it holds a form in one of the fields; then its other fields count too.
            worths = [
                {
                    "constant_score": {
                        "filter": _form("form_in", in_field(name, pattern)),
                        "boost": scoring.impact(scoring.WEIGHTS[name], 1.0, scoring.K1),
                    }
                }
                for name in FIELD_NAMES
            ]
            return {"bool": {"filter": [holders(leaf, counts)], "should": worths}}


def term_impact(term: str) -> Json:
    """Return a query for the resources that hold a term in any field, scored by its impact."""
    return {"dis_max": {"queries": [_term("word", term), _term("other", term)]}}


def _term(field: str, term: str) -> Json:
    return {"term": {field: {"value": written(term)}}}


def _stored_impact(terms: Sequence[str]) -> Json:
    """Return a query for the resources that hold any of some terms in the fields that plain words search (`ANYWHERE`),
    scored by the highest impact.
    """
    if len(terms) == 1:
        return _term("word", terms[0])
    best = {"dis_max": {"queries": [_term(field, term) for field in ("word", "other") for term in terms]}}
    return {"bool": {"filter": [{"terms": {"word": [written(term) for term in terms]}}], "must": [best]}}


def _counted_impact(leaf: Words | Ordered, fields: Iterable[str]) -> Json:
    """Return a query for the resources that hold a word or phrase in some fields, scored by its impact there, which is
    computed from the number of occurrences.
    """
    parts = [_from_count(_intervals(leaf, name), name, f"norm.{name}") for name in fields if name in OWN_FIELDS]
    if _PUBLICATION in fields:
        parts.append(_on_pages(page_impact(leaf), "max"))
    return {"bool": {"should": parts, "minimum_should_match": 1}}


def page_impact(leaf: Words | Ordered) -> Json:
    """Return a query that scores pages of publications by the impact of a word or phrase on them: the higher of its
    impacts in the body and in the running headers and footers.
    """
    ways = [_from_count(_intervals(leaf, name), _PUBLICATION, "pages.norm") for name in _PAGE_TEXTS]
    return {"dis_max": {"queries": ways}}


def _from_count(intervals: Json, name: str, norm: str) -> Json:
    params = {"weight": scoring.WEIGHTS[name], "k": scoring.K1 + 1.0, "norm": norm}
    return {"script_score": {"query": intervals, "script": {"source": _IMPACT, "params": params}}}


def _intervals(leaf: Words | Ordered, field: str) -> Json:
    """Return a query for the occurrences of a word or phrase in a field; in the fields of pages, which hold the first
    words of the next pages too, only for those that begin on the page itself.
    """
    prefix = OWN if field.startswith("pages.") else ""
    items = (leaf.terms,) if isinstance(leaf, Words) else leaf.items
    texts = [position(item) for item in items]
    texts[0] = "|".join(prefix + written(term) for term in items[0])
    if isinstance(leaf, Words):
        return {"intervals": {field: {"match": {"query": texts[0]}}}}
    if not leaf.slop:
        query = texts[0]
        for gap, text in zip(leaf.gaps, texts[1:], strict=True):
            query += f" {HOLE}" * (gap - 1) + f" {text}"
        return {"intervals": {field: {"match": {"query": query, "ordered": True, "max_gaps": 0}}}}
    # Only the first words of matches are counted, since a loose match as a whole would count for less than one.
    loose = {
        "all_of": {
            "ordered": True,
            "max_gaps": sum(leaf.gaps) + leaf.slop + 1 - len(items),
            "intervals": [{"match": {"query": text}} for text in texts],
        }
    }
    return {"intervals": {field: {"match": {"query": texts[0], "filter": {"contained_by": loose}}}}}


# Pages of publications


def page_parts(plan: Plan, counts: Counts) -> list[Json]:
    """Return queries that score pages of publications, one for each word, phrase or pattern of a plan (with its
    alternatives); those that do not search publications have none.
    """
    match plan:
        case All(children) | Any(children):
            return [query for child in children for query in page_parts(child, counts)]
        case Either(alternatives):
            ways = [
                _times(query, scoring.SYNONYM_WEIGHT if number else 1.0)
                for number, way in enumerate(alternatives)
                for query in _page_leaf(way)
            ]
            return [{"dis_max": {"queries": ways, "boost": counts.idf(plan)}}] if ways else []
        case Words() | Ordered() | Expand():
            return [_times(query, counts.idf(plan)) for query in _page_leaf(plan)]
        case _:
            return []


def _page_leaf(leaf: Words | Ordered | Expand) -> list[Json]:
    if _PUBLICATION not in leaf.fields:
        return []
    if isinstance(leaf, Expand):
        once = scoring.impact(scoring.WEIGHTS[_PUBLICATION], 1.0, scoring.K1)
        return [{"constant_score": {"filter": _form("pages.form", leaf.pattern), "boost": once}}]
    return [page_impact(leaf)]


def has_page_parts(plan: Plan) -> bool:
    """Return whether pages of publications may answer a plan."""
    return any(_PUBLICATION in leaf.fields for leaf in positive_leaves(plan))


# Neighbouring words


def near(pair: WordPair, fields: Iterable[str]) -> Json:
    """Return a query for the resources in which the second of two words closely follows the first in a field."""
    parts = [_near(pair, name) for name in fields if name != _PUBLICATION]
    if _PUBLICATION in fields:
        parts.append(_on_pages(_any([_near(pair, name) for name in _PAGE_TEXTS])))
    return _any(parts)


def _near(pair: WordPair, field: str) -> Json:
    prefix = OWN if field.startswith("pages.") else ""
    first = "|".join(prefix + written(term) for term in pair.before)
    rule = {
        "ordered": True,
        "max_gaps": scoring.NEAR - 1,
        "intervals": [{"match": {"query": first}}, {"match": {"query": position(pair.after)}}],
    }
    return {"intervals": {field: {"all_of": rule}}}
