"""Every page of the staff desk in each of its states, rendered once for the tests that check the pages."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from io import BytesIO
from unittest import mock

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.gathering import Registry, RunState, Source, State, checked
from indexer.gathering.registry import note
from indexer.pipeline.importing import ImportReport, Notice
from indexer.pipeline.indexing import IndexReport, WrittenResource
from indexer.pipeline.preview import Holder, PlannedChange, PlannedPublication, Preview
from indexer.pipeline.quality import Named, assess_quality
from indexer.pipeline.rollback import RollbackReport
from indexer.sources import SetAside
from search_app.jobs.previewed import keeping
from search_app.jobs.reports import Report
from search_app.jobs.store import JobKind, Jobs, JobState
from search_app.jobs.uploads import SentFile, Uploads
from search_app.search.log_store import SearchLog
from search_app.staff import bulk, corrections, publications, search_stats, themes
from tests.support.archive import SITE, Archive, page
from tests.support.desk import PAGES, post, token
from tests.support.publications import PROSE, Sheet, pdf
from tests.support.site import MEMBER, STAFF, signed_in

RESULTS = "results for staff"
"""Name of the only state that is not a page of the desk: search results as staff see them."""
EMPTY = ("/gestion/", "/gestion/import", "/gestion/travaux", "/gestion/themes")
"""Paths of the pages of the desk that show a different message if nothing is indexed."""

ASIDE = (
    SetAside("envoi/un-nom-de-page-très-long-qui-ne-dit-rien-mais-qui-prend-de-la-place.html", "aucune ressource"),
)
NOTICES = (Notice("envoi/ferme.html", "La date « 31 février 2021 » n’existe pas."),)
WRITTEN = tuple(WrittenResource(f"w-{n}", f"Ressource {n}", n % 3 == 0, n % 2 == 0) for n in range(15))
INDEXED = IndexReport("000004", True, 120, 98, 61, 12, 3, 1, ASIDE, NOTICES, 2.5, written=WRITTEN)
IMPORTED = ImportReport(12, 3, ASIDE, NOTICES, (), 14)
FORESEEN = (
    PlannedChange("r-1", "Une cantine en régie", True, False, None, "Fiche", 2021, ("Alimentation", "Achats")),
    PlannedChange("r-2", "Une charte neuve", True, True, None),
    PlannedChange("r-3", "Une ferme qui s’ouvre", False, False, True, "Guide", None, (), ("private", "body_shape")),
    PlannedChange("r-4", "Une ferme qui se ferme", False, True, False, None, 2019, (), ("body_shape",)),
    *(PlannedChange(f"n-{n}", f"Fiche {n}", True, False, None) for n in range(120)),
)
PUBLICATIONS = (
    PlannedPublication("envoi/guide.pdf", (Holder("r-1", "Une cantine en régie", False, True),)),
    PlannedPublication(
        "envoi/bilan.pdf", (Holder("r-4", "Une ferme", True, False), Holder("r-3", "Deux", False, False))
    ),
    PlannedPublication("envoi/seul.pdf", ()),
)


def rendered(archive: Archive, app: Flask) -> dict[str, TestResponse]:
    """Return the responses of all pages of the desk in each of their states, by name of the state.

    The archive is changed on the way, and has no index at the end.
    """
    staff, member, visitor = signed_in(app, STAFF), signed_in(app, MEMBER), app.test_client()
    ids, settings, jobs = archive.ids(), archive.settings, Jobs(archive.settings.data)
    found = {
        "rollback: none is kept": staff.get("/gestion/travaux/retour"),
        "403": member.get("/gestion/"),
        "care without a survey": staff.get("/gestion/a-verifier?quoi=liens"),
    }
    with mock.patch.object(search_stats, "search_log", return_value=SearchLog(settings.data / "none.sqlite", 0)):
        found["no search log"] = staff.get("/gestion/recherches")

    # Publications: two that nobody has, one of them attached then, and one that a resource lacks
    for name in ("guide des élus", "bilan"):
        archive.write(f"{name}.pdf", pdf([Sheet([*PROSE.splitlines(), name])], title=f"Le {name}"))
    note = f'<a href="{SITE}/absent.pdf">La publication</a>'
    archive.write("note.html", page("Une note", address=f"{SITE}/note", body=note, private="Oui"))
    archive.import_()
    archive.index()
    found["publications"] = staff.get("/gestion/publications")
    digest = re.search(r"/gestion/publications/([0-9a-f]{32})", found["publications"].text)
    assert digest
    with mock.patch.object(publications, "publish"):
        found["publication: refused"] = post(staff, f"/gestion/publications/{digest[1]}", resource="rien")
        post(staff, f"/gestion/publications/{digest[1]}", resource=f"{SITE}/note")
    archive.index()
    found["correction: publications"] = staff.get(f"/gestion/ressources/{archive.ids()['Une note']}")

    # Corrections, themes
    archive.correct("Reprendre une ferme", type="Fiche", year=2019, themes=("Alimentation", "Ruralité"))
    archive.correct("Monter une épicerie solidaire", withdrawn=True)
    archive.index()
    assess_quality(settings)
    for name, title in {"corrected": "Reprendre une ferme", "withdrawn": "Monter une épicerie solidaire"}.items():
        found[f"correction: {name}"] = staff.get(f"/gestion/ressources/{ids[title]}")
    charte = f"/gestion/ressources/{ids['Charte des achats']}"
    found["correction: private"] = staff.get(charte)
    found["correction: refused"] = post(staff, charte, private="non", year="20l4", type="x", themes="")
    with mock.patch.object(corrections, "publish"), mock.patch.object(themes, "publish"):
        done = post(staff, charte, type="Charte", year="", themes="Achats", private="oui")
        found["correction: done"] = staff.get(done.location)
        found["theme: preview"] = post(staff, "/gestion/themes", theme="Ruralité", name="Alimentation")
        found["theme: refused"] = post(staff, "/gestion/themes", theme="Ruralité", name=" ")
        post(staff, "/gestion/themes", theme="Ruralité", name="Campagnes", confirm="oui")
        found["theme: renamed"] = staff.get("/gestion/themes")

    # The page of a theme
    theme = "/gestion/themes/alimentation"
    found["theme page: begun"] = staff.get(theme)
    version = re.search(r'name="version" value="([^"]*)"', found["theme page: begun"].text)
    assert version
    shown = {"text": "## Lire\n\nUn **mot**.", "resources": ids["Charte des achats"], "version": version[1]}
    found["theme page: preview"] = post(staff, theme, **shown)
    found["theme page: refused"] = post(staff, theme, text="x", resources="rien", version=version[1])
    post(staff, theme, **shown, action="save")
    found["theme page: written"] = staff.get(theme)

    found["rollback: titles"] = staff.get("/gestion/travaux/retour?quoi=changent")
    found |= _bulk(archive, staff)
    found["sources"] = _sources(archive, staff)

    # Synonyms and searches
    log = SearchLog(settings.data / "searches.sqlite", 30)
    log.note("gratiferia", results=0, member=False, corrected=False)
    log.note("régie", results=1, member=True, corrected=False)
    found["synonyms: begun"] = staff.get("/gestion/synonymes?terme=gratiferia")
    version = re.search(r'name="version" value="([^"]*)"', found["synonyms: begun"].text)
    assert version
    for name, text in {"tried": "gratiferia = régie", "faulty": "gratiferia\na => b => c"}.items():
        found[f"synonyms: {name}"] = post(staff, "/gestion/synonymes", text=text, version=version[1])
    post(staff, "/gestion/synonymes", text="gratiferia = régie", version=version[1], action="save")
    found["synonyms: saved"] = staff.get("/gestion/synonymes")
    found["searches of a year"] = staff.get("/gestion/recherches?jours=365")

    # What stands above the results
    private, public = ids["Charte des achats"], ids["Reprendre une ferme"]
    post(staff, "/gestion/selections", q="ferme", resource=[private, public], other="")
    post(staff, "/gestion/selections", q="fermes", resource=[public])
    found["curated: chosen"] = staff.get("/gestion/selections?q=ferme")
    found["curated: refused"] = post(staff, "/gestion/selections", q="ferme", other="/ressources/inconnue")

    # Messages of readers, texts about the site
    form = {"csrf_token": token(visitor, "/contact"), "message": "Le lien est mort.", "email": MEMBER}
    visitor.post(f"/ressources/{ids['Reprendre une ferme']}/signaler", data=form)
    visitor.post("/contact", data=form)
    post(staff, "/gestion/messages/2", action="close")
    found["messages"] = staff.get("/gestion/messages")
    written = re.search(r'name="version" value="([^"]*)"', staff.get("/gestion/textes/accessibilite").text)
    assert written
    own = {"text": "## Conformité\n\nUn **mot**, [un lien](/contact).", "version": written[1]}
    found["text: preview"] = post(staff, "/gestion/textes/accessibilite", **own)
    found["text: moved"] = post(staff, "/gestion/textes/accessibilite", text="x", version="y")
    post(staff, "/gestion/textes/accessibilite", **own, action="save")
    found["text: written"] = staff.get("/gestion/textes/accessibilite")

    # Accounts: people are invited with a link, which is shown once
    found["account: made"] = post(staff, "/gestion/comptes", email="nouvelle@exemple.fr", role="staff")
    post(staff, "/gestion/comptes/changer", email="nouvelle@exemple.fr", action="disable")
    found["account: link"] = post(staff, "/gestion/comptes/changer", email=MEMBER, action="link")
    found["account: refused"] = post(staff, "/gestion/comptes", email=MEMBER, role="member")
    found["account: changed"] = staff.get(
        post(staff, "/gestion/comptes/changer", email="nouvelle@exemple.fr", action="member").location
    )

    # Imports and jobs
    found["import: refused"] = post(staff, "/gestion/import", files=[(BytesIO(b"x"), "notes.docx")], theme="Ruralité")
    kept = Uploads(settings.data).keep([SentFile("ferme.html", BytesIO(b"<p>Une ferme"))]).name
    reports = {
        "preview": (JobKind.PREVIEW, Report(preview=Preview(IMPORTED, FORESEEN, PUBLICATIONS))),
        "preview of nothing": (JobKind.PREVIEW, Report(preview=Preview(replace(IMPORTED, imported=0), ()))),
        "import": (JobKind.IMPORT, Report(imported=IMPORTED, index=INDEXED)),
        "index": (JobKind.INDEX, Report(index=replace(INDEXED, switched=False, added=0, updated=0, written=()))),
        "previous": (
            JobKind.PREVIOUS,
            Report(rolled_back=RollbackReport("000005", "000003", 97, 60, ("r-1",), (Named("r-1", "Une charte"),))),
        ),
        "survey": (JobKind.SURVEY, Report()),
        "recognise": (JobKind.RECOGNISE, Report(index=INDEXED, note="Pages examinées : 12 ; texte reconnu sur 9.")),
    }
    for name, (kind, report) in reports.items():
        number = jobs.add(kind, STAFF, upload=kept, note="notes.docx : ce n’est pas une page")
        jobs.end(number, JobState.DONE, report=report)
        found[f"job: {name}"] = staff.get(f"/gestion/travaux/{number}")
        if name == "preview":
            for tab in ("changees", "publications", "ecartees"):
                found[f"job: preview, {tab}"] = staff.get(f"/gestion/travaux/{number}?voir={tab}")
            found["previewed resource"] = _previewed(archive, kept, staff, number)
    Uploads(settings.data).drop(kept)
    dropped = next(one.number for one in jobs.latest() if one.kind is JobKind.PREVIEW)
    found["job: dropped preview"] = staff.get(f"/gestion/travaux/{dropped}")
    for state in (JobState.FAILED, JobState.CANCELLED, JobState.CRASHED):
        number = jobs.add(JobKind.FULL, STAFF)
        jobs.end(number, state, message="Le disque est plein : libérez de la place, puis recommencez.")
        found[f"job: {state}"] = staff.get(f"/gestion/travaux/{number}")
    number = jobs.add(JobKind.FULL, STAFF)
    lock = jobs.hold(number)
    jobs.begin(number, os.getpid())
    found["job: waiting"] = staff.get(f"/gestion/travaux/{number}")
    jobs.advance(number, "Lecture des pages", 40, 120)
    found["job: running"] = staff.get(f"/gestion/travaux/{number}")
    found["desk while a job runs"] = staff.get("/gestion/")
    found["one at a time"] = staff.get(post(staff, "/gestion/travaux", kind="index").location)
    os.close(lock)

    found |= {path: staff.get(path) for path in PAGES}
    (settings.index / "current.json").unlink()
    (settings.index / "generations").rename(settings.index / "away")
    found |= {f"empty archive: {path}": staff.get(path) for path in EMPTY}
    found["unavailable"] = visitor.get("/")
    return found


def _bulk(archive: Archive, staff: FlaskClient) -> dict[str, TestResponse]:
    """Return the responses to each step of correcting many resources at once, by name of the state."""
    found = {RESULTS: staff.get("/?theme=Ruralit%C3%A9")}
    everything = {"search": "", "year-do": "set", "year": "2020", "themes-do": "add", "themes": "Achats"}
    chosen = {"resource": list(archive.ids().values())[:2]}
    found["bulk: chosen"] = post(staff, "/gestion/lot", **chosen)
    found["bulk: refused"] = post(staff, "/gestion/lot", **chosen, action="preview")
    found["bulk: refused, nothing chosen"] = post(staff, "/gestion/lot")
    found["bulk: preview"] = post(staff, "/gestion/lot", **everything, private="non", action="preview")
    found["bulk: refused until confirmed"] = post(staff, "/gestion/lot", **everything, private="non", action="apply")
    found["bulk: changed since"] = post(staff, "/gestion/lot", **everything, digest="x", action="apply")
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', found["bulk: changed since"].text)
    assert digest
    with mock.patch.object(bulk, "publish"):
        done = post(staff, "/gestion/lot", **everything, digest=digest[1], action="apply")
        found["bulk: done"] = staff.get(done.location)
        found["bulk: nothing would change"] = post(staff, "/gestion/lot", **everything, action="preview")
        archive.correct("Reprendre une ferme", year=2001)
        post(staff, f"{done.location}/annuler")
        found["bulk: undone"] = staff.get(done.location)
    return found


def _previewed(archive: Archive, upload: str, staff: FlaskClient, number: int) -> TestResponse:
    """Return the page that previews a resource of an import: `upload` names its folder, `number` is that of its job."""
    resource = next(iter(archive.resources().values()))
    with keeping(Uploads(archive.settings.data).folder(upload)) as keep:
        keep(replace(resource, summary="En bref.", warnings=("La date « 31 février » n’existe pas.",)))
    return staff.get(f"/gestion/travaux/{number}/ressources/0")


def _sources(archive: Archive, staff: FlaskClient) -> TestResponse:
    """Return the page that lists sources (sites to gather from): one never gathered, one whose last run was stopped."""
    state = State(archive.settings.corpus)
    try:
        registry = Registry(state)
        for name, address in (("reseau", "https://reseau.example/"), ("voisins", "https://voisins.example/")):
            registry.add(checked(Source(name, address)), None)
        first = registry.begin("reseau")
        registry.end(first.number, RunState.DONE)
        last = registry.begin("reseau")
        with state.changing() as db:
            db.execute("UPDATE runs SET came = 12, requests = 4321, asked = 45 WHERE number = ?", (last.number,))
            note(db, last.number, f"https://reseau.example/{'une-adresse-sans-fin-' * 8}", "le site refuse cette page")
        registry.end(last.number, RunState.STOPPED, "Limite atteinte (100 pages) : la prochaine continuera.")
    finally:
        state.close()
    return staff.get("/gestion/sources")
