"""Access to the staff desk, and its pages of jobs and imports."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.corpus.store import Corpus
from search_app.jobs.store import Job, Jobs, JobState
from search_app.messages import NO_BREAK
from search_app.settings import SiteSettings
from search_app.staff import imports
from search_app.staff.desk import when
from search_app.web.request_limits import Body
from tests.support.archive import Archive, page
from tests.support.desk import PAGES, number, post, said, text, token

Over = Callable[..., Job]
NEED_AN_INDEX = ("/gestion/a-verifier", "/gestion/lot", "/gestion/themes/")
"""Beginnings of addresses of pages that show nothing without an index."""


def sent(name: str, content: str | bytes) -> tuple[BytesIO, str]:
    return BytesIO(content.encode() if isinstance(content, str) else content), name


def send(client: FlaskClient, *files: tuple[BytesIO, str], **fields: str) -> Any:
    return post(client, "/gestion/import", files=list(files), **fields)


# Access


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_staff(visitor: FlaskClient, member: FlaskClient, staff: FlaskClient, path: str) -> None:
    asked = visitor.get(path)
    assert (asked.status_code, asked.location.startswith("/connexion?next=/gestion")) == (303, True)
    refused = member.get(path)
    assert (refused.status_code, "réservée à l’équipe" in refused.text) == (403, True)
    assert staff.get(path).status_code == 200


def test_every_route_is_for_staff(app: Flask, visitor: FlaskClient, member: FlaskClient) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    assert len(rules) > 20
    for rule in rules:
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        if "POST" in (rule.methods or ()):
            data = {"csrf_token": token(member, "/")}
            assert member.post(path, data=data).status_code == 403, path
            assert visitor.post(path, data={"csrf_token": token(visitor, "/connexion")}).status_code == 403, path
        else:
            assert member.get(path).status_code == 403, path
            assert visitor.get(path).status_code == 303, path


def test_the_way_in_is_shown_to_staff_alone(visitor: FlaskClient, member: FlaskClient, staff: FlaskClient) -> None:
    assert ['href="/gestion/"' in client.get("/").text for client in (visitor, member, staff)] == [False, False, True]


def test_an_archive_that_holds_nothing(settings: SiteSettings, staff: FlaskClient) -> None:
    (settings.index / "current.json").unlink()
    (settings.index / "generations").rename(settings.index / "away")
    pages = [path for path in PAGES if not path.startswith(NEED_AN_INDEX)]
    assert {staff.get(path).status_code for path in pages} == {200}


def test_hours_are_written_as_in_french() -> None:
    told = when(datetime.datetime(2026, 11, 24, 8, 5).astimezone().isoformat())
    assert told.replace(NO_BREAK, "_") == "24_novembre 2026 à_8_h_05"


# Jobs


def test_reindexing_from_the_desk(archive: Archive, staff: FlaskClient, over: Over) -> None:
    archive.put("s/cantine.html", page("Une cantine"))
    archive.put("s/notes.html", "rien")
    asked = post(staff, "/gestion/travaux", kind="index")
    job = over(number(asked))
    shown = text(staff.get(asked.location))
    assert job.state is JobState.DONE
    assert "Ajoutées 1" in shown
    assert "s/notes.html" in shown
    assert "Une cantine" in staff.get("/?q=cantine").text


def test_progress_is_told_as_json_and_a_job_can_be_cancelled(
    archive: Archive, staff: FlaskClient, jobs: Jobs, over: Over
) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        asked = post(staff, "/gestion/travaux", kind="full")
        state = staff.get(f"{asked.location}.json").json
        assert state is not None
        assert (state["over"], set(state)) == (False, {"state", "label", "stage", "unit", "done", "total", "over"})
        shown = staff.get(asked.location).text
        assert f'data-job="{asked.location}.json"' in shown
        assert "déjà en cours" in said(staff, post(staff, "/gestion/travaux", kind="index"))
        assert "s’arrête" in said(staff, post(staff, f"{asked.location}/annuler"))
        job = over(number(asked))
    corpus.close()
    assert job.state is JobState.CANCELLED
    assert staff.get(f"{asked.location}.json").json == {
        "state": "cancelled",
        "label": "annulé",
        "stage": job.stage or "",
        "unit": "",
        "done": 0,
        "total": 0,
        "over": True,
    }
    assert "rien à annuler" in said(staff, post(staff, f"{asked.location}/annuler"))


def test_going_back_from_the_desk(archive: Archive, staff: FlaskClient, over: Over) -> None:
    archive.put("s/cantine.html", page("Une cantine"))
    archive.index()
    unseen = post(staff, "/gestion/travaux", kind="previous")
    assert unseen.location == "/gestion/travaux/retour"
    seen = text(staff.get(unseen.location))
    assert "La génération 000001, écrite le" in seen
    assert "Ressources 5" in seen
    assert "Partiraient 1" in seen
    assert "Une cantine" in text(staff.get("/gestion/travaux/retour?quoi=partent"))
    assert staff.get("/gestion/travaux/retour?quoi=rien").status_code == 404
    asked = post(staff, "/gestion/travaux", kind="previous", generation="000001")
    over(number(asked))
    assert "avec les ressources de la 000001" in text(staff.get(asked.location))
    assert "Une cantine" not in staff.get("/?q=cantine").text


def test_going_back_to_what_was_not_seen_fails(archive: Archive, staff: FlaskClient, over: Over) -> None:
    archive.put("s/cantine.html", page("Une cantine"))
    archive.index()
    job = over(number(post(staff, "/gestion/travaux", kind="previous", generation="000009")))
    assert (job.state, "n’est plus la 000009" in str(job.message)) == (JobState.FAILED, True)


@pytest.mark.parametrize("path", ["/gestion/travaux/99", "/gestion/travaux/99.json", f"/gestion/travaux/{2**70}"])
def test_a_job_that_does_not_exist(staff: FlaskClient, path: str) -> None:
    assert staff.get(path).status_code == 404


def test_what_is_no_job(staff: FlaskClient) -> None:
    assert post(staff, "/gestion/travaux", kind="import").status_code == 400
    assert post(staff, "/gestion/travaux/99/importer").status_code == 404
    assert staff.post("/gestion/travaux", data={"kind": "index"}).status_code == 400  # without a CSRF token


# Imports


def test_an_import_is_seen_before_it_is_done(archive: Archive, staff: FlaskClient, over: Over) -> None:
    files = (
        sent("epicerie.html", page("Une cantine", address="https://reseau.example/cantine")),
        sent(
            "charte.html",
            page("Charte des achats", address="https://reseau.example/charte", private="Oui", body="Neuf."),
        ),
        sent("notes.docx", b"x"),
        sent("vide.html", "rien"),
    )
    before = archive.corpus_files()
    seen = send(staff, *files, theme="Alimentation")
    job = over(number(seen))
    shown = text(staff.get(seen.location))
    assert job.state is JobState.DONE
    assert "notes.docx" in shown
    assert str(archive.folder) not in shown  # paths of the server are not shown
    assert "Ressources nouvelles 1" in shown
    assert "Guide · sans année · Alimentation · publique Nouvelle" in shown
    changed = text(staff.get(f"{seen.location}?voir=changees"))
    assert "Guide · sans année · Alimentation · réservée aux adhérents Changée : thèmes · aujourd’hui" in changed
    assert "Une cantine" not in changed
    assert "vide.html Lue, sans ressource" in text(staff.get(f"{seen.location}?voir=ecartees"))
    assert staff.get(f"{seen.location}?voir=rien").status_code == 404
    one = re.search(rf'{seen.location}/ressources/\d+(?=">Une cantine)', staff.get(seen.location).text)
    assert one
    read = text(staff.get(one[0]))
    assert "Telle que l’import l’a lue : elle serait nouvelle" in read
    assert "réunit salarié·es" in read
    assert staff.get(f"{seen.location}/ressources/99").status_code == 404
    assert archive.corpus_files() == before
    done = post(staff, f"{seen.location}/importer")
    assert over(number(done)).state is JobState.DONE
    came = text(staff.get(done.location))
    assert "Pages importées : 2" in came
    assert "Ressources ajoutées ou modifiées (2)" in came
    assert f'href="/ressources/{archive.ids()["Une cantine"]}">Une cantine</a>' in staff.get(done.location).text
    assert staff.get(one[0]).status_code == 404  # what was read went with the upload
    assert "Une cantine" in staff.get("/?q=cantine").text
    assert "importé ou abandonné" in text(staff.get(seen.location))
    assert "plus là" in said(staff, post(staff, f"{seen.location}/importer"))


def test_what_would_become_public_or_private_is_told(archive: Archive, staff: FlaskClient, over: Over) -> None:
    def epicerie(private: str) -> tuple[BytesIO, str]:
        return sent("a.html", page("Cantine", address="https://reseau.example/cantine", private=private))

    first = send(staff, epicerie("Oui"))
    over(number(first))
    over(number(post(staff, f"{first.location}/importer")))
    opened = send(staff, epicerie("Non"))
    over(number(opened))
    assert "Deviendraient publiques (1)" in text(staff.get(opened.location))
    over(number(post(staff, f"{opened.location}/importer")))
    closed = send(staff, epicerie("Oui"))
    over(number(closed))
    assert "Deviendraient réservées (1)" in text(staff.get(closed.location))


def test_an_import_that_is_dropped(archive: Archive, staff: FlaskClient, over: Over) -> None:
    seen = send(staff, sent("a.html", page("Une cantine")))
    over(number(seen))
    assert "abandonné" in said(staff, post(staff, f"{seen.location}/abandonner"))
    assert list((archive.settings.data / "spool").iterdir()) == []
    assert "plus là" in said(staff, post(staff, f"{seen.location}/importer"))


@pytest.mark.parametrize(
    ("files", "expected"), [((), "Choisissez"), ((sent("a.docx", b"x"),), "a.docx")], ids=["nothing", "another kind"]
)
def test_nothing_to_import(staff: FlaskClient, files: tuple[tuple[BytesIO, str], ...], expected: str) -> None:
    refused = send(staff, *files, theme="Ruralité")
    assert refused.status_code == 400
    assert expected in text(refused)
    assert 'value="Ruralité"' in refused.text  # the typed value is kept


def test_only_staff_may_send_much(staff: FlaskClient, member: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    much = b"x" * 200_000
    for client, status in ((staff, 400), (member, 413)):
        data = {"csrf_token": token(client, "/"), "files": (BytesIO(much), "a.docx")}
        assert client.post("/gestion/import", data=data).status_code == status
    monkeypatch.setattr(imports.send, "body_taken", Body(1000))
    assert send(staff, sent("a.html", much)).status_code == 413
