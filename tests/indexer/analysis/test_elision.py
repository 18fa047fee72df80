from __future__ import annotations

import pytest


@pytest.mark.parametrize("apostrophe", "'’ʼ′")
@pytest.mark.parametrize("elided", "l d j m t s n c qu jusqu lorsqu puisqu quoiqu L D QU Jusqu".split())
def test_elided_words_go(elided, apostrophe, analyzer):
    assert [token.word.exact for token in analyzer.tokens(f"{elided}{apostrophe}avenir")] == ["avenir"]


@pytest.mark.parametrize("apostrophe", "'’ʼ′")
@pytest.mark.parametrize("word", ["aujourd'hui", "presqu'île", "prud'hommes", "quelqu'un", "entr'ouvert", "grand'mère"])
def test_whole_words_stay(word, apostrophe, analyzer):
    assert [token.word.exact for token in analyzer.tokens(word.replace("'", apostrophe).title())] == [word]


def test_elision_before_a_whole_word(analyzer):
    assert [token.word.exact for token in analyzer.tokens("d’aujourd’hui")] == ["aujourd'hui"]
