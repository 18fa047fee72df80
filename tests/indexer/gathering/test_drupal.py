"""Gathering by Drupal's JSON:API, while nodes are changed and deleted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.gathering import RunState, SourceKind
from indexer.gathering.drupal.page import privacy_of
from indexer.resource import Audience
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import page
from tests.support.drupal_site import DrupalSite
from tests.support.live_site import LiveSite, Reply, Request

Make = Callable[..., Gathering]


@pytest.fixture
def drupal(site: LiveSite) -> DrupalSite:
    return DrupalSite(site)


@pytest.fixture
def gathering(make: Make, drupal: DrupalSite) -> Gathering:
    return make(kind=SourceKind.DRUPAL, delay=0.0)


def shown(gathering: Gathering, audience: Audience = Audience.MEMBER) -> list[str]:
    return sorted(gathering.archive.hits(audience=audience))


def secret(folder: Path, text: str) -> Path:
    path = folder / "token.toml"
    path.write_text(text)
    os.chmod(path, 0o600)
    return path


BASIC = 'user = "archives"\npassword = "mot-de-passe"\n'
OAUTH = 'client_id = "client"\nclient_secret = "secret-du-client"\n'


def test_a_node_becomes_a_resource(gathering: Gathering, drupal: DrupalSite, site: LiveSite) -> None:
    drupal.put(
        7,
        "Covoiturer au village",
        alias="/mobilite/covoiturer",
        body='<p>Le <a href="/node/8">guide</a> des lignes.</p><h2>À retenir</h2><ul><li>Un</li></ul></div>',
        files=("guide.pdf",),
    )
    gathering.sync()
    (resource,) = gathering.archive.resources().values()
    assert (resource.title, resource.type, resource.themes) == ("Covoiturer au village", "Guide", ("Mobilité",))
    assert (resource.private, resource.date, resource.summary) == (False, "2021-03-04", "En bref.")
    assert resource.url == f"{site.address}/mobilite/covoiturer"
    assert resource.body is not None
    assert "Le guide des lignes." in resource.body
    assert "À retenir" in resource.body
    assert [one.url for one in resource.attachments] == [f"{site.address}/sites/files/guide.pdf"]


def test_every_node_though_others_are_deleted_and_changed_meanwhile(gathering: Gathering, drupal: DrupalSite) -> None:
    for nid in range(1, 171):
        drupal.put(nid, f"Fiche {nid:03}")
    answers = 0

    def meanwhile(request: Request) -> None:
        nonlocal answers
        if "page%5Blimit%5D=50" in request.target and "include" in request.target:
            answers += 1
            for nid in (answers, answers + 20):  # nodes that were read already: an offset would skip others
                drupal.nodes.pop(nid, None)
            drupal.change(160, title=f"Fiche 160, version {answers}")

    drupal.after = meanwhile
    report = gathering.sync(index=False)
    assert report.runs[0].state is RunState.DONE
    assert report.runs[0].came == 170
    drupal.after = lambda _: None
    gathering.sync(index=False)
    gathering.clock.pass_days(2)
    report = gathering.sync()
    assert len(report.imports[0].removed) == 170 - len(drupal.nodes)
    assert gathering.archive.search().total == len(drupal.nodes)
    assert list(gathering.archive.hits("version")) == [drupal.nodes[160].title]


def test_denied_nodes_make_short_and_empty_answers(gathering: Gathering, drupal: DrupalSite) -> None:
    for nid in range(1, 131):
        drupal.put(nid, f"Fiche {nid:03}", closed=nid <= 120 and nid != 3)
    gathering.sync()
    assert shown(gathering) == ["Fiche 003", *(f"Fiche {nid}" for nid in range(121, 131))]


def test_a_second_run_reads_only_what_changed(gathering: Gathering, drupal: DrupalSite, site: LiveSite) -> None:
    for nid in range(1, 61):
        drupal.put(nid, f"Fiche {nid:03}")
    drupal.now += 3600
    gathering.sync(index=False)
    drupal.now += 3600
    drupal.change(30, title="Fiche 030, revue")
    site.forget()
    report = gathering.sync(index=False)
    assert (report.runs[0].came, report.runs[0].changed, report.runs[0].unchanged) == (0, 1, 0)
    assert len(site.asked("/jsonapi")) == 3, "what changed, and the numbers of all"
    assert gathering.sync(index=False, full=True).runs[0].unchanged == 60


def test_a_deleted_node_goes_in_two_runs_and_an_unpublished_one_becomes_private(
    gathering: Gathering, drupal: DrupalSite
) -> None:
    for nid in (1, 2, 3):
        drupal.put(nid, f"Fiche {nid}")
    gathering.sync()
    before = gathering.archive.ids()
    del drupal.nodes[1]
    drupal.change(2, status=False)
    gathering.sync()
    assert shown(gathering, Audience.VISITOR) == ["Fiche 1", "Fiche 3"]
    assert shown(gathering) == ["Fiche 1", "Fiche 2", "Fiche 3"]
    gathering.clock.pass_days(2)
    report = gathering.sync()
    assert [one.reason for one in report.imports[0].removed] == ["contenu supprimé (404)"]
    drupal.change(2, status=True)
    gathering.sync()
    assert gathering.archive.ids(Audience.VISITOR) == {name: before[name] for name in ("Fiche 2", "Fiche 3")}


@pytest.mark.parametrize(
    ("value", "private"),
    [
        (False, False),
        (True, True),
        ("0", False),
        ("1", True),
        ("non", False),
        ("oui", True),
        ("term:Non", False),
        ("term:Oui", True),
        (None, True),
        ("peut-être", True),
        ("term:Interne", True),
        (["non", "oui"], True),
        ([], True),
    ],
)
def test_privacy_as_a_boolean_a_list_or_a_term(
    gathering: Gathering, drupal: DrupalSite, value: Any, private: bool
) -> None:
    drupal.put(1, "Fiche", private=value)
    drupal.put(2, "Autre", private="term:Non" if str(value).startswith("term:") else False)
    gathering.sync()
    assert ("Fiche" in shown(gathering, Audience.VISITOR)) is not private
    assert "Fiche" in shown(gathering)


def test_privacy_of_several_values() -> None:
    assert privacy_of(["Non", "0"]) is False
    assert privacy_of(["Non", "Oui"]) is True
    assert privacy_of(["Non", "?"]) is None
    assert privacy_of([]) is None


@pytest.mark.parametrize("held", [BASIC, OAUTH], ids=["basic", "client credentials"])
def test_signed_in_what_everyone_sees_is_public(
    make: Make, drupal: DrupalSite, site: LiveSite, tmp_path: Path, held: str
) -> None:
    gathering = make(kind=SourceKind.DRUPAL, delay=0.0, token_file=secret(tmp_path, held))
    drupal.put(1, "Ouverte")
    drupal.put(2, "Oubliée", closed=True)
    drupal.put(3, "Réservée", closed=True, private=True)
    drupal.put(4, "Brouillon", status=False)
    gathering.sync()
    assert shown(gathering, Audience.VISITOR) == ["Ouverte"]
    assert shown(gathering) == ["Oubliée", "Ouverte", "Réservée"]
    assert "mot-de-passe" not in repr(gathering.registry.all())
    drupal.change(1, closed=True)
    gathering.sync()
    assert shown(gathering, Audience.VISITOR) == []


def test_a_token_that_ends_is_renewed(make: Make, drupal: DrupalSite, site: LiveSite, tmp_path: Path) -> None:
    gathering = make(kind=SourceKind.DRUPAL, delay=0.0, token_file=secret(tmp_path, OAUTH))
    for nid in range(1, 121):
        drupal.put(nid, f"Fiche {nid:03}", closed=True)
    drupal.after = lambda request: drupal.tokens.clear() if "after" in request.target else None
    assert gathering.sync(index=False).runs[0].came == 120


def test_wrong_credentials_say_so(make: Make, drupal: DrupalSite, tmp_path: Path) -> None:
    drupal.put(1, "Fiche")
    wrong = secret(tmp_path, 'client_id = "client"\nclient_secret = "faux"\n')
    report = make(kind=SourceKind.DRUPAL, delay=0.0, token_file=wrong).sync(index=False)
    assert "client_secret" in report.failures[0]
    assert "faux" not in report.failures[0]


def test_a_node_known_from_saved_pages_keeps_its_id(gathering: Gathering, drupal: DrupalSite, site: LiveSite) -> None:
    address = f"{site.address}/guide-du-velo"
    gathering.archive.write("page.html", page("Guide du vélo", address=address, body="Court."))
    gathering.archive.import_()
    gathering.archive.index()
    before = gathering.archive.ids()
    drupal.put(12, "Guide du vélo", alias="/guide-du-velo", body="<p>Un texte bien plus long que la page.</p>")
    gathering.sync()
    assert gathering.archive.ids() == before
    drupal.change(12, alias="/velo-le-guide")
    gathering.sync()
    assert gathering.archive.ids() == before


def test_a_site_without_json_api_says_what_to_do(make: Make, site: LiveSite) -> None:
    site.put("/jsonapi", Reply(status=404))
    report = make(kind=SourceKind.DRUPAL, delay=0.0).sync(index=False)
    assert "activez le module JSON:API" in report.failures[0]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"data": 3}', b'{"data": [{"id": []}]}', b"[" * 100_000])
def test_hostile_documents_end_in_a_reason(
    gathering: Gathering, drupal: DrupalSite, site: LiveSite, body: bytes
) -> None:
    drupal.put(1, "Fiche")
    gathering.sync(index=False)
    site.put("/jsonapi/node/ressource", Reply(body))
    report = gathering.sync(index=False)
    assert report.runs[0].state in {RunState.STOPPED, RunState.DONE}
    assert report.imports[0].removed == ()


def test_a_body_cannot_leave_its_element(gathering: Gathering, drupal: DrupalSite) -> None:
    hostile = (
        "</div></article><article><h2>Intrus</h2><div><div>Ressource privée</div><div>Non</div></div>"
        "<div><div>Type de ressource</div><div>Faux</div></div></article>"
    )
    drupal.put(1, "Fiche réservée", private=True, body=hostile)
    gathering.sync()
    assert shown(gathering, Audience.VISITOR) == []


def test_a_stopped_walk_goes_on(gathering: Gathering, drupal: DrupalSite, site: LiveSite) -> None:
    for nid in range(1, 121):
        drupal.put(nid, f"Fiche {nid:03}")
    assert gathering.sync(index=False, limit=50).runs[0].state is RunState.STOPPED
    site.forget()
    report = gathering.sync(index=False)
    assert (report.runs[0].state, report.runs[0].came) == (RunState.DONE, 120)
    assert len([one for one in site.asked("/jsonapi/node/ressource") if "include" in one]) == 2
