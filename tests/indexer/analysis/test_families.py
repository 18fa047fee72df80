"""Words that share a stem but differ in meaning do not find each other; words of one meaning do.

`families.tsv` holds pairs of common words of the domain and a judgement: 1 where a person who searches one of them
would be glad to find the other. Words that differ by an accent alone ("presse", "pressé") cannot be kept apart, since
accents may be left out.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from pathlib import Path

import pytest

from indexer.analysis.families import APART
from indexer.analysis.folding import fold

PAIRS = [line.split("\t") for line in Path(__file__).with_name("families.tsv").read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_judgements():
    assert len(PAIRS) >= 300
    assert len({frozenset(pair[:2]) for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize(("one", "other", "same"), PAIRS)
def test_pairs(one, other, same, analyzer):
    for text, query in ((one, other), (other, one)):
        held, asked = analyzer.tokens(text)[0].word, analyzer.tokens(query)[0].word
        assert bool(set(held.terms) & set(asked.asked)) == (same == "1"), (text, query)


def test_only_listed_words_lose_a_word_of_their_stem(shared, analyzer):
    rows = [line.split("\t") for line in (shared / "french" / "stems.tsv").read_text(encoding="utf-8").splitlines()]
    families = defaultdict(list)
    for word, stem in rows:
        families[stem].append(word)

    def content(word):
        return next(
            token.word for token in analyzer.tokens(word) if not token.word.stop or len(analyzer.tokens(word)) < 2
        )

    words = {word: content(word) for word, _ in rows}
    apart = 0
    for family in families.values():
        for text, query in permutations(family, 2):
            if set(words[text].terms).isdisjoint(words[query].asked):
                apart += not {fold(words[text].exact), fold(words[query].exact)} & APART.keys()
    assert apart <= 102  # of 44,752 pairs, as many as before words were listed
