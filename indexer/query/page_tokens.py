"""The tokens of a page: words whose hyphen is doubtful are found with it and without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from indexer.analysis import Analyzer, Token, Word
from indexer.document.pages import MAYBE_HYPHEN, Page, Span

_DOUBTFUL = re.compile(rf"[^\W\d_]+{re.escape(MAYBE_HYPHEN)}[^\W\d_]+")


def tokens_of(page: Page, analyzer: Analyzer) -> Sequence[Token]:
    """Analyse a page.

    « arrière-plan » with `MAYBE_HYPHEN` gives the two tokens of « arrière-plan », each of them also indexed under the
    terms of « arrièreplan »: so each reading is found, alone and in a phrase with the words around it.

    Returns:
        Tokens in order, as of `Analyzer.tokens`; offsets refer to the text of the page.
    """
    tokens = analyzer.tokens(page.text)
    if MAYBE_HYPHEN not in page.text:
        return tokens
    places = {token.start: number for number, token in enumerate(tokens)}
    ends = {token.end: number for number, token in enumerate(tokens)}
    for match in _DOUBTFUL.finditer(page.text):
        joined = analyzer.tokens(match[0].replace(MAYBE_HYPHEN, ""))
        first = ends.get(match.start() + match[0].index(MAYBE_HYPHEN))
        last = places.get(match.end() - len(match[0].partition(MAYBE_HYPHEN)[2]))
        if len(joined) == 1 and first is not None and last is not None:
            for number in (first, last):
                tokens[number] = tokens[number]._replace(word=_also(tokens[number].word, joined[0].word))
    return tokens


class PageTokens(NamedTuple):
    """The tokens of a page, apart: those of its body, which phrases may follow from page to page, and those of its
    running headers and footers.
    """

    body: list[Token]
    running: list[Token]


def split_tokens(page: Page, analyzer: Analyzer) -> PageTokens:
    """Analyse a page, its body and its running lines apart."""
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
    """Return a word that is also found by what finds another one."""
    return Word(
        terms=tuple(dict.fromkeys((*word.terms, *joined.terms))),
        asked=word.asked,
        exact=word.exact,
        forms=tuple(dict.fromkeys((*word.forms, *joined.forms))),
    )
