"""Which themes, types and years a query names."""

from __future__ import annotations

import pytest

from indexer.analysis import default_analyzer
from indexer.query import values_named, words_without

NAMES = (
    "Alimentation et agriculture",
    "Insertion et emploi",
    "Emploi des jeunes",
    "Habitat",
    "Droits culturels",
    "Guide",
    "2024",
    "2023",
)


def named(query: str) -> list[tuple[str, str]]:
    analyzer = default_analyzer()
    return [(one.value, words_without(query, one.spans, analyzer)) for one in values_named(query, NAMES, analyzer)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("alimentation et agriculture", [("Alimentation et agriculture", "")]),
        ("Agriculture, alimentation", [("Alimentation et agriculture", "")]),
        ("ALIMENTATIONS", [("Alimentation et agriculture", "")]),
        ("l’alimentation", [("Alimentation et agriculture", "")]),
        ("alimentaton", [("Alimentation et agriculture", "")]),
        ("guides", [("Guide", "")]),
        ("giude", [("Guide", "")]),
        ("droit culturel", [("Droits culturels", "")]),
        # The other words stay.
        ("guide du bénévolat", [("Guide", "bénévolat")]),
        ("guide habitat 2024", [("2024", "guide habitat"), ("Guide", "habitat 2024"), ("Habitat", "guide 2024")]),
        # A word that several names contain; a word of a name, with another word of the name or without.
        ("emploi", []),
        ("emploi jeune", [("Emploi des jeunes", "")]),
        ("alimentation scolaire", []),
        # No slip is forgiven in numbers, and an exact match wins over one with a slip.
        ("2025", []),
        ("2024", [("2024", "")]),
        # Operators, stop words, too many words.
        ("-habitat", []),
        ("habitat OU guide", []),
        ('"habitat"', []),
        ("titre:habitat", []),
        ("et", []),
        ("", []),
        ("habitat " + "mot " * 12, []),
    ],
)
def test_what_a_query_names(query: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(named(query)) == sorted(expected)


def test_two_slips_name_nothing() -> None:
    assert named("alimetation agricuture") == []
    assert named("alimetation agriculture") == [("Alimentation et agriculture", "")]


def test_the_value_named_by_most_words_comes_first() -> None:
    assert named("guide des droits culturels")[0] == ("Droits culturels", "guide")
