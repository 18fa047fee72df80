from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("co-construction", ["coconstruction"]),
        ("éco-quartiers", ["écoquartiers"]),
        ("micro entreprise", ["microentreprise"]),
        ("(ré)emploi", ["réemploi"]),
        ("co-président·e·s", ["coprésident"]),
        ("vice-présidente", ["vice", "présidente"]),
        ("tiers-lieux", ["tiers", "lieux"]),
        ("auto pour tous", ["auto", "pour", "tous"]),
        ("bio local", ["bio", "local"]),
    ],
)
def test_prefixes(text, words, analyzer):
    assert [token.word.exact for token in analyzer.tokens(text)] == words


def test_a_part_finds_the_whole_not_the_other_way(analyzer):
    (whole,) = analyzer.tokens("co-construction")
    (part,) = analyzer.tokens("construction")
    assert set(part.word.asked) & set(whole.word.terms)
    assert not set(whole.word.asked) & set(part.word.terms)
