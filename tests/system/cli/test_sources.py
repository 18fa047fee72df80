"""The commands on sources (sites that the archive reads by itself), and `sync`, with a small site on 127.0.0.1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.archive import page
from tests.support.drupal_site import DrupalSite
from tests.support.live_site import LiveSite, serving
from tests.support.trap_site import build
from tests.system.cli.conftest import Command, Site


@pytest.fixture(scope="module")
def live() -> Iterator[LiveSite]:
    with serving(LiveSite()) as site:
        build(site, resources=3)
        yield site


@pytest.fixture
def added(cli: Command, live: LiveSite) -> Command:
    assert cli("source", "add", f"{live.address}/", "--name", "essai", "--local", "--delay", "0").status == 0
    return cli


def test_from_a_site_to_the_searches(added: Command, live: LiveSite) -> None:
    done = added("sync", "--json")
    assert (done.status, done.json["imported"], done.json["sources"][0]["came"]) == (0, 3, 3)
    assert [hit["title"] for hit in added("search", "fiche", "--json").json["hits"]] == [
        f"Fiche pratique {number:03}" for number in (1, 2, 3)
    ]
    again = added("sync", "essai")
    assert again.status == 0
    assert "nouvelles\u202f: 0" in again.out or "nouvelles\u00a0: 0" in again.out
    shown = added("source", "show", "essai", "--json").json
    assert (shown["counts"]["resources"], len(shown["runs"])) == (3, 2)
    listed = added("source", "list")
    assert live.address in listed.out


def test_check_shows_pages_and_keeps_nothing(added: Command, site: Site, live: LiveSite) -> None:
    shown = added("source", "check", "essai", "--json")
    assert shown.status == 0
    assert [one["resources"][0]["title"] for one in shown.json["pages"]] == [
        f"Fiche pratique {number:03}" for number in (1, 2, 3)
    ]
    assert "Fiche pratique 001" in added("source", "check", "essai").out
    assert sorted(path.suffix for path in site.corpus.rglob("*") if path.is_file()) == [".sqlite"]


def test_remove_keeps_pages_unless_asked_to_withdraw(added: Command, site: Site) -> None:
    added("sync")
    assert added("source", "remove", "essai").status == 0
    assert added("search", "fiche", "--json").json["total"] == 3
    assert added("source", "show", "essai").status == 1


def test_remove_withdraws(added: Command, cli: Command, site: Site) -> None:
    cli("import", str(site.pages))
    added("sync")
    assert added("source", "remove", "essai", "--withdraw").status == 0
    added("index")
    assert [hit["title"] for hit in added("search", "--json", "").json["hits"]] == ["Monter une épicerie solidaire"]


def test_no_index_leaves_the_searches(added: Command) -> None:
    added("sync", "--no-index", "--json")
    assert added("search", "fiche").status == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sync",), "Aucune source"),
        (("sync", "autre"), "Aucune source ne s’appelle"),
        (("source", "show", "autre"), "Aucune source ne s’appelle"),
        (("source", "remove", "autre"), "Aucune source ne s’appelle"),
        (("source", "check", "autre"), "Aucune source ne s’appelle"),
        (("source", "add", "ftp://exemple.fr"), "n’est pas l’adresse d’un site"),
        (("source", "add", "rtes.fr"), "n’est pas l’adresse d’un site"),
        (("source", "add", "https://moi:secret@exemple.fr/"), "retirez-le"),
        (("source", "add", "https://exemple.fr/", "--name", "../x"), "ne peut nommer une source"),
        (("source", "add", "https://exemple.fr/", "--delay", "-1"), "Le délai"),
        (("source", "add", "https://exemple.fr/", "--cookie-file", "/nulle/part"), "ne peut être lu"),
    ],
)
def test_what_cannot_be_done(cli: Command, arguments: tuple[str, ...], said: str) -> None:
    done = cli(*arguments)
    assert (done.status, done.out) == (1, "")
    assert said in done.plain_err
    assert "secret" not in done.err


def test_wrong_usage(cli: Command) -> None:
    assert cli("source", "add", "https://exemple.fr/", "--kind", "spip").status == 2
    assert cli("source", "add", "https://exemple.fr/", "--cookie-file", "a", "--token-file", "b").status == 2


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(cli: Command, tmp_path: Path, mode: int) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text("SESS=tres-secret\n")
    os.chmod(path, mode)
    done = cli("source", "add", "https://exemple.fr/", "--cookie-file", str(path))
    assert done.status == 1
    assert "chmod 600" in done.err
    assert "tres-secret" not in done.err


def test_two_of_one_name(added: Command, live: LiveSite) -> None:
    assert "autre nom" in added("source", "add", "https://exemple.fr/", "--name", "essai").err
    assert "déjà celle" in added("source", "add", f"{live.address}/", "--name", "autre", "--local").err


def test_a_profile_reads_the_pages(cli: Command, live: LiveSite, tmp_path: Path) -> None:
    profile = tmp_path / "profil.toml"
    profile.write_text('name = "Essai"\n[title]\nselector = "h1"\n[private]\nall = "public"\n', "utf-8")
    live.put("/ressources/1-fiche", page("Fiche pratique 001", address=f"{live.address}/ressources/1-fiche"))
    given = ("--local", "--delay", "0", "--profile", str(profile), "--path", "/ressources/*", "--path", "/ressources")
    assert cli("source", "add", f"{live.address}/ressources", "--name", "profil", *given).status == 0
    assert cli("sync", "--json").json["imported"] >= 3


def test_a_drupal_site_says_which_fields_were_guessed(cli: Command, tmp_path: Path) -> None:
    with serving(LiveSite()) as site:
        DrupalSite(site).put(1, "Covoiturer au village")
        given = ("--kind", "drupal", "--name", "noeud", "--local", "--delay", "0")
        assert cli("source", "add", f"{site.address}/", *given).status == 0
        checked = cli("source", "check", "noeud")
        assert "type de contenu\u00a0: ressource" in checked.out
        assert "field_ressource_privee" in checked.out
        assert "Covoiturer au village" in checked.out
        assert cli("sync", "--json").json["imported"] == 1
        profile = tmp_path / "champs.toml"
        profile.write_text('bundle = "ressource"\nprivate = "field_autre"\n')
        again = ("--kind", "drupal", "--name", "autre", "--local", "--delay", "0", "--profile", str(profile))
        assert cli("source", "add", f"{site.address}/x", *again).status == 0
        assert cli("sync", "autre", "--json").json["imported"] == 1
        assert "field_autre" in cli("source", "show", "autre").out
        profile.write_text("[title]\nselector = 'h1'\n")
        refused = cli("source", "add", f"{site.address}/y", *again[:2], "--profile", str(profile))
        assert refused.status == 1
        assert "bundle" in refused.err


def test_check_looks_at_sources(added: Command, cli: Command, site: Site, tmp_path: Path) -> None:
    token = tmp_path / "jeton"
    token.write_text("un-jeton")
    os.chmod(token, 0o600)
    assert cli("source", "add", "https://exemple.fr/", "--name", "close", "--token-file", str(token)).status == 0
    added("import", str(site.pages))
    added("index")
    assert added("check").status == 0
    os.chmod(token, 0o644)
    found = added("check")
    assert found.status == 1
    assert "chmod 600" in found.err
    assert "un-jeton" not in found.err
    (site.corpus / "gathering.sqlite").write_bytes(b"abimee" * 1000)
    assert "gathering.sqlite" in added("check").err
