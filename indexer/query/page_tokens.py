"""The tokens of a page: words whose hyphen is doubtful are found with it and without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexer.analysis import Analyzer, Token, Word
from indexer.document.pages import MAYBE_HYPHEN, Page, Span

_DOUBTFUL = re.compile(rf"[^\W\d_]+{re.escape(MAYBE_HYPHEN)}[^\W\d_]+")


def tokens_of(page: Page, analyzer: Analyzer) -> Sequence[Token]:
    """Analyse a page.

    Where a line ended with a hyphen that may belong to the word or not (`MAYBE_HYPHEN`), both readings are found, alone
    and in a phrase with the words around: « arrière-plan » gives its two tokens, each of them also under the terms of
    « arrièreplan ».

    Returns:
        Tokens in the order of the text; offsets refer to the text of the page.
    """
    tokens = analyzer.tokens(page.text)
    if MAYBE_HYPHEN not in page.text:
        return tokens
    places = {token.start: number for number, token in enumerate(tokens)}
    ends = {token.end: number for number, token in enumerate(tokens)}
    for doubt in doubtful_words(page.text):
        joined = analyzer.tokens(doubt.joined)
        first, last = ends.get(doubt.end_of_first), places.get(doubt.start_of_last)
        if len(joined) == 1 and first is not None and last is not None:
            for number in (first, last):
                tokens[number] = tokens[number]._replace(word=_also(tokens[number].word, joined[0].word))
    return tokens


class DoubtfulWord(NamedTuple):
    """Two words with a hyphen between them that may belong to the word or not.

    Attributes:
        joined: the two words as one.
        end_of_first: offset just past the first one.
        start_of_last: offset of the second one.
    """

    joined: str
    end_of_first: int
    start_of_last: int


def doubtful_words(text: str) -> Iterator[DoubtfulWord]:
    """Yield the words of a page whose hyphen is doubtful."""
    for match in _DOUBTFUL.finditer(text):
        first, _, last = match[0].partition(MAYBE_HYPHEN)
        yield DoubtfulWord(first + last, match.start() + len(first), match.end() - len(last))


class PageTokens(NamedTuple):
    """The tokens of a page in two parts: those of its body, where phrases may continue from page to page, and those of
    its running headers and footers.
    """

    body: list[Token]
    running: list[Token]


def split_tokens(page: Page, analyzer: Analyzer) -> PageTokens:
    """Analyse a page, and separate the tokens of its body from those of its running headers and footers."""
    tokens = list(tokens_of(page, analyzer))
    if not page.running:
        return PageTokens(tokens, [])
    apart = PageTokens([], [])
    spans = [*page.running, Span(len(page.text), len(page.text))]
    place = 0
    for token in tokens:
        while spans[place].end <= token.start and place < len(page.running):
            place += 1
        (apart.running if spans[place].start <= token.start else apart.body).append(token)
    return apart


def _also(word: Word, joined: Word) -> Word:
    """Return `word` as a word that queries for `joined` find too."""
    return Word(
        terms=tuple(dict.fromkeys((*word.terms, *joined.terms))),
        asked=word.asked,
        exact=word.exact,
        forms=tuple(dict.fromkeys((*word.forms, *joined.forms))),
    )
