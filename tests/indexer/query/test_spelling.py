"""Spelling corrections, by edit distance, frequency and pronunciation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from indexer.analysis import Analyzer, Word, default_analyzer, fold
from indexer.query.relaxation import MAX_RESPELLED, respelled
from indexer.query.spelling import Form, Speller, lexicon_of

FORMS = {
    "publique": 20, "publié": 60, "public": 40, "publics": 10, "commande": 30, "commune": 80, "économie": 50,
    "économies": 20, "philosophie": 2, "photographie": 3, "quartier": 9, "quartiers": 9, "cartes": 40, "syndicat": 4,
    "financement": 20, "collective": 9, "territoire": 30, "numérique": 12, "emploi": 40, "association": 30,
    "la": 90, "ess": 40, "bus": 40, "ouvre": 9, "ouvrir": 9, "associations": 9,
}  # fmt: skip
SPELLER = Speller(lexicon_of(Form(fold(word), word, count, int(word == "ess")) for word, count in FORMS.items()))


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return default_analyzer()


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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("commandepublique", "commande publique"),
        ("financementcollective", "financement collective"),
        ("lacommune", "la commune"),
        ("essterritoire", "ess territoire"),  # three letters that are a word of a title
        ("busterritoire", None),
        ("laquelquartier", None),
        ("quartierx", "quartiers"),  # an edit is likelier than a missing space
    ],
)
def test_a_space_left_out(typed: str, meant: str | None) -> None:
    assert SPELLER.correct(typed) == meant


def test_short_forms_are_parts_but_no_corrections() -> None:
    assert SPELLER.known("ess") is not None
    assert SPELLER.correct("esss") is None


def test_what_sounds_the_same_is_not_looked_for_at_any_distance() -> None:
    far = Speller(lexicon_of([Form("eauxeauxeaux", "eauxeauxeaux", 9, 9)]))
    assert far.correct("ososo") is None


def test_a_generation_without_sounds_still_corrects() -> None:
    lexicon = lexicon_of([Form("publique", "publique", 20, 0), Form("commande", "commande", 20, 0)])
    old = Speller(replace(lexicon, sounds=np.empty(0, dtype=np.uint32)))
    assert old.correct("comande") == "commande"
    assert old.correct("publike") is None


def holding(word: Word) -> int:
    return 9 if word.exact == "ouvr" else next((count for form, count in FORMS.items() if fold(form) == word.exact), 0)


def listed(word: Word) -> bool:
    return word.exact == "anru"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("collec tive", "collective"),
        ("une asso ciation", "une association"),
        ("la comm une du terri toire", "la commune du territoire"),
        ("commandepublique et emploi", "commande publique et emploi"),
        ("numerik comande", "numérique commande"),
        ("ouvr ir", "ouvrir"),
        # Right words
        ("commande publique", None),
        ("economie du territoire", None),
        ("anru", None),
        ("comand* publique", None),
        ("sur la commune", None),
        ("association s", None),
        # Signs, or a line, between two words: they are no pieces of one
        ("collec-tive", None),
        ("asso, ciation", None),
    ],
)
def test_queries(typed: str, meant: str | None, analyzer: Analyzer) -> None:
    assert respelled(typed, analyzer, SPELLER, holding, listed) == meant


def test_a_word_that_a_resource_holds_is_never_doubted(analyzer: Analyzer) -> None:
    assert respelled("publike", analyzer, SPELLER, lambda word: 0, listed) == "publique"
    assert respelled("publike", analyzer, SPELLER, lambda word: 1, listed) is None


def test_a_query_of_unknown_words_is_left_alone(analyzer: Analyzer) -> None:
    assert respelled(" ".join(["comande"] * (MAX_RESPELLED + 1)), analyzer, SPELLER, lambda word: 0, listed) is None
