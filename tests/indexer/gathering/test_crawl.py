"""Gathering a site: every page once, no trap, nothing lost to what goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from indexer.gathering import RunState
from indexer.resource import Audience
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import frame, page
from tests.support.live_site import LiveSite, Reply, Request, html, moved
from tests.support.trap_site import TRAPS, build


@pytest.mark.parametrize("sitemap", [False, True])
def test_every_page_and_no_trap(gathering: Gathering, site: LiveSite, sitemap: bool) -> None:
    paths = build(site, resources=20, sitemap=sitemap)
    report = gathering.sync()
    assert (report.runs[0].state, report.runs[0].came) == (RunState.DONE, len(paths))
    assert len(gathering.archive.hits(audience=Audience.VISITOR)) == len(paths)
    assert all(site.asked().count(path) == 1 for path in paths)
    spent = Counter(next(trap for trap in TRAPS if one.startswith(trap)) for one in site.asked(*TRAPS))
    assert [trap for trap in spent if spent[trap] > 5] == []
    assert len(site.asked("/ressources?page")) <= 4 + 5, "the last page of the listing, again and again"


def test_a_second_run_gets_no_body_and_changes_nothing(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=10)
    gathering.sync()
    before = gathering.archive.corpus_files()
    site.forget()
    report = gathering.sync()
    assert (report.runs[0].came, report.runs[0].changed, report.runs[0].unchanged) == (0, 0, len(paths))
    read = {request.path for request, status in zip(site.requests, site.statuses, strict=True) if status == 200}
    assert read == set()
    assert gathering.archive.corpus_files() == before


def test_a_site_without_validators_changes_nothing_either(gathering: Gathering, site: LiveSite) -> None:
    site.validators = False
    build(site, resources=6)
    gathering.sync()
    report = gathering.sync()
    assert (report.runs[0].came, report.runs[0].changed, report.runs[0].unchanged) == (0, 0, 6)


def test_a_changed_page_replaces_the_old_one_and_keeps_its_id(gathering: Gathering, site: LiveSite) -> None:
    path = build(site, resources=3)[0]
    gathering.sync()
    before = gathering.archive.ids()["Fiche pratique 001"]
    site.put(path, page("Fiche pratique, revue", address=site.address + path, body="Tout autre chose."))
    report = gathering.sync()
    assert (report.runs[0].came, report.runs[0].changed) == (0, 1)
    hits = gathering.archive.hits()
    assert hits["Fiche pratique, revue"].id == before
    assert len(hits) == 3


def test_a_stopped_run_goes_on(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=12)
    first = gathering.sync(limit=4, index=False)
    assert first.runs[0].state is RunState.STOPPED
    last = gathering.sync()
    assert (last.runs[0].number, last.runs[0].state) == (first.runs[0].number, RunState.DONE)
    assert len(gathering.archive.hits()) == len(paths)
    assert Counter(site.asked("/ressources/")).most_common(1)[0][1] == 1


def test_nothing_is_lost_to_busy_and_broken_answers(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=12)
    met = Counter[str]()

    def before(request: Request) -> Reply | None:
        met[request.path] += 1
        number = int(request.path.split("/")[-1].split("-")[0]) if request.path in paths else 0
        if number and met[request.path] <= 2:
            return [
                Reply(status=429, headers={"Retry-After": "7"}),
                Reply(status=503, headers={"Retry-After": "Mon, 02 Mar 2026 03:02:00 GMT"}),
                Reply(raw=lambda out: out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhalf")),
                Reply(raw=lambda _: None),
                Reply(status=500),
            ][number % 5]
        return None

    site.before = before
    report = gathering.sync()
    assert (report.runs[0].state, report.runs[0].came) == (RunState.DONE, len(paths))
    assert 7.0 in [round(pause) for pause in gathering.clock.slept]


def test_a_site_that_is_down_ends_the_run_and_loses_nothing(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=8)
    gathering.sync()
    down = Reply(status=503)
    site.before = lambda request: None if request.path == "/robots.txt" else down
    site.forget()
    report = gathering.sync()
    assert report.runs[0].state is RunState.STOPPED
    assert "n’a pas répondu" in report.runs[0].reason
    assert len(site.requests) < 20
    site.before = lambda _: None
    gathering.sync()
    assert len(gathering.archive.hits()) == len(paths)


def test_a_long_retry_after_ends_the_run(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)
    site.put("/ressources", Reply(status=429, headers={"Retry-After": "86400"}))
    report = gathering.sync()
    assert report.runs[0].state is RunState.STOPPED
    assert max(gathering.clock.slept, default=0) < 60


def test_robots_and_its_delay_are_obeyed(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=6)
    robots = f"User-agent: *\nDisallow: /*-fiche$\nAllow: {paths[0]}\nCrawl-delay: 12\n"
    site.put("/robots.txt", Reply(robots.encode(), headers={"Content-Type": "text/plain"}))
    gathering.sync()
    assert list(gathering.archive.hits()) == ["Fiche pratique 001"]
    assert site.asked("/ressources/") == [paths[0]]
    assert set(map(round, gathering.clock.slept[2:])) == {12}


def test_robots_that_exclude_all_are_an_error_that_says_so(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)
    site.put("/robots.txt", Reply(b"User-agent: *\nDisallow: /\n"))
    report = gathering.sync(index=False)
    assert "robots.txt" in report.failures[0]
    assert site.asked("/ressources") == []


def test_robots_that_cannot_be_had_forbid_all(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)
    site.put("/robots.txt", Reply(status=500))
    report = gathering.sync(index=False)
    assert report.runs[0].state is RunState.STOPPED
    assert site.asked() == ["/robots.txt"]


@pytest.mark.parametrize(
    "shown",
    [
        frame('<h1>Connexion</h1><form><input name="n"><input type="password"></form>', title="Connexion"),
        frame("<h1>Site en maintenance</h1><p>De retour bientôt.</p>", title="Maintenance"),
        "<title>Cookies</title><p>Nous utilisons des cookies. Accepter les cookies ? Refuser les cookies ?</p>",
        frame("<h1>Une page</h1><p>Sans aucun des libellés.</p>", title="Une page"),
    ],
    ids=["sign-in", "maintenance", "cookies", "another page"],
)
def test_what_is_no_content_replaces_no_resource(gathering: Gathering, site: LiveSite, shown: str) -> None:
    paths = build(site, resources=3)
    gathering.sync()
    for path in paths:
        site.put(path, shown)
    for _ in range(3):
        gathering.clock.pass_days(2)
        report = gathering.sync()
        assert report.runs[0].gone == 0
    assert len(gathering.archive.hits(audience=Audience.MEMBER)) == 3


def test_redirects_lead_to_the_page_that_answers(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)
    site.put("/ancienne-12", moved("/ressources/1-fiche"))
    site.put("/", frame('<a href="/ancienne-12">A</a><a href="/ressources">R</a>', title="Accueil"))
    report = gathering.sync()
    assert report.runs[0].came == 2
    assert len(gathering.archive.hits()) == 2


def test_the_corpus_is_fetched_again_where_it_lost_a_page(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=3)
    gathering.sync()
    lost = next(gathering.archive.settings.corpus.rglob("*.html"))
    lost.unlink()
    gathering.archive.index()
    report = gathering.sync()
    assert report.runs[0].came == 1
    assert lost.exists()


def test_only_pages_of_the_scope_are_read(make: Any, site: LiveSite) -> None:
    build(site, resources=10)
    gathering = make(paths=("/", "/ressources*"), excluded=("*/3-*",), depth=2)
    gathering.sync()
    assert sorted(gathering.archive.hits()) == [f"Fiche pratique {n:03}" for n in (1, 2, 4, 5)]
    assert site.asked(*TRAPS) == []


def test_sitemaps_are_compressed_and_name_others(gathering: Gathering, site: LiveSite) -> None:
    import gzip

    paths = build(site, resources=4)
    site.put("/", frame("<h1>Accueil</h1>", title="Accueil"))
    listed = "".join(f"<url><loc>{path}</loc><lastmod>2024-01-01</lastmod></url>" for path in paths)
    inner = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
    outer = f"<sitemapindex><sitemap><loc>{site.address}/plan.xml.gz</loc></sitemap></sitemapindex>"
    site.put("/plan.xml.gz", Reply(gzip.compress(inner.encode()), headers={"Content-Type": "application/gzip"}))
    site.put("/plans", Reply(outer.encode(), headers={"Content-Type": "text/xml"}))
    site.put("/robots.txt", Reply(f"Sitemap: {site.address}/plans\n".encode()))
    assert gathering.sync().runs[0].came == len(paths)


def test_what_a_sitemap_says_changed_comes_first(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=6, sitemap=True)
    gathering.sync(index=False)
    listed = "".join(f"<url><loc>{path}</loc><lastmod>2030-01-01</lastmod></url>" for path in paths[-1:])
    site.put("/sitemap.xml", Reply(f"<urlset>{listed}</urlset>".encode(), headers={"Content-Type": "text/xml"}))
    site.forget()
    gathering.sync(index=False, limit=1)
    assert site.asked("/ressources/") == paths[-1:]


def test_the_agent_says_who_asks(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=1)
    gathering.sync()
    agents = {request.headers["user-agent"] for request in site.requests}
    assert agents == {"rtes-archive/1.0 (+https://www.rtes.fr/)"}


def test_a_soft_404_is_known_by_a_random_address(gathering: Gathering, site: LiveSite) -> None:
    paths = build(site, resources=30)
    other = site.other
    text = "<h1>Oups</h1><p>Cette page n’existe pas, ou a changé de place. Cherchez depuis l’accueil.</p>"

    def soft(request: Request) -> Reply:
        found = other(request)
        return html(frame(f"{text}<p>{request.path}</p>", title="Oups")) if found.status == 404 else found

    site.other = soft
    gathering.sync()
    del site.pages[paths[0]]
    gathering.sync()
    assert len(gathering.archive.hits()) == 30, "a page missing once may be a mistake"
    gathering.clock.pass_days(1.5)
    report = gathering.sync()
    assert [one.title for one in report.imports[0].removed] == ["Fiche pratique 001"]
    assert len(gathering.archive.hits()) == 29
