from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from indexer.analysis.analyzer import Analyzer, default_analyzer
from indexer.analysis.synonyms import SYNONYMS_FILE, Synonyms
from indexer.analysis.token import Token


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return default_analyzer()


@pytest.fixture(scope="session")
def synonyms(analyzer: Analyzer) -> Synonyms:
    return Synonyms.load(SYNONYMS_FILE, analyzer)


def _meet(asked: Token, text: Token) -> bool:
    return not set(asked.word.asked).isdisjoint(text.word.terms)


def _in_sequence(wanted: Sequence[Token], text: Sequence[Token]) -> bool:
    """Return whether the content words of `wanted` follow one another in a text, ignoring stop words between them."""
    words = [token for token in wanted if not token.word.stop] or list(wanted)
    held = [token for token in text if not token.word.stop] if len(words) < len(wanted) else list(text)
    held = held or list(text)
    return any(
        all(_meet(word, token) for word, token in zip(words, held[first : first + len(words)], strict=True))
        for first in range(len(held) - len(words) + 1)
    )


@pytest.fixture(scope="session")
def finds(analyzer: Analyzer, synonyms: Synonyms) -> Callable[[str, str], bool]:
    """Return a function of a text and a query: whether the text has every word of the query, or a synonym of it."""

    def found(text: str, query: str) -> bool:
        held, asked = analyzer.tokens(text), analyzer.tokens(query)
        needed = [not token.word.stop for token in asked]
        if not any(needed):
            needed = [True] * len(asked)
        replaced = set()
        for match in synonyms.matches(asked):
            if any(_in_sequence(alternative, held) for alternative in match.alternatives):
                replaced.update(range(match.first, match.last + 1))
        return bool(asked) and all(
            not need or index in replaced or any(_meet(asked[index], token) for token in held)
            for index, need in enumerate(needed)
        )

    return found
