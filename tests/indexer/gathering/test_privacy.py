"""Sites with credentials: a page is public only if « Ressource privée » says so and anonymous requests get it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from indexer.gathering.credentials import Credentials
from indexer.gathering.fetching import Fetcher
from indexer.gathering.politeness import Pace, SystemClock
from indexer.gathering.source import Source, checked
from indexer.resource import Audience
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import frame, page
from tests.support.live_site import LiveSite, Reply, Request, html

SECRET = "SESSabc=tres-secret"


@pytest.fixture
def members_site(make: Any, site: LiveSite, tmp_path: Path) -> Gathering:
    """A site that shows some pages to members alone, gathered with the cookie of a member."""
    cookie = tmp_path / "cookies.txt"
    cookie.write_text(SECRET)
    os.chmod(cookie, 0o600)

    def member(request: Request) -> bool:
        return request.headers.get("cookie") == SECRET

    def fiche(name: str, private: str, everyone: str | None, extra: str = "") -> None:
        path = f"/{name}"
        whole = page(name.title(), address=site.address + path, private=private, body=f"Texte de {name}. {extra}")
        site.put(
            path,
            lambda request: html(whole) if member(request) else html(everyone) if everyone else Reply(status=403),
        )

    def teaser(name: str, private: str = "Non") -> str:
        return page(name.title(), address=f"{site.address}/{name}", private=private, body="Ce que tous voient.")

    fiche("ouverte", "Non", teaser("ouverte"), "Et la suite pour les membres.")
    fiche("reservee", "Oui", None)
    fiche("oubliee", "Non", None)
    fiche("connexion-demandee", "Non", frame('<h1>Connexion</h1><input type="password">', title="Connexion"))
    fiche("contredite", "Non", teaser("contredite", "Oui"))
    names = ("ouverte", "reservee", "oubliee", "connexion-demandee", "contredite")
    site.put("/", frame("".join(f'<a href="/{name}">L</a>' for name in names), title="Accueil"))
    found: Gathering = make(cookie_file=cookie)
    return found


def test_a_page_is_public_only_if_everyone_sees_it(members_site: Gathering) -> None:
    members_site.sync()
    assert list(members_site.archive.hits(audience=Audience.VISITOR)) == ["Ouverte"]
    assert len(members_site.archive.hits(audience=Audience.MEMBER)) == 5
    assert members_site.archive.search("suite pour les membres", Audience.VISITOR).total == 0, "what members see alone"


def test_requests_and_what_is_said_of_the_cookie(
    members_site: Gathering, site: LiveSite, capfd: pytest.CaptureFixture[str]
) -> None:
    members_site.sync(index=False)
    assert len(site.requests) <= 2.1 * 6 + 3
    said = capfd.readouterr()
    kept = b"".join(path.read_bytes() for path in members_site.archive.folder.rglob("*") if path.is_file())
    assert "secret" not in said.out + said.err
    assert SECRET.encode() not in kept


def test_a_second_run_gets_no_body(members_site: Gathering, site: LiveSite) -> None:
    members_site.sync(index=False)
    site.forget()
    report = members_site.sync(index=False)
    assert (report.runs[0].came, report.runs[0].changed) == (0, 0)
    assert 200 not in site.statuses


def test_a_page_that_closes_becomes_private_and_opens_again(members_site: Gathering, site: LiveSite) -> None:
    members_site.sync()
    before = members_site.archive.ids(Audience.VISITOR)["Ouverte"]
    shown = site.pages["/ouverte"]
    site.put("/ouverte", lambda request: shown(request) if request.headers.get("cookie") else Reply(status=403))
    members_site.sync(index=False)
    assert members_site.archive.hits(audience=Audience.VISITOR) == {}, "at once"
    site.pages["/ouverte"] = shown
    members_site.sync()
    assert members_site.archive.ids(Audience.VISITOR) == {"Ouverte": before}


def test_a_sign_in_that_ended_closes_nothing(members_site: Gathering, site: LiveSite) -> None:
    members_site.sync()
    for path in list(site.pages)[:-1]:
        site.put(path, Reply(status=403))
    report = members_site.sync()
    assert "refuse la connexion" in report.runs[0].reason
    assert list(members_site.archive.hits(audience=Audience.VISITOR)) == ["Ouverte"]


def test_credentials_go_to_no_other_host(make: Any, site: LiveSite, tmp_path: Path) -> None:
    from tests.support.live_site import moved, serving

    with serving(LiveSite()) as other:
        token = tmp_path / "token"
        token.write_text("jeton-secret")
        os.chmod(token, 0o600)
        address = other.address.replace("127.0.0.1", "localhost")
        site.put("/", frame(f'<a href="{address}/x">L</a><a href="/y">Y</a>', title="Accueil"))
        site.put("/y", moved(f"{address}/z"))
        other.put("/x", frame("<h1>X</h1>", title="X"))
        gathering = make(token_file=token, hosts=(address.removeprefix("http://"),))
        gathering.sync(index=False)
        assert "/x" in other.asked(), "this host belongs to the source"
        assert all("authorization" not in request.headers for request in other.requests)
        assert {request.headers.get("authorization") for request in site.requests} == {"Bearer jeton-secret"}


def test_credentials_of_an_encrypted_site_are_never_sent_in_clear(site: LiveSite) -> None:
    """A link by http to a site whose address is https is followed, but without the credentials."""
    source = checked(Source("essai", site.address.replace("http://", "https://") + "/", local=True))
    clock = SystemClock()
    fetcher = Fetcher(source, Pace(0.0, clock), clock, agent="essai", credentials=Credentials(cookies=SECRET))
    fetcher.get(f"{site.address}/x")
    fetcher.close()
    assert ["cookie" in request.headers for request in site.requests] == [False]
