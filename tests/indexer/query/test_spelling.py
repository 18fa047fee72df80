"""Spelling corrections, by edit distance, frequency and pronunciation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexer.analysis import fold
from indexer.query.spelling import Form, Speller, lexicon_of

FORMS = {
    "publique": 20, "publié": 60, "public": 40, "publics": 10, "commande": 30, "commune": 80, "économie": 50,
    "économies": 20, "philosophie": 2, "photographie": 3, "quartier": 9, "quartiers": 9, "cartes": 40, "syndicat": 4,
    "financement": 20, "collective": 9, "territoire": 30, "numérique": 12, "emploi": 40, "association": 30,
}  # fmt: skip
SPELLER = Speller(lexicon_of(Form(fold(word), word, count, 0) for word, count in FORMS.items()))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # Phonetic errors
        ("publike", "publique"), ("publick", "public"), ("ekonomie", "économie"), ("ekonomi", "économie"),
        ("filosofie", "philosophie"), ("fotografie", "photographie"), ("kartier", "quartier"), ("syndika", "syndicat"),
        ("finansemant", "financement"), ("koletive", None), ("kolective", "collective"), ("numerik", "numérique"),
        ("anploi", "emploi"), ("asosiasion", "association"),
        # Typing errors
        ("comande", "commande"), ("comune", "commune"), ("terrtoire", "territoire"), ("teritiore", "territoire"),
        # No similar word
        ("xylophone", None), ("zzzzz", None), ("kart", None),
    ],
)  # fmt: skip
def test_the_word_that_was_meant(typed: str, meant: str | None) -> None:
    assert SPELLER.correct(typed) == meant


def test_a_word_that_resources_hold_is_hardly_doubted() -> None:
    assert SPELLER.correct("publike", holding=1) == "publique"
    assert SPELLER.correct("publike", holding=2) == "publié"  # three times as frequent
    assert SPELLER.correct("publike", holding=5) is None


def test_what_sounds_the_same_is_not_looked_for_at_any_distance() -> None:
    far = Speller(lexicon_of([Form("eauxeauxeaux", "eauxeauxeaux", 9, 9)]))
    assert far.correct("ososo") is None


def test_a_generation_without_sounds_still_corrects() -> None:
    lexicon = lexicon_of([Form("publique", "publique", 20, 0), Form("commande", "commande", 20, 0)])
    old = Speller(replace(lexicon, sounds=np.empty(0, dtype=np.uint32)))
    assert old.correct("comande") == "commande"
    assert old.correct("publike") is None
