from __future__ import annotations

import unicodedata

import pytest

from indexer.errors import NoResourceError, PageError
from indexer.parsing.export import parse_export

EXPORT = """Réseau des collectivités Territoriales pour une Économie Solidaire

Épicerie du canal

L’épicerie ouvre le 3 mai 2021.

• deux salariées

Catégorie
Alimentation
Quartiers, politique de la ville
Type de ressource
Guide
Ressource privée
Non
Résumé

L’épicerie ouvre le 3 mai 2021.

Quelques liens :
\u0020
Garage solidaire 2020

Type de ressource
Autres
Ressource privée
Oui
Résumé

Réparer ensemble, à bas prix.

Recyclerie

Trier, réparer, vendre.

Résumé

Un atelier par semaine.

Type de ressource
Guide
Ressource privée
Non
Résumé

Trier, réparer, vendre.
"""


def rows(raw):
    return [(node.title, node.body, node.summary) for node in parse_export(raw).nodes]


EXPECTED = [
    (
        "Épicerie du canal",
        "L’épicerie ouvre le 3 mai 2021.\n\n• deux salariées",
        "L’épicerie ouvre le 3 mai 2021.\n\nQuelques liens :",
    ),
    ("Garage solidaire 2020", None, "Réparer ensemble, à bas prix."),
    ("Recyclerie", "Trier, réparer, vendre.\n\nRésumé\n\nUn atelier par semaine.", "Trier, réparer, vendre."),
]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(EXPORT.encode(), id="as written"),
        pytest.param(EXPORT.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(EXPORT.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(unicodedata.normalize("NFD", EXPORT).encode(), id="decomposed"),
        pytest.param(EXPORT.encode("cp1252"), id="Windows-1252"),
        pytest.param(EXPORT.encode("utf-16"), id="UTF-16"),
        pytest.param("\n".join(line for line in EXPORT.split("\n") if line.strip()).encode(), id="no blank line"),
        pytest.param(EXPORT.replace("\n", "\n\n").encode(), id="blank lines everywhere"),
        pytest.param(EXPORT.replace("Ressource privée", "RESSOURCE PRIVEE :").encode(), id="labels in capitals"),
    ],
)
def test_splitting(raw):
    assert rows(raw) == EXPECTED


def test_fields():
    first, second, third = parse_export(EXPORT.encode()).nodes
    assert first.themes == ("Alimentation", "Quartiers, politique de la ville")
    assert [node.type for node in (first, second, third)] == ["Guide", "Autres", "Guide"]
    assert [node.private for node in (first, second, third)] == [False, True, False]
    assert (first.date, first.year_source) == ("2021-05-03", "text")
    assert (second.date, second.year_source) == ("2020", "title")
    assert third.date is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "T\nCorps.\nType de ressource\nGuide\nRessource privée\nNon\nRésumé\nCorps.",
            ("T", "Corps.", "Corps."),
            id="one",
        ),
        pytest.param("T\nType de ressource\nGuide\nRessource privée\nNon", ("T", None, None), id="no summary"),
        pytest.param(
            "T\nCorps.\nSuite.\nType de ressource\nGuide\nRessource privée\nNon\nRésumé\nAutre.",
            ("T", "Corps.\n\nSuite.", "Autre."),
            id="a summary of its own words",
        ),
        pytest.param(
            "T\nPublié le 3 mai 2021\nCorps.\nType de ressource\nGuide\nRessource privée\nNon",
            ("T", "Corps.", None),
            id="publication line",
        ),
    ],
)
def test_a_single_resource(text, expected):
    assert rows(text.encode()) == [expected]


def test_a_missing_privacy_is_private_with_a_warning():
    (node,) = parse_export(b"T\nType de ressource\nGuide\nR\xc3\xa9sum\xc3\xa9\nx").nodes
    assert node.private is True
    assert node.warnings


@pytest.mark.parametrize("raw", [b"", b"Bonjour", "Résumé\nCatégorie\n".encode(), b"\x00\x01\x02\x03" * 20])
def test_what_is_no_export_is_refused(raw):
    with pytest.raises(PageError):
        parse_export(raw)


@pytest.mark.parametrize("value", ["Oui", "", "Peut-être", "N\u043en"])
def test_what_stands_after_a_private_summary_is_no_visitors(value):
    secret = "Un texte zorglubien."
    raw = (
        f"Guide\n\nUn guide public.\n\nType de ressource\nAutres\nRessource privée\nNon\nRésumé\n\nUn guide public.\n\n"
        f"Note\n\n{secret}\n\nRessource privée\n{value}\nRésumé\n\n{secret}\n\nEncore zorglubien :\n\n"
        "Atlas\n\nUn atlas public.\n\nType de ressource\nAutres\nRessource privée\nNon\nRésumé\n\nUn atlas public.\n"
    )
    nodes = parse_export(raw.encode()).nodes
    assert [(node.title, node.private) for node in nodes] == [("Guide", False), ("Note", True), ("Atlas", False)]
    assert not any("zorglubien" in repr(node) for node in nodes if not node.private)


@pytest.mark.parametrize(
    "written", ["Type de ressource : {}\nRessource privée : {}", "Type de ressource\n{}\nRessource privée\n{}"]
)
def test_a_private_resource_with_a_text_keeps_its_title(written):
    text = "Des jardins\nLa ville a ouvert douze jardins partagés.\n" + written.format("Autres", "Oui")
    (node,) = parse_export(text.encode()).nodes
    assert (node.title, node.body, node.private) == ("Des jardins", "La ville a ouvert douze jardins partagés.", True)


@pytest.mark.parametrize(
    "written", ["**Type de ressource :** Autres", "Type de ressource = Autres", "| Ressource privée | Non |"]
)
def test_the_reason_says_that_labels_are_not_on_lines_of_their_own(written):
    with pytest.raises(NoResourceError, match="libellé et sa valeur sur deux lignes"):
        parse_export(f"Des jardins\nUn texte.\n{written}\n".encode())
