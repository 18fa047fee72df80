"""Filters, facets and orders of a request, as OpenSearch queries and aggregations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.analysis import alphabetical, theme_key
from indexer.engine.opensearch.client import Json
from indexer.engine.opensearch.compiler import clipped
from indexer.engine.opensearch.lexicon import Names
from indexer.query import FORMATS, Facets, SearchRequest, Sort
from indexer.query.facets import asked_privacy, build_facets, facet_counts, in_order_of_names

FIELDS = {
    "type": "of_type",
    "year": "of_year",
    "theme": "of_theme",
    "territory": "of_territory",
    "private": "of_privacy",
    "publication": "of_publication",
    "format": "of_format",
}
"""The indexed field whose values a facet counts, by the name of the facet."""
_FEW_VALUES = 64
"""Least number of values of a facet that OpenSearch is asked for; facets with a fixed set of values have fewer."""

NOTHING: Json = {"match_none": {}}


def filters(request: SearchRequest) -> dict[str, Json]:
    """Return the filters that a request sets, by the name of their facet."""
    found: dict[str, Json] = {}
    if request.types:
        found["type"] = _values("of_type", [value for value in request.types if value], None in request.types)
    year: list[Json] = []
    if request.years:
        years = [clipped(value) for value in request.years if value is not None]
        year.append(_values("of_year", years, None in request.years))
    bounds = {
        name: clipped(value)
        for name, value in (("gte", request.year_from), ("lte", request.year_to))
        if value is not None
    }
    if bounds:
        year.append({"range": {"of_year": bounds}})
    if year:
        found["year"] = {"bool": {"filter": year}}
    if request.themes:
        keys = [theme_key(theme) for theme in request.themes if theme is not None]
        found["theme"] = _values("of_theme", keys, None in request.themes)
    if request.territories:
        codes = [code for code in request.territories if code is not None]
        found["territory"] = _values("of_territory", codes, None in request.territories)
    if request.private:
        found["private"] = _values("of_privacy", asked_privacy(request), without=False)
    if request.with_publication is not None:
        found["publication"] = {"term": {"of_publication": request.with_publication}}
    if request.formats:
        known = [media_type for media_type in request.formats if media_type in FORMATS.values()]
        found["format"] = _values("of_format", known, without=False)
    return found


def _values(field: str, values: Sequence[object], without: bool) -> Json:
    """Return a query for the resources with any of some values in a field and, if `without` is set, those with none."""
    parts: list[Json] = [{"terms": {field: list(values)}}] if values else []
    if without:
        parts.append({"bool": {"must_not": [{"exists": {"field": field}}]}})
    return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NOTHING


def every(parts: Iterable[Json]) -> Json:
    """Return a query for the resources that match all of some queries."""
    held = list(parts)
    return {"bool": {"filter": held}} if held else {"match_all": {}}


def aggregations(chosen: Mapping[str, Json], names: Names) -> Json:
    """Return the aggregations that count each facet under all filters but its own.

    OpenSearch is asked for every value of a facet: asked for fewer, each shard would leave out some, and the sums over
    shards would be too small. A facet that no filter of another facet narrows counts the hits of the search itself,
    which costs less.

    Args:
        chosen: the filters of the request, as `filters` returns them.
        names: the values that the reader can see.
    """
    sizes = {
        "type": len(names.values.types),
        "year": len(names.values.years),
        "theme": len(names.keys),
        "territory": len(names.values.territories),
    }
    found: Json = {}
    for name, field in FIELDS.items():
        others = [query for other, query in chosen.items() if other != name]
        counts: Json = {_values_of(name): {"terms": {"field": field, "size": max(sizes.get(name, 0), _FEW_VALUES)}}}
        if name in sizes:
            counts[_without(name)] = {"missing": {"field": field}}
        found |= {name: {"filter": every(others), "aggs": counts}} if others else counts
    return found


def _values_of(name: str) -> str:
    return f"{name}-values"


def _without(name: str) -> str:
    return f"{name}-without"


def facets(answer: Json, request: SearchRequest, names: Names) -> Facets:
    """Return the facets of a response to a search with `aggregations`."""
    parts = {name: answer.get(name, answer) for name in FIELDS}
    counted = {
        name: {bucket["key"]: int(bucket["doc_count"]) for bucket in part[_values_of(name)]["buckets"]}
        for name, part in parts.items()
    }
    without = {name: int(part.get(_without(name), {}).get("doc_count", 0)) for name, part in parts.items()}
    types, years, territories = counted["type"], counted["year"], counted["territory"]
    themes = {names.theme(key): count for key, count in counted["theme"].items()}
    private, publication, formats = counted["private"], counted["publication"], counted["format"]
    return build_facets(
        request,
        types=facet_counts(alphabetical(types), types, without["type"]),
        years=facet_counts(sorted(years, reverse=True), years, without["year"]),
        themes=facet_counts(alphabetical(themes), themes, without["theme"]),
        territories=facet_counts(in_order_of_names(territories), territories, without["territory"]),
        private=(private.get(0, 0), private.get(1, 0)),
        publication=(publication.get(0, 0), publication.get(1, 0)),
        formats=[(name, formats[kind]) for name, kind in FORMATS.items() if formats.get(kind)],
        theme_key=theme_key,
    )


def order(sort: Sort) -> list[Json]:
    """Return the sort of a search; ties are broken by id."""
    by_id: Json = {"id": "asc"}
    match sort:
        case Sort.RELEVANCE:
            return [{"_score": "desc"}, by_id]
        case Sort.NEWEST:
            return [{"by_date": {"order": "desc", "missing": "_last"}}, by_id]
        case Sort.OLDEST:
            return [{"by_date": {"order": "asc", "missing": "_last"}}, by_id]
        case Sort.TITLE:
            return [{"by_title": "asc"}, by_id]
