from __future__ import annotations

import pytest

from indexer.analysis.stopwords import STOP_WORDS, is_stop_word


@pytest.mark.parametrize("word", "le la les des à où sont aux lorsque celui".split())
def test_grammar(word):
    assert is_stop_word(word)


@pytest.mark.parametrize("word", "été sûr mer état nom loi or est-ce".split())
def test_words_worth_a_search(word):
    assert not is_stop_word(word)


def test_the_list_is_modest():
    assert len(STOP_WORDS) < 230
