"""One indexing run: only what changed is written, what is gone leaves, and whatever was deleted is made again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_support import (
    DEMONSTRATION,
    SHARED,
    Archive,
    Killed,
    analyzer,
    dies_at,
    listing,
    node,
    page,
    permissions_hold,
    reasons,
    write,
)

from indexer import assembling, build, importing, parsed
from indexer.assembling import Assembler
from indexer.built import Built
from indexer.catalogue import Catalogue
from indexer.corpus import CATALOGUE
from indexer.engine.embedded import engine as embedded
from indexer.errors import CorpusError, EngineError
from indexer.query.request import FacetValue
from indexer.resource import Audience, YearSource

EPICERIE, REGIE, CHARTE = "Monter une épicerie solidaire", "Ouvrir une régie de quartier", "Charte des achats"


@pytest.fixture
def three(archive: Archive) -> Archive:
    """Three resources, indexed: the last one is private."""
    archive.write("epicerie.html", page(EPICERIE, address="https://reseau.example/epicerie"))
    archive.write("regie.html", page(REGIE, address="https://reseau.example/regie"))
    archive.write("charte.html", page(CHARTE, address="https://reseau.example/charte", private="Oui"))
    archive.import_(theme="Coopération")
    archive.index()
    return archive


def changes(report: build.IndexReport) -> tuple[int, int, int, bool]:
    """Added, updated, removed, and whether there is a new generation."""
    return report.added, report.updated, report.removed, report.switched


def in_corpus(archive: Archive, name: str) -> Path:
    return archive.settings.corpus / "pages" / name


# What a run does


def test_a_first_run_adds_everything(archive: Archive) -> None:
    archive.put("s/theme.html", listing(node(EPICERIE, link="/a"), node(REGIE, link="/b", private="Oui")))
    archive.put("s/agenda.html", "<html><body><p>Rien ce mois-ci.</p></body></html>")
    report = archive.index()
    assert changes(report) == (2, 0, 0, True)
    assert (report.generation, report.pages, report.resources, report.public) == ("000001", 2, 2, 1)
    assert set(reasons(report.set_aside)) == {"agenda.html"}


def test_a_second_run_does_nothing(three: Archive) -> None:
    rows = three.catalogue_rows()
    report = three.index()
    assert changes(report) == (0, 0, 0, False)
    assert (report.generation, report.resources, report.public) == ("000001", 3, 2)
    assert three.catalogue_rows() == rows


def test_an_import_that_brings_nothing_new_makes_no_new_generation(three: Archive) -> None:
    three.import_()
    assert not three.index().switched


def test_only_what_changed_is_written_again(three: Archive) -> None:
    three.write("epicerie.html", page("Faire vivre une épicerie", address="https://reseau.example/epicerie"))
    three.write("jardin.html", page("Jardins partagés", address="https://reseau.example/jardin"))
    three.import_()
    before = three.ids()
    assert changes(three.index()) == (1, 1, 0, True)
    assert three.ids()["Faire vivre une épicerie"] == before[EPICERIE]


def test_a_page_edited_in_the_corpus_is_taken_in(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(REGIE, "Fermer une régie"))
    assert changes(three.index()) == (0, 1, 0, True)
    assert "Fermer une régie" in three.ids()
    assert three.hits("fermer")["Fermer une régie"].themes == ("Coopération",)


def test_a_page_put_into_the_corpus_by_hand_is_taken_in(three: Archive) -> None:
    three.put("a-la-main/jardin.html", page("Jardins partagés"))
    assert changes(three.index()) == (1, 0, 0, True)


def test_a_page_gone_from_the_corpus_leaves_the_index(three: Archive) -> None:
    in_corpus(three, "regie.html").unlink()
    report = three.index()
    assert changes(report) == (0, 0, 1, True)
    assert set(three.ids()) == {EPICERIE, CHARTE}
    assert "regie.html" not in {Path(getattr(row, "path", "")).name for row in three.catalogue_rows()}


def test_a_page_that_comes_back_has_the_same_id(three: Archive) -> None:
    before, path = three.ids(), in_corpus(three, "regie.html")
    raw = path.read_bytes()
    path.unlink()
    three.index()
    path.write_bytes(raw)
    assert changes(three.index()) == (1, 0, 0, True)
    assert three.ids() == before


def test_an_emptied_corpus_gives_an_empty_index(three: Archive) -> None:
    shutil.rmtree(three.settings.corpus / "pages")
    assert changes(three.index()) == (0, 0, 3, True)
    assert three.search().total == 0


def test_a_copy_gone_leaves_the_resource(three: Archive) -> None:
    """A resource seen twice is still there when one of its pages goes, less what that page alone said."""
    other = node(REGIE, link="https://reseau.example/regie", theme="Ruralité")
    three.put("theme/page.html", listing(other, node("Jardins", link="/jardin"), heading="Quartiers"))
    three.index()
    assert three.hits("régie")[REGIE].themes == ("Coopération", "Quartiers", "Ruralité")
    (three.settings.corpus / "theme" / "page.html").unlink()
    assert changes(three.index()) == (0, 1, 1, True)
    assert three.hits("régie")[REGIE].themes == ("Coopération",)


def test_full_writes_everything_again_with_the_same_ids(three: Archive) -> None:
    before = three.ids()
    assert changes(three.index(full=True)) == (3, 0, 0, True)
    assert three.ids() == before


def test_the_last_two_generations_are_kept(three: Archive) -> None:
    for _ in range(3):
        three.index(full=True)
    assert sorted(p.name for p in (three.settings.index / "generations").iterdir()) == ["000003", "000004"]


def test_another_site_address_is_taken_into_account(archive: Archive) -> None:
    """Relative links are resolved against it where a page does not say where it comes from."""
    archive.put("s/theme.html", listing(node(EPICERIE, link="/a"), node(REGIE, link="/b")))
    archive.index()
    assert archive.hits()[EPICERIE].url == "https://www.rtes.fr/a"
    assert archive.index(site_url="https://ailleurs.example/").switched
    assert archive.hits()[EPICERIE].url == "https://ailleurs.example/a"


def test_a_corpus_that_does_not_exist_says_what_to_do(archive: Archive) -> None:
    with pytest.raises(CorpusError, match="importez d’abord des pages"):
        archive.index()


# Privacy follows the pages at once


def visitors(archive: Archive) -> set[str]:
    return set(archive.ids(Audience.VISITOR))


def test_what_becomes_private_leaves_visitors_and_stays_for_members(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(">Non<", ">Oui<"))
    before = three.ids()
    report = three.index()
    assert (changes(report), report.public) == ((0, 1, 0, True), 1)
    assert visitors(three) == {EPICERIE}
    assert three.hits("régie", Audience.VISITOR) == {}
    with three.engine() as engine:
        assert engine.get(before[REGIE], audience=Audience.VISITOR) is None
    assert three.ids() == before
    assert three.hits("régie")[REGIE].private


def test_what_becomes_public_is_found_by_visitors(three: Archive) -> None:
    path = in_corpus(three, "charte.html")
    path.write_text(path.read_text().replace(">Oui<", ">Non<"))
    three.index()
    assert visitors(three) == {EPICERIE, REGIE, CHARTE}


def test_a_copy_that_says_private_is_enough(three: Archive) -> None:
    three.put("theme/page.html", page(REGIE, address="http://www.reseau.example/regie?page=0", private="Oui"))
    report = three.index()
    assert visitors(three) == {EPICERIE}
    assert any("ne s’accordent pas" in notice.message for notice in report.warnings)


def test_a_label_lost_makes_it_private(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(">Non<", "><"))
    three.index()
    assert visitors(three) == {EPICERIE}


# Deleted, damaged, killed: the next run makes it again


def forget_cache(archive: Archive) -> None:
    (archive.settings.index / importing.CACHE).unlink()


def forget_state(archive: Archive) -> None:
    (archive.settings.index / "built.sqlite").unlink()


def forget_index(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index)


def forget_generation(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index / "generations")
    (archive.settings.index / "current.json").unlink()


def forget_catalogue(archive: Archive) -> None:
    for path in archive.settings.corpus.glob(f"{CATALOGUE}*"):
        path.unlink()


@pytest.mark.parametrize(
    ("forget", "switched"),
    [
        (forget_cache, False),
        (forget_state, True),
        (forget_index, True),
        (forget_generation, True),
        (forget_catalogue, False),
    ],
)
def test_what_is_deleted_is_made_again_with_the_same_ids(
    archive: Archive, forget: Callable[[Archive], None], switched: bool
) -> None:
    archive.put("s/epicerie.html", page(EPICERIE, address="https://reseau.example/epicerie"))
    archive.put("s/theme.html", listing(node(REGIE, link="/b"), node(CHARTE, private="Oui"), heading="Quartiers"))
    archive.index()
    before = archive.resources()
    forget(archive)
    report = archive.index()
    assert (report.resources, report.public, report.switched) == (3, 2, switched)
    assert archive.resources() == before
    assert not archive.index().switched


def test_ids_come_from_the_catalogue_and_not_from_todays_titles(three: Archive) -> None:
    before = three.ids()
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(REGIE, "Fermer une régie"))
    forget_index(three)
    three.index()
    assert three.ids()["Fermer une régie"] == before[REGIE]


@pytest.mark.parametrize("name", ["built.sqlite", importing.CACHE])
def test_a_damaged_work_file_is_made_anew(three: Archive, name: str) -> None:
    before = three.ids()
    (three.settings.index / name).write_bytes(b"rien de bon " * 100)
    three.index()
    assert three.ids() == before


@pytest.mark.parametrize("name", ["built.sqlite", importing.CACHE])
def test_a_work_file_that_cannot_be_replaced_says_what_to_do_and_the_old_generation_answers(
    three: Archive, name: str
) -> None:
    (three.settings.index / name).unlink()
    (three.settings.index / name).mkdir()
    with pytest.raises(EngineError, match="supprimez-le, il sera refait"):
        three.index()
    assert len(three.ids()) == 3


def test_a_page_rotten_in_the_cache_says_what_to_do(three: Archive) -> None:
    cache = sqlite3.connect(three.settings.index / importing.CACHE)
    with cache:
        cache.execute("UPDATE pages SET page = substr(page, 1, 40)")
    cache.close()
    with pytest.raises(EngineError, match="ils seront refaits"):
        three.index(full=True)
    assert len(three.ids()) == 3


def test_a_damaged_catalogue_says_what_to_do_and_the_old_generation_answers(three: Archive) -> None:
    (three.settings.corpus / CATALOGUE).write_bytes(b"rien de bon " * 100)
    with pytest.raises(CorpusError, match="restaurez-le d’une sauvegarde"):
        three.index()
    assert len(three.ids()) == 3


def test_a_page_that_cannot_be_read_is_set_aside_even_without_a_cache(three: Archive) -> None:
    forget_index(three)
    in_corpus(three, "regie.html").chmod(0)
    with permissions_hold():
        report = three.index()
    assert set(three.ids()) == {EPICERIE, CHARTE}
    assert "vérifiez les droits" in reasons(report.set_aside)["regie.html"]
    in_corpus(three, "regie.html").chmod(0o600)
    assert changes(three.index()) == (1, 0, 0, True)


def test_a_run_killed_between_the_switch_and_its_note_is_done_again(
    three: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = three.ids()
    three.write("jardin.html", page("Jardins partagés"))
    three.import_()
    in_corpus(three, "regie.html").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Built, "save", dies_at(1, Built.save))
        with pytest.raises(Killed):
            three.index()
    after = {EPICERIE: before[EPICERIE], CHARTE: before[CHARTE], "Jardins partagés": three.ids()["Jardins partagés"]}
    assert three.ids() == after  # the switch was made
    assert three.index().switched
    assert three.ids() == after
    assert not three.index().switched


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Assembler, "resource"),
        (embedded.EmbeddedWriter, "finish"),
        (embedded.Generations, "publish"),
        (Catalogue, "put_identities"),
    ],
)
def test_a_run_killed_before_the_switch_leaves_the_old_generation(
    three: Archive, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    before = three.ids()
    three.put("s/jardin.html", page("Jardins partagés"))
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies_at(1, getattr(owner, name)))
        with pytest.raises(Killed):
            three.index()
    assert three.ids() == before
    assert changes(three.index()) == (1, 0, 0, True)
    assert three.ids().items() > before.items()


# Another version of the program


def test_another_parser_reads_every_page_again(three: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = three.ids(), []
    genuine = parsed.parse_page
    monkeypatch.setattr(parsed, "parse_page", lambda *a, **k: (read.append(a), genuine(*a, **k))[1])
    assert not three.index().switched
    assert read == []
    for module in (parsed, assembling):
        monkeypatch.setattr(module, "PARSER_VERSION", 10_000)
    assert changes(three.index()) == (0, 3, 0, True)
    assert len(read) == 3
    assert three.ids() == before


@pytest.mark.parametrize("what", ["schema", "analysis"])
def test_another_schema_or_analysis_rebuilds_by_itself_while_the_old_one_answers(
    three: Archive, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    before = three.ids()
    if what == "schema":
        monkeypatch.setattr(embedded, "SEGMENT_VERSION", 10_000)
    else:
        monkeypatch.setattr(analyzer(), "fingerprint", "une autre")
    with three.engine() as engine:
        assert engine.status().stale
    assert three.ids() == before
    assert three.index().generation == "000002"
    assert three.ids() == before
    assert not three.index().switched


def test_a_rebuild_that_fails_leaves_the_old_generation(three: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    before = three.ids()
    monkeypatch.setattr(embedded, "SEGMENT_VERSION", 10_000)
    monkeypatch.setattr(embedded.EmbeddedWriter, "finish", dies_at(1, embedded.EmbeddedWriter.finish))
    with pytest.raises(Killed):
        three.index()
    assert three.ids() == before


def test_an_engine_already_open_sees_the_new_generation(three: Archive) -> None:
    with three.engine() as reader:
        assert reader.status().total == 3
        three.put("s/jardin.html", page("Jardins partagés"))
        three.index()
        assert reader.status().total == 4


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
    assert (report.pages, report.set_aside) == (53, ())
    (warning,) = report.warnings
    assert "« Ressource privée » est absent" in warning.message
    return archive


def shown(values: tuple[FacetValue, ...]) -> dict[str, int]:
    return {value.value: value.count for value in values}


def test_the_demonstration_archive_has_what_it_promises(demonstration: Archive) -> None:
    found = demonstration.search()
    assert found.total == 57
    assert shown(found.facets.private) == {"non": 48, "oui": 9}
    assert len(found.facets.type) == 6
    themes = shown(found.facets.theme)
    assert len(themes.keys() - {"none"}) == 10
    assert themes["none"] == 3
    years = shown(found.facets.year)
    assert {str(year) for year in range(2014, 2027)} == years.keys() - {"none"}
    assert demonstration.search(audience=Audience.VISITOR).total == 48


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
        # The public label is missing: private until someone says otherwise.
        ("Convention pluriannuelle", None, None, True, ("Politiques locales de l'ESS",)),
        # Only the listing tells the theme.
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
    assert archive.import_(DEMONSTRATION).imported == 53
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
    """Nothing but the corpus counts: what is imported and what is put there give the same archive."""
    write(archive.settings.corpus / "pages" / "epicerie.html", page(EPICERIE, address="https://reseau.example/e"))
    archive.index()
    by_hand = archive.resources()
    other = Archive(archive.folder / "autre")
    other.write("epicerie.html", page(EPICERIE, address="https://reseau.example/e"))
    other.import_()
    other.index()
    assert other.resources() == by_hand
