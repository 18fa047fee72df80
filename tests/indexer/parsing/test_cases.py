"""Expected results of parsing sample pages (cases) in a folder beside this checkout, skipped if it is absent."""

from __future__ import annotations

import pytest

from indexer.errors import PageError
from indexer.parsing.node import ParsedPage
from indexer.parsing.page import parse_page, sniff
from tests.support.parsing import SITE

GARDENS = "Des jardins partagés à Belleroche"
FOUR = ["Guide des épiceries", "Atlas des recycleries", "Plan vélo", "Carnet de la régie"]


@pytest.fixture(scope="module")
def cases(shared):
    """Return a function that parses a sample file, given its folder (case) and its file name."""
    if not (shared / "cases").is_dir():
        pytest.skip("le dossier « shared/cases » n’est pas à côté de ce dépôt")

    def read(case: str, name: str = "page.html") -> ParsedPage:
        raw = (shared / "cases" / case / name).read_bytes()
        kind = sniff(name, raw[:65536])
        assert kind is not None
        return parse_page(raw, kind, base=SITE)

    return read


@pytest.mark.parametrize(
    ("case", "name", "address"),
    [
        ("adresse-enregistree", "page.html", "jardins"),
        ("adresse-enregistree", "singlefile.html", "velo"),
        ("adresse-enregistree", "httrack.html", "atlas"),
        ("adresse-wayback", "capture-2019.html", "jardins"),
        ("adresse-wayback", "capture-2021.html", "jardins"),
        ("titre-surtitre", "page.html", "jardins"),
    ],
)
def test_addresses(cases, case, name, address):
    (node,) = cases(case, name).nodes
    assert node.addresses == (f"https://www.rtes.fr/{address}",)


@pytest.mark.parametrize("case", ["date-jsonld", "date-spip"])
def test_dates(cases, case):
    (node,) = cases(case).nodes
    assert (node.date, node.year_source) == ("2024-02-16", "page")
    assert node.body == "Réunis le 3 mai 2025, les partenaires ont fait le bilan de cette coopération."


@pytest.mark.parametrize("case", ["titre-surtitre", "titre-h1-du-corps"])
def test_titles(cases, case):
    (node,) = cases(case).nodes
    assert node.title == GARDENS
    assert case != "titre-h1-du-corps" or node.body.startswith("Contexte\n\n")


@pytest.mark.parametrize("case", ["filtres-liste-select", "grille-views"])
def test_listings(cases, case):
    page = cases(case, "liste.html")
    assert [node.title for node in page.nodes] == FOUR
    assert page.theme == "Économie circulaire"
    assert not any(node.private or node.warnings for node in page.nodes)


def test_a_search_page_is_set_aside(cases):
    with pytest.raises(PageError, match="libellé"):
        cases("facettes-page-de-recherche", "recherche.html")


def test_related_resources(cases):
    page = cases("ressources-liees")
    assert page.theme is None
    first, *others = page.nodes
    assert (first.title, first.addresses) == (GARDENS, ("https://www.rtes.fr/jardins",))
    assert [node.title for node in others] == FOUR[:2]


def test_furniture(cases):
    (node,) = cases("restes-partage-et-groupes").nodes
    assert node.body.endswith("du quartier.")
    assert "\n" not in node.body


def test_broken_accents(cases):
    (node,) = cases("mojibake").nodes
    assert (node.title, node.private) == ("Coopérative à Belleroche", False)
    assert node.body == "Une coopérative née de l’été dernier a été créée."


def test_an_export_with_labels_and_values_on_one_line(cases):
    (node,) = cases("export-libelle-et-valeur-sur-une-ligne", "export.txt").nodes
    assert (node.title, node.type, node.private) == (GARDENS, "Autres", False)


def test_the_leak_stays_closed(cases):
    page = cases("fuite-deux-colonnes")
    assert "confidentiel" not in "".join(repr(node) for node in page.nodes if not node.private)
    assert any(node.title == "Note interne" and node.private and "confidentiel" in node.body for node in page.nodes)
