"""Which territories texts name: on labelled passages, and one rule at a time."""

from __future__ import annotations

import pytest

from bench.territories import passages, score
from indexer.territories import gazetteer, recogniser, territories_of
from tests.support.places import SHARED


@pytest.mark.parametrize("name", ["passages.tsv", "fresh.tsv"])
def test_precision_comes_first_and_recall_stays(name: str) -> None:
    labelled = passages(name)
    if not labelled:
        pytest.skip(f"these passages are of {SHARED}, which is not here")
    found = score(labelled)
    assert found.precision >= 0.95, found.wrong
    assert found.recall >= 0.85, found.wrong


def named(text: str) -> list[str]:
    return [gazetteer().name(mention.code) for mention in recogniser().mentions(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Une réunion à Quimper.", ["Quimper"]),
        ("Le plan de la ville.", []),
        ("Le Plan d’action est adopté.", []),
        ("La commune de Plan, en Isère, y participe.", ["Plan", "Isère"]),
        ("Vienne que pourra.", []),
        ("La convention de Vienne s’applique.", []),
        ("La ville de Vienne (38) s’engage.", ["Vienne"]),
        ("Le département de la Vienne s’engage.", ["Vienne"]),
        ("On se baigne dans les eaux de la Loire.", []),
        ("Le département de la Loire s’engage.", ["Loire"]),
        ("Un lot de dix chaises, un Lot à part.", []),
        ("Dans le Lot, trois fermes.", ["Lot"]),
        ("Marc Valence et Nancy Martin en parlent.", []),
        ("La rue de Rennes est fermée.", []),
        ("Rennes Métropole et la ville de Rennes.", ["Rennes Métropole", "Rennes"]),
        ("La communauté d’agglomération du Grand Dole.", ["Communauté d’agglomération du Grand Dole"]),
        ("35000 Rennes", ["Rennes"]),
        ("Il vient du Mans, puis va au Havre.", ["Le Mans", "Le Havre"]),
        ("A Saint-Denis et à Montreuil (93).", ["Saint-Denis", "Montreuil"]),
        ("ILE-DE-FRANCE", ["Île-de-France"]),
        ("en Ile-de-France", ["Île-de-France"]),
        ("L’Union européenne, l’Union des villes.", []),
        ("La réunion a lieu demain.", []),
        ("À La Réunion, demain.", ["La Réunion"]),
        ("Le maire de Nantes-en-Ratier.", ["Nantes-en-Ratier"]),
        ("Toulouse, Albi et Castres.", ["Toulouse", "Albi", "Castres"]),
        ("Nord-Pas-de-Calais", ["Hauts-de-France"]),
        ("\x00\ud800" + "Rennes" * 3, []),
        ("", []),
    ],
)
def test_a_name_needs_its_context(text: str, names: list[str]) -> None:
    assert named(text) == names


def test_a_commune_of_several_of_one_name_is_the_one_of_the_area() -> None:
    assert "62498" in territories_of("Lens", "Dans le Pas-de-Calais, la ville de Lens.", None, recogniser())
    first = recogniser().mentions("À Saint-Denis, une école.")
    assert not first, "neither is clearly meant"
    assert [one.code for one in recogniser().mentions("À Saint-Denis, une école.", {"D93"})] == ["93066"]


def test_a_passing_mention_in_the_body_is_no_territory_of_the_resource() -> None:
    passing, twice = "On y vient de Quimper.", "On y vient de Quimper. À Quimper, on en parle."
    assert territories_of("Un bilan", None, passing, recogniser()) == ()
    assert territories_of("Un bilan", None, twice, recogniser()) == ("29232",)
    assert territories_of("Un bilan à Quimper", None, None, recogniser()) == ("29232",)


def test_a_list_of_the_whole_country_in_the_body_says_nothing() -> None:
    every = [one.name for one in gazetteer() if one.code[0] == "D"]
    body = ", ".join(f"le département {name}" for name in every)
    assert territories_of("En Bretagne", None, body, recogniser()) == ("R53",)
