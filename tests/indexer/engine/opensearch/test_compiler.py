"""Plans compiled to OpenSearch queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any as Anything

import pytest

from indexer.engine.opensearch.compiler import (
    Countable,
    Counts,
    Held,
    counted,
    has_page_parts,
    holders,
    near,
    needed,
    page_parts,
    scored,
)
from indexer.query import scoring
from indexer.query.ast import InTerritory, YearRange
from indexer.query.fields import ANYWHERE
from indexer.query.plan import All, Any, Either, Every, Expand, Nothing, Plan, Sequence, Without, WordPair, Words

LOI = Words(("loi",), None, ANYWHERE)
EAU = Words(("eau", "aquat"), "eau", ANYWHERE)
TITLED = Words(("loi",), "loi", ("title",))
PHRASE = Sequence((("loi",), ("eau", "aquat")), (2,), 0, ("title", "publication"))
LOOSE = Sequence((("a",), ("b",), ("c",)), (1, 2), 1, ("body",))
VISIBLE = 100


def counts(known: Mapping[Countable, int]) -> Counts:
    return Counts(VISIBLE, known)


def idf(number: int) -> float:
    return scoring.idf(number, VISIBLE)


NONE = counts({})


def test_a_word_is_one_term_with_its_idf() -> None:
    query = scored(LOI, counts({LOI: 7}))
    assert query == {"term": {"word": {"value": "loi", "boost": idf(7)}}}
    assert holders(LOI, NONE) == {"terms": {"word": ["loi"]}}


def test_several_terms_count_by_the_best_and_the_typed_form_adds_to_it() -> None:
    query = scored(EAU, counts({EAU: 7}))["bool"]
    assert query["boost"] == idf(7)
    ((inner,), (bonus,)) = query["must"], query["should"]
    best = inner["bool"]["must"][0]["dis_max"]["queries"]
    assert {(name, held["value"]) for one in best for name, held in one["term"].items()} == {
        (field, term) for field in ("word", "other") for term in ("eau", "aquat")
    }
    assert bonus["constant_score"] == {"filter": {"terms": {"exact": ["eau"]}}, "boost": scoring.EXACT_BONUS}


def test_a_word_of_a_field_is_counted_there() -> None:
    query = scored(TITLED, counts({TITLED: 7}))["bool"]
    script = query["must"][0]["bool"]["should"][0]["script_score"]
    assert script["query"] == {"intervals": {"title": {"match": {"query": "loi"}}}}
    assert script["script"]["params"] == {
        "weight": scoring.WEIGHTS["title"],
        "k": scoring.K1 + 1.0,
        "norm": "norm.title",
    }
    assert query["should"][0]["constant_score"]["filter"] == {"terms": {"exact_in": ["title:loi"]}}
    assert holders(TITLED, NONE) == {"terms": {"title": ["loi"]}}


def test_a_phrase_keeps_its_distances_and_begins_on_a_page() -> None:
    titled, paged = holders(PHRASE, NONE)["bool"]["should"]
    rule = {"query": "loi _ eau|aquat", "ordered": True, "max_gaps": 0}
    assert titled == {"intervals": {"title": {"match": rule}}}
    words, running = paged["nested"]["query"]["bool"]["should"]
    assert words == {"intervals": {"pages.words": {"match": {**rule, "query": "<loi _ eau|aquat"}}}}
    assert list(running["intervals"]) == ["pages.running"]


def test_a_loose_phrase_counts_its_first_words() -> None:
    rule = holders(LOOSE, NONE)["intervals"]["body"]["match"]
    assert rule["query"] == "a"
    assert rule["filter"]["contained_by"]["all_of"] == {
        "ordered": True,
        "max_gaps": 3 + 1 + 1 - 3,
        "intervals": [{"match": {"query": term}} for term in "abc"],
    }


def test_the_idf_of_a_phrase_is_that_of_its_words_in_any_field() -> None:
    query = scored(PHRASE, counts({Held(("loi",)): 3, Held(("eau", "aquat")): 9}))
    assert query["bool"]["boost"] == idf(3) + idf(9)
    assert list(counted(PHRASE)) == [Held(("loi",)), Held(("eau", "aquat"))]


def test_alternatives_share_one_idf_and_count_by_the_best() -> None:
    either = Either((LOI, PHRASE))
    query = scored(either, counts({either: 20}))["dis_max"]
    assert query["boost"] == idf(20)
    typed, other = query["queries"]
    assert typed == {"term": {"word": {"value": "loi"}}}
    assert other["bool"]["boost"] == scoring.SYNONYM_WEIGHT


@pytest.mark.parametrize(
    ("pattern", "query"),
    [
        ("eco*", {"prefix": {"form_in": {"value": "title:eco"}}}),
        ("e*o", {"wildcard": {"form_in": {"value": "title:e*o"}}}),
        ("e?o*", {"wildcard": {"form_in": {"value": "title:e?o*"}}}),
        ("a\\*", {"prefix": {"form_in": {"value": "title:a\\"}}}),
        ("*", {"prefix": {"form_in": {"value": "title:"}}}),
    ],
)
def test_patterns(pattern: str, query: dict[str, Anything]) -> None:
    assert holders(Expand(pattern, ("title",)), NONE) == query


def test_a_pattern_counts_in_every_field_of_what_it_matches() -> None:
    plan = Expand("eco*", ("title",))
    query = scored(plan, counts({plan: 5}))["bool"]
    assert query["filter"] == [holders(plan, NONE)]
    assert [one["constant_score"]["boost"] for one in query["should"]] == [
        scoring.impact(weight, 1.0, scoring.K1) for weight in scoring.WEIGHTS.values()
    ]


@pytest.mark.parametrize(
    ("plan", "query"),
    [
        (Every(), {"match_all": {}}),
        (Nothing(), {"match_none": {}}),
        (YearRange(None, None), {"bool": {"must_not": [{"exists": {"field": "of_year"}}]}}),
        (InTerritory(None), {"bool": {"must_not": [{"exists": {"field": "of_territory"}}]}}),
        (InTerritory("bretagne", ("R53",)), {"terms": {"of_territory": ["R53"]}}),
        (YearRange(2020, None), {"range": {"of_year": {"gte": 2020}}}),
        (YearRange(None, 10**30), {"range": {"of_year": {"lte": 2**31 - 1}}}),
        (Without(LOI), {"bool": {"must_not": [{"terms": {"word": ["loi"]}}]}}),
    ],
)
def test_what_has_no_score(plan: Plan, query: dict[str, Anything]) -> None:
    assert holders(plan, NONE) == query
    assert scored(plan, NONE) == {"bool": {"filter": [query]}}


def test_all_and_any() -> None:
    known = counts({LOI: 7, EAU: 9})
    both = scored(All((LOI, Without(EAU))), known)["bool"]["must"]
    assert both == [scored(LOI, known), {"bool": {"filter": [holders(Without(EAU), known)]}}]
    either = scored(Any((LOI, EAU)), known)["bool"]
    assert (len(either["should"]), either["minimum_should_match"]) == (2, 1)


def words(*numbers: int) -> tuple[All, Counts]:
    """Return a plan that requires most of its words, and the counts for it.

    Args:
        numbers: for each word, the number of resources that contain it.
    """
    children = tuple(Words((f"w{place}",), None, ANYWHERE) for place in range(len(numbers)))
    return All(children, most=True), counts(dict(zip(children, numbers, strict=True)))


def test_most_words_by_their_points() -> None:
    plan, known = words(1, 80, 60, 0)
    query = holders(plan, known)["function_score"]
    assert query["min_score"] == scoring.MOST
    points = scoring.points([idf(1), idf(80), idf(60)])
    assert [one["constant_score"]["boost"] for one in query["query"]["bool"]["should"]] == points
    assert len(scored(plan, known)["bool"]["should"]) == 3  # the word that no resource contains is left out


def test_most_words_by_their_number_where_that_is_the_same() -> None:
    plan, known = words(5, 5)
    assert holders(plan, known)["bool"]["minimum_should_match"] == 1
    plan, known = words(5, 5, 5, 5, 5)
    assert holders(plan, known)["bool"]["minimum_should_match"] == 2


def test_most_of_words_that_nothing_holds_is_nothing() -> None:
    plan, known = words(0, 0)
    assert holders(plan, known) == {"match_none": {}}


def test_what_must_be_counted_first() -> None:
    most = All((LOI, PHRASE), most=True)
    assert set(needed(most)) == {LOI, PHRASE, Held(("loi",)), Held(("eau", "aquat"))}
    assert list(needed(All((LOI, EAU)))) == []
    assert set(counted(All((LOI, EAU)))) == {LOI, EAU}


def test_pages_are_scored_by_the_parts_that_they_may_hold() -> None:
    known = counts({LOI: 7, TITLED: 7, Held(("loi",)): 3, Held(("eau", "aquat")): 9})
    first, second = page_parts(All((LOI, TITLED, PHRASE, Without(EAU))), known)
    assert first["dis_max"]["boost"] == idf(7)
    assert second["dis_max"]["boost"] == idf(3) + idf(9)
    assert [one["script_score"]["script"]["params"]["norm"] for one in first["dis_max"]["queries"]] == [
        "pages.norm"
    ] * 2
    assert has_page_parts(LOI)
    assert not has_page_parts(TITLED)


def test_neighbours() -> None:
    pair = WordPair(("loi",), ("eau", "aquat"))
    rule = near(pair, ("title",))["intervals"]["title"]["all_of"]
    assert (rule["ordered"], rule["max_gaps"]) == (True, scoring.NEAR - 1)
    assert [one["match"]["query"] for one in rule["intervals"]] == ["loi", "eau|aquat"]


def test_a_term_cannot_be_taken_for_several() -> None:
    strange = Words(("a b|c",), None, ("title",))
    (term,) = holders(strange, NONE)["terms"]["title"]
    assert not {" ", "|"} & set(term)
