"""The tokens of a page: words whose hyphen is doubtful are found with it and without."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.analysis import Analyzer, Token, Word
from indexer.document.pages import MAYBE_HYPHEN, Page
from indexer.query.fields import TextField
from indexer.query.highlighting import find_highlights
from indexer.query.planner import Planner
from indexer.query.snippets import Highlight

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


def _also(word: Word, joined: Word) -> Word:
    """Return a word that is also found by what finds another one."""
    return Word(
        terms=tuple(dict.fromkeys((*word.terms, *joined.terms))),
        asked=word.asked,
        exact=word.exact,
        forms=tuple(dict.fromkeys((*word.forms, *joined.forms))),
    )


def highlight(
    page: Page, query: str, planner: Planner, *, before: Page | None = None, after: Page | None = None
) -> tuple[Highlight, ...]:
    """Return the highlights of a query in a page."""
    found = find_highlights(query, ((TextField.BODY, page.text),), planner) if query.strip() else ()
    return found[0] if found else ()


def shown(text: str) -> str:
    """Return a text as people see it."""
    return text.replace(MAYBE_HYPHEN, "-")
