"""Pages that are gone: withdrawn with a reason, put back when they return, deleted long after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.corpus import CORRECTIONS, Corrections, Field
from indexer.resource import Audience
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import frame, page
from tests.support.live_site import LiveSite, Reply, html
from tests.support.trap_site import build


def titles(gathering: Gathering) -> list[str]:
    return sorted(gathering.archive.hits(audience=Audience.MEMBER))


def test_410_at_once_and_back_under_the_same_id(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=3)[0]
    gathering.sync()
    before, shown = gathering.archive.ids()["Fiche pratique 001"], site.pages[path]
    site.put(path, Reply(status=410))
    report = gathering.sync()
    assert [(one.id, one.reason) for one in report.imports[0].removed] == [(before, "page supprimée (410)")]
    assert titles(gathering) == ["Fiche pratique 002", "Fiche pratique 003"]
    history = Corrections(gathering.archive.settings.corpus / CORRECTIONS).history(before)
    assert (history[0].field, history[0].actor) == (Field.WITHDRAWN, "source essai : page supprimée (410)")
    assert gathering.sync().imports[0].removed == ()
    site.pages[path] = shown
    report = gathering.sync()
    assert [one.id for one in report.imports[0].returned] == [before]
    assert gathering.archive.ids()["Fiche pratique 001"] == before


def test_404_only_in_two_runs_a_day_apart(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.sync(index=False)
    del site.pages[path]
    assert gathering.sync(index=False).imports[0].removed == ()
    assert gathering.sync(index=False).imports[0].removed == ()
    gathering.clock.pass_days(0.9)
    assert gathering.sync(index=False).imports[0].removed == ()
    gathering.clock.pass_days(0.2)
    assert [one.reason for one in gathering.sync(index=False).imports[0].removed] == ["page introuvable (404)"]


def test_a_404_between_two_pages_counts_anew(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.sync(index=False)
    shown = site.pages.pop(path)
    gathering.sync(index=False)
    site.pages[path] = shown
    gathering.clock.pass_days(2)
    gathering.sync(index=False)
    del site.pages[path]
    gathering.clock.pass_days(2)
    assert gathering.sync(index=False).imports[0].removed == ()


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_refusals_and_faults_are_no_deletions(gathering: Gathering, site: LiveSite, status: int) -> None:
    path = build(site, resources=2)[0]
    gathering.sync()
    site.put(path, Reply(status=status))
    for _ in range(3):
        gathering.clock.pass_days(2)
        assert gathering.sync(index=False).imports[0].removed == ()
    gathering.archive.index()
    assert len(titles(gathering)) == 2


def test_what_the_site_no_longer_shows_to_everyone_is_private(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.sync()
    before, shown = gathering.archive.ids()["Fiche pratique 001"], site.pages[path]
    site.put(path, Reply(status=403))
    gathering.sync(index=False)
    assert list(gathering.archive.hits(audience=Audience.VISITOR)) == ["Fiche pratique 002"], "before any indexing"
    gathering.sync()
    assert gathering.archive.ids()["Fiche pratique 001"] == before
    site.pages[path] = shown
    gathering.sync()
    assert gathering.archive.ids(Audience.VISITOR)["Fiche pratique 001"] == before


@pytest.mark.parametrize("status", [410, 403])
def test_many_at_once_are_left_to_a_person(gathering: Gathering, site: LiveSite, status: int) -> None:
    paths = build(site, resources=30)
    gathering.sync()
    for path in paths[:21]:
        site.put(path, Reply(status=status))
    report = gathering.sync()
    assert (report.imports[0].removed, report.runs[0].asked) == ((), 21)
    assert len(gathering.archive.hits(audience=Audience.VISITOR)) == 30
    report = gathering.sync(accept=True)
    assert len(gathering.archive.hits(audience=Audience.VISITOR)) == 9
    assert len(titles(gathering)) == (9 if status == 410 else 30)


def test_what_staff_put_back_stays(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.sync()
    gone = gathering.archive.ids()["Fiche pratique 001"]
    site.put(path, Reply(status=410))
    gathering.sync()
    gathering.archive.correct(gone, clear=[Field.WITHDRAWN])
    gathering.clock.pass_days(400)
    gathering.sync()
    assert len(titles(gathering)) == 2


def test_what_staff_withdrew_does_not_return(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.sync()
    gathering.archive.correct("Fiche pratique 001", withdrawn=True)
    shown = site.pages[path]
    site.put(path, Reply(status=410))
    gathering.sync()
    site.pages[path] = shown
    gathering.sync()
    assert titles(gathering) == ["Fiche pratique 002"]


def test_pages_are_deleted_after_the_days_of_the_setting(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]
    gathering.archive.settings = replace(gathering.archive.settings, gone_days=30)
    gathering.sync()
    before, shown = gathering.archive.ids()["Fiche pratique 001"], site.pages[path]
    site.put(path, Reply(status=410))
    gathering.sync()
    gathering.clock.pass_days(29)
    assert gathering.sync().imports[0].purged == 0
    gathering.clock.pass_days(2)
    assert gathering.sync().imports[0].purged == 1
    assert [name for name in gathering.archive.corpus_files() if "1-fiche" in name] == []
    site.pages[path] = shown
    gathering.sync()
    assert gathering.archive.ids()["Fiche pratique 001"] == before


def test_a_page_that_moved_is_not_gone(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=2)[0]

    def at(address: str) -> str:
        return page("Fiche qui déménage", address=site.address + address, body="Texte.", number=12)

    site.put(path, at(path))
    gathering.sync()
    before = gathering.archive.ids()["Fiche qui déménage"]
    site.put(path, Reply(status=410))
    site.put("/ailleurs", at("/ailleurs"))
    site.put("/", frame('<a href="/ailleurs">A</a><a href="/ressources">R</a>', title="Accueil"))
    report = gathering.sync()
    assert report.imports[0].removed == ()
    assert gathering.archive.ids()["Fiche qui déménage"] == before


def test_a_page_that_moved_for_good_leaves_no_double(gathering: Gathering, site: LiveSite) -> None:
    from tests.support.live_site import moved

    path = build(site, resources=2)[0]
    gathering.sync()
    site.put("/ailleurs", page("Fiche pratique 001", address=f"{site.address}/ailleurs", body="Texte."))
    site.put(path, moved("/ailleurs"))
    gathering.sync(index=False)
    gathering.clock.pass_days(2)
    report = gathering.sync()
    assert [one.reason for one in report.imports[0].removed] == [f"page déplacée vers {site.address}/ailleurs"]
    assert titles(gathering) == ["Fiche pratique 001", "Fiche pratique 002"]


def test_a_listing_that_is_gone_withdraws_nothing(gathering: Gathering, site: LiveSite) -> None:
    from tests.support.archive import listing, node

    build(site, resources=1)
    nodes = [node(f"Sur la liste {n}", link=f"/ressources/liste-{n}") for n in (1, 2)]
    site.put("/themes", html(listing(*nodes, heading="Mobilité")))
    site.put("/", frame('<a href="/themes">T</a>', title="Accueil"))
    gathering.sync()
    assert len(titles(gathering)) == 2
    site.put("/themes", Reply(status=410))
    gathering.sync()
    assert len(titles(gathering)) == 2
