"""Words that sound the same have the same key, other words have different keys."""

from __future__ import annotations

import pytest

from indexer.analysis.folding import fold
from indexer.analysis.phonetics import sound


@pytest.mark.parametrize(
    "words",
    [
        "publique publike publiques public publics publick",
        "économie ekonomie ekonomi économies",
        "sociale sosial sossial",
        "association asosiation assossiasion",
        "philosophie filosofie filosophi",
        "quartier kartier cartier kartié",
        "marcher marché marchés marchez",
        "financement finansement financemant",
        "gestion jestion gestiom",
        "habitant abitan habitants",
        "numérique numerik",
        "restauration restoration",
        "apprentissage aprentisage",
        "emploi anploi enplois",
        "château chato chatau",
        "chrétien krétien",
        "œuvre euvre",
        "théâtre téatre",
    ],
)
def test_one_sound(words: str) -> None:
    heard = {word: sound(fold(word)) for word in words.split()}
    assert len(set(heard.values())) == 1, heard


@pytest.mark.parametrize(
    ("one", "other"),
    [("publique", "publié"), ("commande", "commune"), ("gare", "jarre"), ("chose", "cause"), ("pain", "pan"),
     ("canne", "camp"), ("ville", "ferme"), ("coût", "goût"), ("ami", "amont")],
)  # fmt: skip
def test_other_sounds(one: str, other: str) -> None:
    assert sound(fold(one)) != sound(fold(other))


@pytest.mark.parametrize("word", ["", "a", "e", "es", "h", "été", "s" * 10_000, "1901"])
def test_any_word_has_a_key(word: str) -> None:
    assert isinstance(sound(fold(word)), str)
