"""Formatting of stored text for pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.resource import YearSource
from search_app import messages
from search_app.web import text as texts
from search_app.web.text import TextBlock
from tests.support.demo_resources import demo_resources


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ()),
        ("", ()),
        ("Un.\n\nDeux.", (TextBlock(("Un.",)), TextBlock(("Deux.",)))),
        ("Un,\nsuite.\n \nDeux.", (TextBlock(("Un,", "suite.")), TextBlock(("Deux.",)))),
        ("Un,\nUn,\nUn.", (TextBlock(("Un,", "Un,", "Un.")),)),
        ("• a\n\n• b", (TextBlock(("a", "b"), bullets=True),)),
        ("Voici :\n• a\n• b\nfin", (TextBlock(("Voici :",)), TextBlock(("a", "b"), bullets=True), TextBlock(("fin",)))),
        ("•sans espace", (TextBlock(("•sans espace",)),)),
    ],
)
def test_blocks(text: str | None, expected: tuple[TextBlock, ...]) -> None:
    assert texts.blocks(text) == expected


@given(st.text(alphabet="a •\n", max_size=40))
def test_blocks_lose_no_letter(text: str) -> None:
    shown = "".join(line for block in texts.blocks(text) for line in block.lines)
    assert shown.count("a") == text.count("a")


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2024-02-16", "16\u00a0février 2024"),
        ("2019-08-01", "1er\u00a0août 2019"),
        ("2021-11", "novembre 2021"),
        ("2019", "2019"),
        ("2019-13", "2019-13"),
        ("pas-une-date", "pas-une-date"),
        ("", ""),
    ],
)
def test_date_in_words(date: str, words: str) -> None:
    assert texts.date_in_words(date) == words


@pytest.mark.parametrize(
    ("year", "source", "words"),
    [
        (2023, YearSource.TEXT, "2023, d’après le texte"),
        (2023, YearSource.TITLE, "2023, d’après le titre"),
        (2023, YearSource.PAGE, "2023, d’après la page"),
        (2023, YearSource.STAFF, "2023, corrigée par l’équipe"),
        (2023, None, "2023"),
        (None, None, "Sans année"),
    ],
)
def test_year_in_words(year: int | None, source: YearSource | None, words: str) -> None:
    assert texts.year_in_words(year, source) == words


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://exemple.fr/a?b=c#d", True),
        ("http://exemple.fr", True),
        ("HTTPS://exemple.fr", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" https://exemple.fr", False),
        ("https://exemple.fr/\x00", False),
        ("data:text/html,x", False),
        ("//exemple.fr", False),
        ("/relatif", False),
        ("https://", False),
        ("https://[", False),
        ("mailto:a@b.fr", False),
        ("", False),
        (None, False),
    ],
)
def test_http_url(address: str | None, kept: bool) -> None:
    assert texts.http_url(address) == (address if kept else None)


def test_numbers_and_documents() -> None:
    assert texts.number(1234567) == "1\u202f234\u202f567"
    assert texts.number(12) == "12"
    assert texts.host("https://www.exemple.fr/a") == "exemple.fr"
    assert texts.host("https://[") == ""
    assert texts.document_format("https://e.fr/a%20b.PDF?x=1") == "PDF"
    assert texts.document_format("https://e.fr/page.php") is None
    assert texts.document_format("https://e.fr/a") is None
    assert texts.document_format("https://[") is None


def test_lead_is_left_out_when_the_body_repeats_it() -> None:
    resource = replace(demo_resources()[0], body="Un  texte.\n\nSuite.", summary="Un texte.")
    assert texts.lead(resource) is None
    assert texts.lead(replace(resource, summary="Autre chose.")) == "Autre chose."
    assert texts.lead(replace(resource, body=None)) == "Un texte."
    assert texts.lead(replace(resource, summary=None)) is None


def test_typeset() -> None:
    assert messages.typeset("« Oui » : non ; quoi ?") == "«\u00a0Oui\u00a0»\u00a0: non\u202f; quoi\u202f?"
    assert messages.quoted("x" * 100) == "«\u00a0" + "x" * 59 + "…\u00a0»"
    assert messages.years_between(2000, None) == "depuis 2000"
    assert messages.years_between(None, 2000) == "jusqu’à 2000"
    assert messages.years_between(2000, 2010) == "de 2000 à 2010"
