from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Économie", "economie"),
        ("e\u0301te\u0301", "ete"),
        ("ŒUVRE", "oeuvre"),
        ("Æthiopie", "aethiopie"),
        ("ﬁnance", "finance"),
        ("ça", "ca"),
        ("Straße", "strasse"),
        ("İzmir", "izmir"),
        ("10 €", "10 €"),
        ("50 % © ½", "50 % © 12"),
        ("l’été", "l'ete"),
        ("tiers‑lieu", "tiers-lieu"),
        ("20\u202f000", "20 000"),
        ("co\u00adopération", "cooperation"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
