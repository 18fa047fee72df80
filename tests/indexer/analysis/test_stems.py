"""Stems of the shared word list: the same with and without accents, and the same for words of one family."""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import permutations

import pytest

from indexer.analysis.families import APART
from indexer.analysis.folding import fold


@pytest.fixture(scope="module")
def words(shared):
    return [line.split("\t") for line in (shared / "french" / "stems.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def meets(analyzer):
    def found(text, query):
        held = {term for token in analyzer.tokens(text) for term in token.word.terms}
        asked = analyzer.tokens(query)
        return bool(asked) and all(held & set(token.word.asked) for token in asked)

    return found


@pytest.mark.parametrize(
    "spelling", [fold, str.upper, lambda word: fold(word).upper(), str.title], ids=["folded", "upper", "bare", "title"]
)
def test_every_word_is_found_however_it_is_typed(words, meets, spelling):
    missing = [word for word, _ in words if not (meets(word, spelling(word)) and meets(spelling(word), word))]
    assert missing == []


@pytest.fixture(scope="module")
def pairs(words):
    """All pairs of words with the same stem, without those that are listed as exceptions (`APART`)."""
    families = defaultdict(list)
    for word, stem in words:
        if fold(word.rpartition("'")[2]) not in APART:
            families[stem].append(word)
    return [pair for family in families.values() for pair in permutations(family, 2)]


def test_words_of_one_stem_find_each_other(pairs, meets):
    sample = random.Random(2).sample(pairs, 10_000)
    assert sum(meets(*pair) for pair in sample) >= 0.98 * len(sample)


def test_words_of_one_stem_find_each_other_without_accents(pairs, meets):
    sample = random.Random(3).sample(pairs, 10_000)
    assert sum(meets(text, fold(query)) for text, query in sample) >= 0.97 * len(sample)


def test_plurals_are_found(words, meets):
    singulars = [word for word, _ in words if len(word) > 3 and word[-1] not in "sxz'"]
    missing = [word for word in singulars if not (meets(word, word + "s") and meets(word + "s", word))]
    assert len(missing) <= len(singulars) * 0.001, missing
