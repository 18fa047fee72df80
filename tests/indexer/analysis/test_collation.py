"""The alphabetical order of all lists that people read."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import alphabetical, collation_key

DICTIONARY = [
    "abbaye",
    "Ça tourne",
    "cœur de ville",
    "Coffre",
    "cote",
    "coté",
    "côte",
    "côté",
    "École",
    "école",
    "Économie",
    "Egalité",
    "Île",
    "ilot",
    "L'eau",
    "Noël",
    "œuvre",
    "Ouverture",
    "Zone",
]


def test_letters_with_accents_stand_with_those_without() -> None:
    shuffled = random.Random(7).sample(DICTIONARY, len(DICTIONARY))
    assert alphabetical(shuffled) == DICTIONARY


@pytest.mark.parametrize(
    "titles",
    [
        ["Lettre n° 1", "Lettre n° 2", "Lettre n° 10"],
        ["2e rencontre", "10e rencontre", "100 idées", "Bilan"],
        ["Bilan 09", "Bilan 9", "Bilan 10"],
        ["Agir", "« Aider », mode d’emploi", "…aimer", "Zone"],
        ["!?", "Agir"],
    ],
    ids=["numbers", "numbers first", "zeros", "punctuation first", "punctuation alone"],
)
def test_titles_stand_where_a_reader_looks_for_them(titles: list[str]) -> None:
    assert alphabetical(reversed(titles)) == titles


@given(st.lists(st.text(max_size=6), max_size=6))
def test_the_order_in_which_labels_come_changes_nothing(labels: list[str]) -> None:
    assert [*map(collation_key, alphabetical(labels))] == [*map(collation_key, alphabetical(reversed(labels)))]


def test_composed_and_decomposed_accents_are_one() -> None:
    assert collation_key("E\u0301té") == collation_key("Été")
