"""Indexing whole archives: a sample export, the demonstration archive, generated pages, single and in listings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from indexer.query.request import FacetValue
from indexer.resource import Audience, YearSource
from tests.support.archive import DEMONSTRATION, EPICERIE, Archive, page, write
from tests.support.places import SHARED

pytestmark = pytest.mark.slow

# The sample


SAMPLE = SHARED / "archive" / "rtes-export.txt"
NINE = {
    "Communiqué de presse RTES - Projet de loi de finances 2025": ("Ressources RTES", False, 2025, YearSource.TITLE),
    'RepèrESS "Alimentation durable & ESS': ("Ressources RTES", False, 2024, YearSource.TEXT),
    "Métropoles et territoires voisins": ("Autres", False, None, None),
    "Retour sur le séminaire du CA du RTES, les 15 et 16 février": ("Ressources RTES", True, 2024, YearSource.TITLE),
    "ETUDE TERRITOIRES URBAINS": ("Ressources RTES", False, 2021, YearSource.TEXT),
    "Convention de coopération territoriale pour l'ESS": ("Autres", True, None, None),
    'Webinaire du RTES "Evaluation de la loi ESS 2014"': ("Ressources RTES", False, 2023, YearSource.TEXT),
    "Rapport d'activité 2022 du RTES": ("Ressources RTES", False, 2022, YearSource.TITLE),
    "L'ESS présente au salon de l'Association des Maires": ("Ressources RTES", False, None, None),
}


@pytest.mark.skipif(not SAMPLE.exists(), reason="l’export d’exemple n’est pas sur cette machine")
def test_the_sample_end_to_end(archive: Archive) -> None:
    report = archive.import_(SAMPLE)
    assert (report.imported, report.resources, report.set_aside, report.warnings) == (1, 9, (), ())
    archive.index()
    assert archive.search(audience=Audience.VISITOR).total == 7
    hits = archive.hits()
    assert len(hits) == 9
    for begins, expected in NINE.items():
        (hit,) = (hit for title, hit in hits.items() if title.startswith(begins))
        assert (hit.type, hit.private, hit.year, hit.year_source) == expected, begins
        assert (hit.url, hit.themes) == (None, ())
    assert archive.import_(SAMPLE).unchanged == 1
    assert not archive.index().switched


# The demonstration archive


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive(tmp_path_factory.mktemp("demonstration"))
    shutil.copytree(DEMONSTRATION, archive.settings.corpus / "exemple")
    report = archive.index()
    assert (report.pages, report.set_aside) == (61, ())
    (warning,) = report.warnings
    assert "« Ressource privée » est absent" in warning.message
    return archive


def shown(values: tuple[FacetValue, ...]) -> dict[str, int]:
    return {value.value: value.count for value in values}


def test_the_demonstration_archive_has_what_it_promises(demonstration: Archive) -> None:
    found = demonstration.search()
    assert found.total == 65
    assert shown(found.facets.private) == {"non": 55, "oui": 10}
    assert len(found.facets.type) == 6
    themes = shown(found.facets.theme)
    assert len(themes.keys() - {"none"}) == 10
    assert themes["none"] == 3
    years = shown(found.facets.year)
    assert {str(year) for year in range(2014, 2027)} == years.keys() - {"none"}
    assert demonstration.search(audience=Audience.VISITOR).total == 55


def test_its_namesakes_are_kept_apart(demonstration: Archive) -> None:
    twice = {t: n for t, n in Counter(hit.title for hit in demonstration.search().hits).items() if n > 1}
    assert twice == {"Compte rendu de la commission Économie sociale et solidaire": 2}
    minutes = [r for r in demonstration.resources().values() if r.title in twice]
    assert {(r.url, r.year, r.year_source) for r in minutes} == {
        ("https://archive-demo.example/compte-rendu-commission-ess", 2018, YearSource.TEXT),
        ("https://archive-demo.example/compte-rendu-commission-ess-0", 2020, YearSource.PAGE),
    }


@pytest.mark.parametrize(
    ("begins", "year", "source", "private", "themes"),
    [
        ("Communiqué – Budget 2026", 2026, YearSource.TITLE, False, ()),
        ("Webinaire du 12 mai 2022", 2022, YearSource.TITLE, False, ("Commande publique responsable",)),
        ("Budget des collectivités", 2025, YearSource.TITLE, True, ("Politiques locales de l'ESS",)),
        ("L’habitat participatif", 2014, YearSource.TITLE, False, ("Tiers-lieux et foncier solidaire",)),
        ("SPASER", 2023, YearSource.TEXT, False, ("Commande publique responsable",)),
        ("Le bail réel solidaire", 2018, YearSource.PAGE, False, ("Tiers-lieux et foncier solidaire",)),
        # The label « Ressource privée » is missing, so it is private until another page or staff says otherwise.
        ("Convention pluriannuelle", None, None, True, ("Politiques locales de l'ESS",)),
        # Only the listing contains the theme.
        ("AMAP", None, None, False, ("Alimentation et agriculture",)),
        ("Espaces-tests agricoles", 2021, YearSource.TEXT, False, None),
        ("Mode d'emploi", None, None, False, ()),
    ],
)
def test_its_resources_come_out_as_their_pages_say(
    demonstration: Archive,
    begins: str,
    year: int | None,
    source: YearSource | None,
    private: bool,
    themes: tuple[str, ...] | None,
) -> None:
    (hit,) = (hit for title, hit in demonstration.hits().items() if title.startswith(begins))
    assert (hit.year, hit.year_source, hit.private) == (year, source, private)
    if themes is None:
        assert "Alimentation et agriculture" in hit.themes
    else:
        assert hit.themes == themes


def test_a_resource_in_a_listing_and_on_its_own_page_is_one(demonstration: Archive) -> None:
    (hit,) = (hit for title, hit in demonstration.hits().items() if title.startswith("Loi EGalim"))
    assert hit.themes == ("Alimentation et agriculture", "Commande publique responsable")


def test_importing_the_demonstration_archive_gives_the_same(demonstration: Archive, archive: Archive) -> None:
    assert archive.import_(DEMONSTRATION).imported == 61
    archive.index()
    assert archive.resources() == demonstration.resources()


# Listings and single pages of real sheets


def sheets(folder: Path, *options: str) -> Path:
    maker = SHARED / "fiches" / "make_pages.py"
    if not maker.exists():
        pytest.skip("les fiches d’exemple ne sont pas sur cette machine")
    subprocess.run([sys.executable, str(maker), str(folder), "--count", "40", *options], check=True)
    return folder


def test_listings_and_single_pages_are_the_same_resources(tmp_path: Path) -> None:
    single, listed = sheets(tmp_path / "seules"), sheets(tmp_path / "listes", "--listing", "8")
    alone, lists, both = (Archive(tmp_path / name) for name in "abc")
    assert alone.import_(single).imported == 40
    assert lists.import_(listed).imported == 5
    both.import_(listed, single)
    for archive in (alone, lists, both):
        report = archive.index()
        assert (report.resources, report.set_aside) == (40, ())
    assert alone.resources().keys() == lists.resources().keys() == both.resources().keys()
    assert [(r.title, r.body, r.year, r.private, r.themes) for r in alone.resources().values()] == [
        (r.title, r.body, r.year, r.private, r.themes) for r in both.resources().values()
    ]


def test_a_page_written_by_hand_is_no_different(archive: Archive) -> None:
    """Pages that are imported and pages that are written to the corpus by hand give the same archive."""
    write(archive.settings.corpus / "pages" / "epicerie.html", page(EPICERIE, address="https://reseau.example/e"))
    archive.index()
    by_hand = archive.resources()
    other = Archive(archive.folder / "autre")
    other.write("epicerie.html", page(EPICERIE, address="https://reseau.example/e"))
    other.import_()
    other.index()
    assert other.resources() == by_hand
