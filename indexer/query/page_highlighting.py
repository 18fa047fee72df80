"""Highlighting in pages of publications: where a query's words stand on a page, and passages that show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexer.analysis import Token
from indexer.document.pages import MAYBE_HYPHEN, Page, Span
from indexer.query.fields import PAGE_GAP, TextField
from indexer.query.highlighting import highlights_in, positive_leaves
from indexer.query.page_tokens import PageTokens, split_tokens
from indexer.query.plan import Plan
from indexer.query.planner import Planner
from indexer.query.request import Piece
from indexer.query.snippets import Highlight, HighlightedText, best_snippet

Split = Callable[[Page], PageTokens]
"""A function that returns the tokens of a page, those of its body apart from those of running headers and footers."""


def highlight(
    page: Page, query: str, planner: Planner, *, before: Page | None = None, after: Page | None = None
) -> tuple[Highlight, ...]:
    """Return the highlights of a query in the text of a page.

    If the query as typed highlights nothing, the parts of its compound words are highlighted, as for a relaxed query.

    Args:
        page: the page.
        query: as typed, or as corrected if the correction was answered.
        planner: analyses the query, with the synonyms that the engine used.
        before: the page before it in its publication, so that phrases may cross pages.
        after: the page after it.

    Returns:
        Its highlights, ascending, without overlaps; offsets refer to the text of the page.
    """
    tokens = _tokens_around(page, lambda each: split_tokens(each, planner.analyzer), before, after)
    planned = planner.read(query).planned
    for plan in (planned.strict, planned.loosest):
        if plan is not None:
            inside = _inside(page, plan, tokens)
            if inside:
                return inside
    return ()


def highlight_plan(
    page: Page, plan: Plan, split: Split, *, before: Page | None = None, after: Page | None = None
) -> tuple[Highlight, ...]:
    """Return the highlights of a plan (an analysed query) in the text of a page, ascending, without overlaps; `split`
    returns the tokens of a page, `before` and `after` are its neighbours, so that phrases may cross pages.
    """
    return _inside(page, plan, _tokens_around(page, split, before, after))


def _tokens_around(page: Page, split: Split, before: Page | None, after: Page | None) -> list[Token]:
    # Phrases may cross from body to body, so the neighbours' tokens are added, with offsets outside of this page.
    tokens: list[Token] = []
    for each, shift in ((before, -len(before.text) if before else 0), (page, 0), (after, len(page.text))):
        if each is not None:
            tokens += _moved(split(each).body, len(tokens), shift)
    return tokens + _moved(split(page).running, len(tokens) + PAGE_GAP, 0)


def _inside(page: Page, plan: Plan, tokens: Sequence[Token]) -> tuple[Highlight, ...]:
    found = highlights_in(list(positive_leaves(plan)), TextField.PUBLICATION, tokens)
    return tuple(one for one in found if one.start >= 0 and one.end <= len(page.text))


def _moved(tokens: Sequence[Token], position: int, shift: int) -> list[Token]:
    """Return tokens with positions counted from `position`, and with offsets moved by `shift` characters."""
    return [Token(word, position + at, start + shift, end + shift) for at, (word, _, start, end) in enumerate(tokens)]


def shown(text: str) -> str:
    """Return a text of a page, or a part of it, as people see it: with a plain hyphen for each doubtful one."""
    return text.replace(MAYBE_HYPHEN, "-")


def page_snippet(page: Page, highlights: Sequence[Highlight]) -> tuple[Piece, ...]:
    """Return the best passage of a page; running headers, footers and page numbers are never part of it.

    Args:
        page: the page.
        highlights: the highlights in its text, ascending, without overlaps.
    """
    return body_snippet(page.text, page.body, highlights)


def body_snippet(text: str, body: Sequence[Span], highlights: Sequence[Highlight]) -> tuple[Piece, ...]:
    """Return the best passage of the body of a page.

    Args:
        text: the text of the page.
        body: the parts of it that may make a passage.
        highlights: the highlights in the text, ascending, without overlaps.
    """
    marked = []
    place, count = 0, len(highlights)
    for start, end in body:
        inside = []
        while place < count and highlights[place].start < end:
            first, last, group = highlights[place]
            if start <= first and last <= end:
                inside.append(Highlight(first - start, last - start, group))
            place += 1
        marked.append(HighlightedText(text[start:end], tuple(inside)))
    pieces = best_snippet(marked)
    if any(MAYBE_HYPHEN in piece.text for piece in pieces):
        return tuple(Piece(shown(piece.text), piece.matched) for piece in pieces)
    return pieces
