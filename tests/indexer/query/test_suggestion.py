"""Suggestions from the nearest resources: who votes, and from how many votes on a value is suggested."""

from __future__ import annotations

from indexer.query.request import Hit, SearchRequest, SearchResponse, Sort
from indexer.query.suggestion import Suggestion, suggest_values, votes
from indexer.resource import Audience, Resource
from tests.support.archive import analyzer

RESOURCE = Resource(
    "une", None, "Ouvrir une épicerie solidaire", None, "Une épicerie, une épicerie.", None, False, (), None, None, None
)


def hit(name: str, kind: str | None = None, year: int | None = None, themes: tuple[str, ...] = ()) -> Hit:
    return Hit(name, None, name, kind, year, None, None, False, themes, 1.0)


def suggested(*hits: Hit) -> tuple[object, ...]:
    asked: list[SearchRequest] = []

    def search(request: SearchRequest) -> SearchResponse:
        asked.append(request)
        return SearchResponse(request.query, len(hits), 1, 10, 0.0, Sort.RELEVANCE, hits)

    found = suggest_values(RESOURCE, search, analyzer(), audience=Audience.STAFF)
    assert {request.audience for request in asked} == {Audience.STAFF}
    return found.type, found.year, found.themes


def test_five_neighbours_that_have_a_value_vote() -> None:
    near = [hit("a", "Guide"), hit("b"), hit("c", "Fiche"), hit("d", "Guide"), hit("e", "guide"), hit("f", "Guide")]
    assert suggested(*near) == (Suggestion("Guide", 4, 5), None, ())
    assert suggested(*near[:-1], hit("g", "Fiche"), hit("f", "Guide")) == (None, None, ())


def test_the_resource_itself_does_not_vote() -> None:
    assert suggested(hit("une", "Guide"), *(hit(str(n), "Guide") for n in range(3))) == (None, None, ())


def test_themes_are_counted_by_their_words() -> None:
    near = [
        hit(str(n), themes=themes) for n, themes in enumerate((("Économie", "Achats"), ("économie",), ("ECONOMIE",)))
    ]
    (theme,) = suggested(*near)[2]  # type: ignore[misc]
    assert (theme.value, theme.agreeing, theme.of) == ("Économie", 3, 3)


def test_a_year_needs_them_all() -> None:
    years = [hit(str(n), year=2021) for n in range(5)]
    assert suggested(*years)[1] == Suggestion("2021", 5, 5)
    assert suggested(*years[:4], hit("x", year=2020))[1] is None


def test_those_with_most_votes_come_first_and_ties_do_not_depend_on_order() -> None:
    one, other = [("b",), ("a",), ("c", "b")], [("a",), ("c", "b"), ("b",)]
    assert [found.value for found in votes(one)] == [found.value for found in votes(other)] == ["b", "a", "c"]
