"""Running headers, footers and page numbers: found over the whole file, and nothing else with them."""

from __future__ import annotations

import pytest

from indexer.document.pages import Page, Span
from indexer.publications.paragraphs import RawPage, build_pages

BODIES = (
    "Les élus se réunissent au printemps.",
    "Un bilan paraît chaque année.",
    "Deux communes adhèrent au réseau.",
    "Le budget est voté en décembre.",
    "La charte engage ses signataires.",
    "Une épicerie ouvre dans le quartier.",
    "Trois agents suivent la formation.",
    "Des habitants gèrent le tiers-lieu.",
)


def running(pages: list[list[str]], labels: list[str | None] | None = None) -> list[list[str]]:
    raw = [
        RawPage("\r\n".join(lines), label) for lines, label in zip(pages, labels or [None] * len(pages), strict=True)
    ]
    return [[page.text[start:end] for start, end in page.running] for page in build_pages(raw)]


def test_headers_footers_and_numbers() -> None:
    pages = [["Rapport annuel 2023", body, "Ville de Brume", str(n)] for n, body in enumerate(BODIES, 1)]
    assert running(pages) == [["Rapport annuel 2023", "Ville de Brume", str(n)] for n in range(1, 9)]


@pytest.mark.parametrize("form", ["{}", "- {} -", "Page {}", "p. {}", "{}/8", "Page {} sur 8", "— {} —"])
def test_page_numbers(form: str) -> None:
    pages = [[body, form.format(n)] for n, body in enumerate(BODIES, 1)]
    assert running(pages) == [[form.format(n)] for n in range(1, 9)]


def test_numbers_that_begin_later() -> None:
    pages = [[body, str(n + 9)] for n, body in enumerate(BODIES)]
    assert running(pages) == [[str(n + 9)] for n in range(8)]


def test_roman_labels() -> None:
    labels: list[str | None] = ["i", "ii", "iii", "iv", "1", "2", "3", "4"]
    assert running([[body, str(label)] for body, label in zip(BODIES, labels, strict=True)], labels) == [
        [label] for label in labels
    ]


def test_left_and_right_pages_have_their_own() -> None:
    pages = [
        [f"{n} LE GUIDE DES COMMUNS", body] if n % 2 else [f"Chapitre premier {n}", body]
        for n, body in enumerate(BODIES, 1)
    ]
    assert running(pages) == [[page[0]] for page in pages]


def test_headers_of_chapters() -> None:
    chapters = ["Gouvernance"] * 4 + ["Financement"] * 4 + ["Évaluation"] * 24
    bodies = [f"{body} {word}" for word in ("Ainsi", "Alors", "Enfin", "Ensuite") for body in BODIES]
    pages = [[chapter, f"{body} et la suite."] for chapter, body in zip(chapters, bodies, strict=True)]
    assert running(pages) == [[chapter] for chapter in chapters]


def test_what_is_not_running() -> None:
    # The same words on two pages far apart, a year alone, figures of a table, a document of two pages.
    assert running([[BODIES[0], body] for body in BODIES[:2]]) == [[], []]
    pages = [[body] for body in BODIES]
    pages[1].insert(0, "Introduction")
    pages[6].insert(0, "Introduction")
    pages[3].append("1998")
    pages[4] += ["12", "45", "7"]
    assert running(pages) == [[] for _ in BODIES]


def test_words_of_a_body_that_come_back_inside_pages() -> None:
    pages = [[body, "Une ligne.", "Encore une.", "Et puis.", "Références", "Une autre.", "Références", "Une suite.",
              "Une fin.", f"Voilà {body}", f"Enfin {body}"] for body in BODIES]  # fmt: skip
    assert all("Références" not in lines for lines in running(pages))


def test_body() -> None:
    page = Page(1, None, "Rapport\nLe texte.\n\n3\nLa suite.\n4", (Span(0, 7), Span(19, 20), Span(31, 32)))
    assert [page.text[start:end] for start, end in page.body] == ["Le texte.", "La suite."]
    assert Page(1, None, "").body == ()
    assert Page(1, None, "Seul", (Span(0, 4),)).body == ()
    assert [*Page(1, None, " Tout ").body] == [(1, 5)]


def test_paragraphs() -> None:
    lines = [
        "Gouvernance",
        "Les collectivités adhérentes ont confié à une association la gestion",
        "de l’épicerie solidaire. Elle accueille depuis trois ans les familles que",
        "lui adressent les travailleurs sociaux.",
        "Un comité de pilotage réunit deux fois par an les élus, les bénévoles et",
        "les habitants qui le souhaitent :",
        "• les élus de la ville ;",
        "• les bénévoles.",
        "2.1 Financement . . . . . . . . . . 12",
    ]
    assert build_pages([RawPage("\r\n".join(lines))])[0].text.split("\n") == [
        "Gouvernance",
        " ".join(lines[1:4]),
        " ".join(lines[4:6]),
        "• les élus de la ville ;",
        "• les bénévoles.",
        "2.1 Financement... 12",
    ]
