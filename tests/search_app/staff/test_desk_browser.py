"""The staff desk in Chromium with a real server and real jobs: whole tasks, also without JavaScript, and axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from indexer.corpus.store import Corpus
from indexer.pipeline.quality import assess_quality
from search_app.search.log_store import SearchLog
from tests.support.archive import Archive
from tests.support.archive import page as resource_page
from tests.support.browser import WIDE_AND_NARROW, axe, enter, fits, follow_latest_job, unfold
from tests.support.desk import PAGES
from tests.support.site import PASSWORD, STAFF
from tests.support.waiting import PATIENCE_MS, wait_until

FOR_A_JOB = PATIENCE_MS


@pytest.fixture
def desk(page: Page) -> Page:
    """A page on which staff are signed in."""
    enter(page, STAFF, PASSWORD, "/connexion?next=/gestion/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gestion des archives")
    return page


def send(desk: Page, *pages: tuple[str, str]) -> None:
    """Upload HTML files (name and content of each), and request a preview of their import."""
    desk.get_by_role("link", name="Importer", exact=True).click()
    desk.get_by_label("Fichiers").set_input_files(
        [{"name": name, "mimeType": "text/html", "buffer": content.encode()} for name, content in pages]
    )
    desk.get_by_role("button", name="Voir ce que cela changerait").click()


CANTINE = resource_page("Une cantine en régie", address="https://reseau.example/cantine")


def test_from_sending_to_withdrawing(desk: Page, archive: Archive) -> None:
    send(desk, ("cantine.html", CANTINE), ("vide.html", "rien"))
    expect(desk.get_by_role("link", name="Nouvelles (1)")).to_be_visible(timeout=FOR_A_JOB)
    expect(desk.get_by_role("link", name="Écartées (1)")).to_be_visible()
    axe(desk)
    desk.get_by_role("button", name="Importer et indexer").click()
    expect(desk.get_by_text("répond.", exact=False).first).to_be_visible(timeout=FOR_A_JOB)
    axe(desk)

    desk.goto("/?q=cantine")
    desk.get_by_role("link", name="Une cantine en régie").click()
    desk.get_by_role("link", name="Corriger ou retirer cette ressource").click()
    desk.get_by_label("Année").fill("2019")
    desk.get_by_label("Thèmes, un par ligne").fill("Alimentation")
    desk.get_by_role("button", name="Enregistrer et publier").click()
    expect(desk.get_by_text("La correction est notée")).to_be_visible()
    axe(desk)
    follow_latest_job(desk)
    expect(desk.get_by_text("Modifiées", exact=True)).to_be_visible(timeout=FOR_A_JOB)
    desk.goto("/?q=cantine&year=2019&theme=Alimentation")
    desk.get_by_role("link", name="Une cantine en régie").click()
    expect(desk.get_by_text("Corrigé par l’équipe")).to_be_visible()

    desk.get_by_role("link", name="Corriger ou retirer cette ressource").click()
    desk.get_by_role("button", name="Retirer des recherches").click()
    follow_latest_job(desk)
    expect(desk.get_by_text("Retirées")).to_be_visible(timeout=FOR_A_JOB)
    assert "Une cantine en régie" not in archive.ids()


def test_the_bar_is_live_and_the_job_can_be_cancelled(desk: Page, archive: Archive) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():  # so that the job waits and then continues while the page shows it
        desk.get_by_role("link", name="Travaux", exact=True).click()
        desk.get_by_role("button", name="Tout réindexer").click()
        expect(desk.get_by_text("Un autre travail est en cours")).to_be_visible(timeout=FOR_A_JOB)
        expect(desk.get_by_role("progressbar", name="Avancement")).to_be_visible()
        axe(desk)
        desk.get_by_role("button", name="Annuler ce travail").click()
        expect(desk.get_by_text("Le travail a été annulé")).to_be_visible(timeout=FOR_A_JOB)
        desk.get_by_role("link", name="Tous les travaux").click()
        desk.get_by_role("button", name="Tout réindexer").click()
        expect(desk.get_by_text("Un autre travail est en cours")).to_be_visible(timeout=FOR_A_JOB)
    corpus.close()
    expect(desk.get_by_text("répond.", exact=False).first).to_be_visible(
        timeout=FOR_A_JOB
    )  # the page updates without a click


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript(desk: Page, archive: Archive) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        send(desk, ("cantine.html", CANTINE))
        expect(desk.get_by_role("link", name="Actualiser l’avancement")).to_be_visible()
    corpus.close()

    def is_ready() -> bool:
        desk.wait_for_load_state()
        if desk.get_by_role("button", name="Importer et indexer").count():
            return True
        desk.get_by_role("link", name="Actualiser l’avancement").click()
        return False

    wait_until(is_ready)
    desk.get_by_role("button", name="Abandonner cet envoi").click()
    expect(desk.get_by_text("L’envoi est abandonné")).to_be_visible()


def test_files_are_dropped(desk: Page) -> None:
    desk.goto("/gestion/import")
    dropped = desk.evaluate_handle(
        """([name, content]) => {
            const files = new DataTransfer();
            files.items.add(new File([content], name, { type: "text/html" }));
            return files;
        }""",
        ["cantine.html", CANTINE],
    )
    zone = desk.locator("[data-drop]")
    zone.dispatch_event("dragover", {"dataTransfer": dropped})
    zone.dispatch_event("drop", {"dataTransfer": dropped})
    expect(desk.locator("[data-chosen]")).to_contain_text("1 fichier")
    desk.get_by_role("button", name="Voir ce que cela changerait").click()
    expect(desk.get_by_role("link", name="Nouvelles (1)")).to_be_visible(timeout=FOR_A_JOB)


def test_from_a_fruitless_search_to_a_synonym(desk: Page, archive: Archive) -> None:
    log = SearchLog(archive.settings.data / "searches.sqlite", 30)
    log.note("gratiferia", results=0, member=False, corrected=False)
    desk.get_by_role("link", name="Recherches", exact=True).click()
    desk.get_by_role("link", name="Ajouter un synonyme à gratiferia").first.click()
    box = desk.get_by_label("Synonymes de ce site, une entrée par ligne")
    expect(box).to_have_value("gratiferia = ")
    box.fill("gratiferia = épicerie solidaire")
    desk.get_by_role("button", name="Voir ce que cela changerait").click()
    expect(desk.get_by_role("row", name="gratiferia 0 1").first).to_be_visible()
    axe(desk)
    desk.get_by_role("button", name="Mettre en service").click()
    expect(desk.get_by_text("Les synonymes sont enregistrés")).to_be_visible()
    desk.goto("/?q=gratiferia")
    expect(desk.get_by_role("link", name="Monter une épicerie solidaire")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_NARROW, indirect=True)
def test_axe_finds_nothing_and_nothing_overflows(desk: Page, archive: Archive) -> None:
    log = SearchLog(archive.settings.data / "searches.sqlite", 30)
    log.note("gratiferia", results=0, member=False, corrected=False)
    log.note("régie", results=1, member=True, corrected=False)
    assess_quality(archive.settings)
    archive.correct("Reprendre une ferme", type="Fiche", year=2019)
    known = archive.ids()["Reprendre une ferme"]
    for path in (*PAGES, f"/gestion/ressources/{known}"):
        desk.goto(path)
        axe(desk)
        if desk.locator("details").count():
            unfold(desk)
            axe(desk)
        fits(desk)
