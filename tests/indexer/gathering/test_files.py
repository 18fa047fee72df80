"""Publications that gathered pages link to: they are fetched and searched, or left out with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indexer.gathering import SourceKind
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import frame, page
from tests.support.drupal_site import DrupalSite
from tests.support.live_site import LiveSite, Reply, html
from tests.support.publications import PROSE, Sheet, pdf

Make = Callable[..., Gathering]
GUIDE = "/fichiers/guide%20du%20v%C3%A9lo.pdf"


def put_guide(site: LiveSite, words: str) -> None:
    content = pdf([Sheet([*PROSE.splitlines(), words])])
    site.put("/fichiers/guide du vélo.pdf", Reply(content, headers={"Content-Type": "application/pdf"}))


@pytest.fixture
def guide(site: LiveSite) -> None:
    body = f'<p>Un texte.</p><p><a href="{GUIDE}">Le guide</a></p>'
    site.put("/velo", page("Rouler", address=f"{site.address}/velo", body=body))
    site.put("/", frame('<a href="/velo">V</a>', title="Accueil"))
    put_guide(site, "Les vélocistes du canton.")


def test_a_publication_is_found_by_what_it_says(gathering: Gathering, site: LiveSite, guide: None) -> None:
    report = gathering.sync()
    assert report.imports[0].pages.publications == 1
    assert list(gathering.archive.hits("vélocistes")) == ["Rouler"]
    site.forget()
    gathering.sync()
    assert 200 not in site.statuses
    put_guide(site, "Les triporteurs du canton.")
    gathering.sync()
    assert list(gathering.archive.hits("triporteurs")) == ["Rouler"]
    assert list(gathering.archive.hits("vélocistes")) == []
    assert list((gathering.archive.settings.corpus / ".gathering").iterdir()) == []


@pytest.mark.parametrize(
    "reply",
    [Reply(status=404), html("<h1>Connexion</h1>"), Reply(b"rien", headers={"Content-Type": "application/pdf"})],
    ids=["missing", "a page", "no PDF"],
)
def test_what_is_no_publication_ends_in_a_reason(
    gathering: Gathering, site: LiveSite, guide: None, reply: Reply
) -> None:
    site.put("/fichiers/guide du vélo.pdf", reply)
    report = gathering.sync()
    told = [one.address for one in report.runs[0].notes] + [one.path for one in report.imports[0].pages.set_aside]
    assert [one for one in told if "guide" in one]
    assert list(gathering.archive.hits("texte")) == ["Rouler"]


def test_files_of_other_sites_are_not_fetched(gathering: Gathering, site: LiveSite) -> None:
    body = '<p><a href="http://169.254.169.254/guide.pdf">Le guide</a></p>'
    site.put("/", page("Rouler", address=f"{site.address}/", body=body))
    assert gathering.sync(index=False).runs[0].failed == 0


@pytest.mark.parametrize("media", [False, True])
def test_files_of_nodes(make: Make, site: LiveSite, media: bool) -> None:
    drupal = DrupalSite(site)
    drupal.put(1, "Rouler", files=("guide.pdf",), media=media)
    content = pdf([Sheet([*PROSE.splitlines(), "Les vélocistes du canton."])])
    site.put("/sites/files/guide.pdf", Reply(content, headers={"Content-Type": "application/pdf"}))
    gathering = make(kind=SourceKind.DRUPAL, delay=0.0)
    gathering.sync()
    assert list(gathering.archive.hits("vélocistes")) == ["Rouler"]
