"""Pages of publications: which words of a query are highlighted, and which passage is shown in results."""

from __future__ import annotations

import pytest

from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.document.pages import Page
from indexer.publications import MEDIA_TYPES
from indexer.query import FORMATS, Planner
from indexer.query.page_highlighting import highlight, page_snippet, shown
from indexer.query.page_tokens import split_tokens
from tests.support.published import paged

BEFORE = paged("= Guide 4\nLe conseil demande une", 4)
PAGE = paged(
    "= Guide 5\nassociation foncière, puis un arrière-\u00adplan et un jardin\n= Page 5\npartagé du quartier", 5
)
AFTER = paged("= Guide 6\nprioritaire. Fin.", 6)


@pytest.fixture(scope="module")
def planner() -> Planner:
    return Planner(default_analyzer(), Synonyms.load(SYNONYMS_FILE, default_analyzer()))


def marked(query: str, planner: Planner, page: Page = PAGE, **around: Page) -> list[str]:
    return [page.text[start:end] for start, end, _ in highlight(page, query, planner, **around)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("foncier", ["foncière"]),
        ("publication:foncière", ["foncière"]),
        ("texte:foncière", []),
        ("guide", ["Guide"]),  # a running line is found too
        ("arrière-plan", ["arrière", "plan"]),
        ("arrièreplan", ["arrière", "plan"]),
        ("jard*", ["jardin"]),
        ('"un jardin partagé"', ["un", "jardin", "partagé"]),  # over a running line in the middle of the page
        ('"une association"', []),
        ("jardin -quartier", ["jardin"]),
        ("foncière-quartier", ["foncière", "quartier"]),
        ("introuvable", []),
    ],
)
def test_highlights(query: str, words: list[str], planner: Planner) -> None:
    assert marked(query, planner) == words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('"une association foncière"', ["association", "foncière"]),
        ('"quartier prioritaire"', ["quartier"]),
        ('"guide association"', []),
        ("conseil", []),
        ("guide", ["Guide"]),
    ],
)
def test_phrases_cross_pages(query: str, words: list[str], planner: Planner) -> None:
    assert marked(query, planner, before=BEFORE, after=AFTER) == words


def test_a_passage_is_of_the_body(planner: Planner) -> None:
    pieces = page_snippet(PAGE, highlight(PAGE, "guide OU jardin OU plan", planner))
    assert "".join(piece.text for piece in pieces) == "association foncière, puis un arrière-plan et un jardin"
    assert [piece.text for piece in pieces if piece.matched] == ["plan", "jardin"]
    assert page_snippet(paged("= Guide"), ()) == ()


def test_a_doubtful_hyphen_is_shown_as_one() -> None:
    assert shown("arrière-\u00adplan, contre-jour") == "arrière-plan, contre-jour"


def test_body_and_running_lines_are_apart() -> None:
    body, running = split_tokens(PAGE, default_analyzer())
    assert [PAGE.text[token.start : token.end] for token in running] == ["Guide", "5", "Page", "5"]
    assert [PAGE.text[token.start : token.end] for token in body][-3:] == ["partagé", "du", "quartier"]
    assert split_tokens(paged("Un texte"), default_analyzer()).running == []


def test_formats_are_those_that_are_read() -> None:
    assert set(FORMATS.values()) == MEDIA_TYPES
