"""`run.py search`, with output for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

# search


def test_search_before_any_index_is_1_and_says_what_to_do(cli: Callable[..., Any]) -> None:
    outcome = cli("search", "épicerie")
    assert (outcome.status, outcome.out) == (1, "")
    assert "python run.py index" in outcome.err
    assert outcome.err.count("\n") == 1


SEARCH_KEYS = ["query", "total", "page", "per_page", "took_ms", "sort", "hits", "facets"]
SEARCH_KEYS += ["did_you_mean", "corrected", "matching", "total_all"]
HIT_KEYS = [
    "id",
    "url",
    "title",
    "type",
    "year",
    "year_source",
    "date",
    "private",
    "themes",
    "score",
    "snippet",
    "missing",
    "pages",
    "pages_total",
]


def test_search_json_is_the_contract(cli: Callable[..., Any], indexed: Any) -> None:
    outcome = cli("search", "épicerie", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    answer = outcome.json
    assert list(answer) == SEARCH_KEYS
    assert (answer["query"], answer["total"], answer["page"], answer["per_page"]) == ("épicerie", 1, 1, 10)
    assert (answer["sort"], answer["matching"], answer["corrected"]) == ("relevance", "all", False)
    assert answer["did_you_mean"] is None
    (hit,) = answer["hits"]
    assert list(hit) == HIT_KEYS
    assert hit["title"] == "Monter une épicerie solidaire"
    assert (hit["year"], hit["year_source"], hit["date"], hit["private"]) == (2021, "page", "2021-03-03", False)
    assert hit["themes"] == ["Alimentation"]
    assert all(isinstance(text, str) and isinstance(matched, bool) for text, matched in hit["snippet"])
    assert list(answer["facets"]) == ["type", "year", "theme", "territory", "private", "publication", "format"]
    assert answer["facets"]["private"] == []
    assert answer["facets"]["year"] == [{"value": "2021", "label": "2021", "count": 1, "selected": False}]


def titles(outcome: Any) -> list[str]:
    return [hit["title"].split()[0] for hit in outcome.json["hits"]]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], ["Ouvrir", "Monter"]),
        ([""], ["Ouvrir", "Monter"]),
        (["--as", "visitor"], ["Ouvrir", "Monter"]),
        (["--as", "member"], ["Ouvrir", "Monter", "Charte"]),
        (["--as", "member", "--private", "oui"], ["Charte"]),
        (["--as", "member", "--private", "oui", "--private", "non"], ["Ouvrir", "Monter", "Charte"]),
        (["--private", "oui"], []),
        (["--sort", "date"], ["Monter", "Ouvrir"]),
        (["--sort", "-date"], ["Ouvrir", "Monter"]),
        (["--sort=-date"], ["Ouvrir", "Monter"]),
        (["--sort", "title"], ["Monter", "Ouvrir"]),
        (["épicerie", "--sort", "-date"], ["Monter"]),
        (["--sort", "-date", "épicerie"], ["Monter"]),
        (["--year", "2021"], ["Monter"]),
        (["--year", "2021", "--year", "2024"], ["Ouvrir", "Monter"]),
        (["--as", "member", "--year", "none"], ["Charte"]),
        (["--as", "member", "--theme", "none"], ["Charte"]),
        (["--theme", "Ruralité"], ["Ouvrir"]),
        (["--theme", "Ruralité", "--theme", "Alimentation"], ["Ouvrir", "Monter"]),
        (["--theme", "Ruralité", "--year", "2021"], []),
        (["--type", "Guide", "--as", "member"], ["Ouvrir", "Monter"]),
        (["--type", "Guide", "--type", "Autres", "--as", "member"], ["Ouvrir", "Monter", "Charte"]),
        (["--type", "inconnu"], []),
        (["--page", "2"], []),
        (["--page", "1"], ["Ouvrir", "Monter"]),
        # A query may begin with a hyphen, before or after options.
        (["-épicerie"], ["Ouvrir"]),
        (["-épicerie", "--sort", "-date"], ["Ouvrir"]),
        (["--sort", "-date", "-épicerie"], ["Ouvrir"]),
        (["--as", "member", "-épicerie", "--sort", "title"], ["Charte", "Ouvrir"]),
        (["--", "-épicerie"], ["Ouvrir"]),
        (["--", "épicerie"], ["Monter"]),
        (["-1 épicerie", "--sort=title"], ["Monter"]),
        # A query may contain anything else.
        (["titre:épicerie OU titre:régie", "--sort", "title"], ["Monter", "Ouvrir"]),
        (['"régie de quartier"'], ["Ouvrir"]),
        (["((("], []),
        (["épicerie régie", "--match", "all"], []),
        (["épicerie régie", "--match=most", "--sort", "title"], ["Monter", "Ouvrir"]),
    ],
)
def test_search_takes_every_option(
    cli: Callable[..., Any], indexed: Any, arguments: list[str], found: list[str]
) -> None:
    # `--json` comes first, since everything after a bare `--` is the query.
    outcome = cli("search", "--json", *arguments)
    assert (outcome.status, outcome.err) == (0, "")
    assert titles(outcome) == found


def test_search_shows_people_a_list(cli: Callable[..., Any], indexed: Any) -> None:
    outcome = cli("search", "charte", "--as", "member")
    assert (outcome.status, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "1 ressource"
    assert "Charte des achats" in lines
    assert "  Autres · Sans année · Sans thème · Réservée aux adhérents" in lines
    assert lines[-1] == "  https://reseau.example/charte"
    assert "\x1b" not in outcome.out
