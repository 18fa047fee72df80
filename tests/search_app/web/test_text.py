"""Formatting of stored text for pages."""

from __future__ import annotations

import pytest

from indexer.resource import YearSource
from search_app import messages
from search_app.web import text as texts


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2024-02-16", "16\u00a0février 2024"),
        ("2019-08-01", "1ᵉʳ\u00a0août 2019"),
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


def test_typeset() -> None:
    assert messages.typeset("« Oui » : non ; quoi ?") == "«\u00a0Oui\u00a0»\u00a0: non\u202f; quoi\u202f?"
    assert messages.quoted("x" * 100) == "«\u00a0" + "x" * 59 + "…\u00a0»"
    assert messages.years_between(2000, None) == "depuis 2000"
    assert messages.years_between(None, 2000) == "jusqu’à 2000"
    assert messages.years_between(2000, 2010) == "de 2000 à 2010"
