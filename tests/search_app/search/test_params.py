"""Arguments of addresses become search requests, and requests become arguments: tables, and round trips."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from indexer.errors import RequestError
from indexer.query import FORMATS
from indexer.query.request import MAX_FILTERS, MAX_PER_PAGE, MAX_REACH, SearchRequest, Sort
from indexer.resource import Audience
from search_app.search import params

VISITOR = Audience.VISITOR
EMPTY = SearchRequest(audience=VISITOR)


def parse(query_string: str) -> SearchRequest:
    return params.parse(MultiDict(parse_qsl(query_string, keep_blank_values=True)), VISITOR)


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        ("", {}),
        ("q=", {}),
        ("q=%20%20", {}),
        ("q=monnaie+locale", {"query": "monnaie locale"}),
        ("q=a%20", {"query": "a "}),
        ("type=Autres&type=Guides&type=Autres", {"types": ("Autres", "Guides")}),
        ("type=&type=none", {"types": (None,)}),
        ("year=2024&year=none", {"years": (2024, None)}),
        ("year=+2024+", {"years": (2024,)}),
        ("year_from=2020&year_to=2024", {"year_from": 2020, "year_to": 2024}),
        ("year_from=&year_to=2024", {"year_to": 2024}),
        ("year_from=2024&year_to=2020", {"year_from": 2024, "year_to": 2020}),
        ("theme=none&theme=Coop%C3%A9rations%2C+PTCE", {"themes": (None, "Coopérations, PTCE")}),
        ("private=oui&private=non", {"private": (True, False)}),
        ("private=OUI", {"private": (True,)}),
        ("publication=oui", {"with_publication": True}),
        ("publication=NON", {"with_publication": False}),
        ("publication=oui&publication=non", {}),
        ("publication=", {}),
        ("format=pdf&format=DOCX&format=pdf", {"formats": (FORMATS["pdf"], FORMATS["docx"])}),
        ("sort=-date", {"sort": Sort.NEWEST}),
        ("sort=relevance", {"sort": Sort.RELEVANCE}),
        ("sort=", {}),
        ("page=3&per_page=100", {"page": 3, "per_page": 100}),
        ("page=&page=2", {"page": 2}),
        ("page=100&per_page=100", {"page": 100, "per_page": 100}),
        ("utm_source=lettre&x=1", {}),
    ],
)
def test_parse(query_string: str, expected: dict[str, object]) -> None:
    assert parse(query_string) == replace(EMPTY, **expected)


@pytest.mark.parametrize(
    ("query_string", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=٣", "page"),
        ("page=" + "9" * 5000, "page"),
        ("page=101&per_page=100", "page"),
        ("page=10001", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=dix", "per_page"),
        ("sort=y", "sort"),
        ("sort=DATE", "sort"),
        ("year=20l4", "year"),
        ("year=-5", "year"),
        ("year=20244", "year"),
        ("year=2024&year=x", "year"),
        ("year_from=none", "year_from"),
        ("year_to=x", "year_to"),
        ("private=yes", "private"),
        ("private=none", "private"),
        ("publication=none", "publication"),
        ("publication=1", "publication"),
        ("format=doc", "format"),
        ("format=application/pdf", "format"),
    ],
)
def test_parse_malformed(query_string: str, field: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse(query_string)
    assert caught.value.field == field
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 250


def test_salvage_keeps_the_rest() -> None:
    args = MultiDict([("q", "coop"), ("year", "x"), ("year", "2020"), ("page", "x"), ("sort", "title")])
    request, errors = params.salvage(args, VISITOR)
    assert request == replace(EMPTY, query="coop", years=(2020,), sort=Sort.TITLE)
    assert [error.field for error in errors] == ["page", "year"]


def test_audience_comes_from_the_caller_alone() -> None:
    assert params.parse(MultiDict([("audience", "staff")]), VISITOR).audience is VISITOR
    assert params.parse(MultiDict(), Audience.STAFF).audience is Audience.STAFF


names = st.text(min_size=1, max_size=20).filter(lambda text: text == text.strip() and text != params.NONE)
years = st.integers(0, 9999)
reach = st.tuples(st.integers(1, MAX_REACH), st.integers(1, MAX_PER_PAGE)).filter(lambda p: p[0] * p[1] <= MAX_REACH)


@st.composite
def requests(draw: st.DrawFn) -> SearchRequest:
    page, per_page = draw(reach)

    def several(one: st.SearchStrategy[object]) -> tuple[object, ...]:
        return tuple(draw(st.lists(one, max_size=4, unique=True)))

    return SearchRequest(
        audience=draw(st.sampled_from(Audience)),
        query=draw(st.just("") | st.text(max_size=40).filter(str.strip)),
        types=several(st.none() | names),
        years=several(st.none() | years),
        year_from=draw(st.none() | years),
        year_to=draw(st.none() | years),
        themes=several(st.none() | names),
        private=several(st.booleans()),
        with_publication=draw(st.none() | st.booleans()),
        formats=several(st.sampled_from(sorted(FORMATS.values()))),
        sort=draw(st.none() | st.sampled_from(Sort)),
        page=page,
        per_page=per_page,
    )


@given(requests())
def test_parse_reads_back_what_build_writes(request: SearchRequest) -> None:
    assert params.parse(MultiDict(params.build(request)), request.audience) == request


@given(requests())
def test_query_string_survives_encoding(request: SearchRequest) -> None:
    pairs = parse_qsl(params.query_string(request).removeprefix("?"), keep_blank_values=True)
    assert params.parse(MultiDict(pairs), request.audience) == request


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "type", "year", "year_from", "year_to", "theme", "private", "sort", "page", "per_page"]
            ),
            st.text(max_size=12),
        )
    )
)
def test_salvage_takes_anything(pairs: list[tuple[str, str]]) -> None:
    request, _ = params.salvage(MultiDict(pairs), VISITOR)
    again, errors = params.salvage(MultiDict(params.build(request)), VISITOR)
    assert (again, errors) == (request, ())


@given(requests(), st.sampled_from(["type", "theme"]), names)
def test_toggling_twice_changes_nothing_but_the_page(request: SearchRequest, facet: str, value: str) -> None:
    once = params.toggled(request, facet, value)
    assert once.page == 1
    assert once != replace(request, page=1)
    assert set(params.selected(params.toggled(once, facet, value), facet)) == set(params.selected(request, facet))


def test_build_is_minimal() -> None:
    assert params.build(EMPTY) == []
    assert params.query_string(EMPTY) == ""
    full = replace(EMPTY, query="é&", types=(None,), years=(2024, None), private=(True,), sort=Sort.TITLE, page=2)
    assert params.build(full) == [
        ("q", "é&"), ("type", "none"), ("year", "2024"), ("year", "none"), ("private", "oui"),
        ("sort", "title"), ("page", "2"),
    ]  # fmt: skip


def test_links_away_go_back_to_the_first_page() -> None:
    request = replace(EMPTY, query="a", years=(2024, None), year_from=2000, themes=("T",), page=5)
    assert params.toggled(request, "year", "none") == replace(request, years=(2024,), page=1)
    assert params.toggled(request, "year", "2023") == replace(request, years=(2024, None, 2023), page=1)
    assert params.toggled(request, "private", "oui") == replace(request, private=(True,), page=1)
    assert params.without_facet(request, "theme") == replace(request, themes=(), page=1)
    assert params.without_span(request) == replace(request, year_from=None, page=1)
    assert params.without_filters(request) == replace(EMPTY, query="a")
    assert params.with_query(request, "b") == replace(request, query="b", page=1)
    assert params.with_per_page(request, 50) == replace(request, per_page=50, page=1)
    assert params.at_page(request, 7) == replace(request, page=7)
    with pytest.raises(RequestError):
        params.toggled(request, "year", "bientôt")


def test_default_sort_is_not_written() -> None:
    request = replace(EMPTY, query="a", page=3)
    assert params.sorted_by(request, Sort.RELEVANCE).sort is None
    assert params.sorted_by(request, Sort.NEWEST) == replace(request, sort=Sort.NEWEST, page=1)
    assert params.sorted_by(EMPTY, Sort.NEWEST).sort is None


def test_has_filters() -> None:
    assert not params.has_filters(replace(EMPTY, query="a", page=3, sort=Sort.TITLE))
    assert params.has_filters(replace(EMPTY, year_to=2000))
    assert params.has_filters(replace(EMPTY, types=(None,)))


def test_filters_have_a_number() -> None:
    values = [("type", f"t{n}") for n in range(MAX_FILTERS - 10)] + [("year", str(1900 + n)) for n in range(30)]
    request, errors = params.salvage(MultiDict([*values, ("theme", "x"), ("type", "t0")]), VISITOR)
    assert (len(request.types), len(request.years), request.themes) == (MAX_FILTERS - 10, 10, ())
    assert [error.field for error in errors] == ["year", "theme"]
    assert {str(error) for error in errors} == {params.TOO_MANY_FILTERS}
    request, errors = params.salvage(MultiDict(values[:MAX_FILTERS] * 3), VISITOR)
    assert errors == ()
