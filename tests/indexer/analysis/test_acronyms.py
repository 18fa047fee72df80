from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("ESS", ("ESS",)),
        ("S.C.I.C.", ("SCIC",)),
        ("s.c.i.c", ("SCIC",)),
        ("R&D", ("RD",)),
        ("PTCEs", ("PTCE",)),
        ("Scop", ("scop", "=scop")),
        ("LES", ("le",)),
        ("MEME", ("mem", "=meme")),
    ],
)
def test_terms(text, terms, analyzer):
    assert analyzer.tokens(text)[0].word.terms == terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("la MAIRE", "MAIRE"),
        ("LES MAIRES DE FRANCE", "mair"),
        ("ÉTUDE URBAINE", "etud"),
        ("RENCONTRES MAIRES", "mair"),
        ("le PAT\nDES VILLES", "PAT"),
    ],
)
def test_headings(text, words, analyzer):
    assert words in {term for token in analyzer.tokens(text) for term in token.word.terms}
