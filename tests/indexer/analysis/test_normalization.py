from __future__ import annotations

import pytest

from indexer.analysis.normalization import MIDDLE_DOTS, clean


@pytest.mark.parametrize(
    ("piece", "cleaned"),
    [
        ("plain", "plain"),
        ("e\u0301lu", "élu"),
        ("finan\u00adcement", "financement"),
        ("co\u200bopérer", "coopérer"),
        ("ﬁﬂ", "fifl"),
        ("’", "'"),
        ("\u2011", "-"),
        (MIDDLE_DOTS, "·" * len(MIDDLE_DOTS)),
    ],
)
def test_clean(piece, cleaned):
    assert clean(piece) == cleaned


def test_all_middle_dots_are_there():
    assert {0xB7, 0x2022, 0x2027, 0x22C5, 0x387, 0x16EB, 0x2E31, 0x30FB, 0xFF65} <= {ord(dot) for dot in MIDDLE_DOTS}
