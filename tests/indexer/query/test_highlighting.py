"""Highlighting of whole texts: words of the query are marked everywhere, by the rules of snippets."""

from __future__ import annotations

from itertools import pairwise

import pytest

from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.query.fields import TextField
from indexer.query.highlighting import find_highlights
from indexer.query.planner import Planner

PLANNER = Planner(default_analyzer(), Synonyms.load(SYNONYMS_FILE, default_analyzer()))
BODY = (
    "Les élu·e·s du territoire votent.\n\nLa commande publique et les coopératives : "
    "l’économie sociale et solidaire (ESS) s’y retrouve. Une commande est publique."
)


def marked(query: str, text: str = BODY, field: TextField = TextField.BODY) -> list[str]:
    (marks,) = find_highlights(query, [(field, text)], PLANNER)
    assert all(a.end <= b.start for a, b in pairwise(marks))
    return [text[mark.start : mark.end] for mark in marks]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", []),
        ("élue", ["élu·e·s"]),
        ("cooperative", ["coopératives"]),
        ("coop*", ["coopératives"]),
        ('"commande publique"', ["commande", "publique"]),
        ("publique", ["publique", "publique"]),
        ("ESS", ["économie", "sociale", "solidaire", "ESS"]),
        ("territoire SAUF commande", ["territoire"]),
        ("titre:territoire", []),
        ("annee:2020..2024", []),
        ("commande OU territoire", ["territoire", "commande", "commande"]),
        ("comm* commande", ["commande", "commande"]),
        ("territoire-publique", ["territoire", "publique", "publique"]),
    ],
)
def test_marks(query: str, words: list[str]) -> None:
    assert marked(query) == words


def test_a_field_is_marked_where_it_was_asked() -> None:
    assert marked("titre:guide", "Le guide", TextField.TITLE) == ["guide"]
    assert marked("guide", "Le guide", TextField.SUMMARY) == ["guide"]


def test_each_text_has_its_own_marks() -> None:
    texts = [(TextField.SUMMARY, "Un guide."), (TextField.BODY, "Rien ici.")]
    first, second = find_highlights("guide", texts, PLANNER)
    assert len(first) == 1
    assert second == ()
