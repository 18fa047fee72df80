"""Hostile sites: every attack ends in a reason, in bounded time and memory, and the rest of the site is read."""

from __future__ import annotations

import gzip
import itertools
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from indexer.gathering.fetching import LARGEST, Fetcher, FetchError
from indexer.gathering.network import is_allowed
from indexer.gathering.politeness import Pace, SystemClock
from indexer.gathering.source import Source, checked
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import frame
from tests.support.live_site import LiveSite, Reply, moved
from tests.support.trap_site import build


def fetcher(site: LiveSite, *, limit: float = 20.0, **settings: Any) -> Fetcher:
    source = checked(Source("essai", f"{site.address}/", **{"local": True, "delay": 0.0, **settings}))
    clock = SystemClock()
    return Fetcher(source, Pace(0.0, clock), clock, agent="essai", limit=limit)


def endless(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        out.write(b"<p>encore</p>" * 10_000)


def bomb(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n")
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(64):
        out.write(squeezed.compress(bytes(4 * 1024**2)))
    out.write(squeezed.flush())


def slow(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in itertools.count():
        out.write(b"x")
        time.sleep(0.05)


def slow_headers(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        out.write(f"X-{number % 90}: {number}\r\n".encode() if number < 90 else b"x")
        time.sleep(0.05)


def headers_flood(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        out.write(f"X-{number}: {number}\r\n".encode())
    out.write(b"\r\n")


def long_header(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 10_000_000 + b"\r\n\r\n")


def continuing(out: Any) -> None:
    for _ in itertools.count():
        out.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def truncated(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nabc")


def truncated_headers(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/ht")


def truncated_gzip(out: Any) -> None:
    body = gzip.compress(b"<p>texte</p>" * 1000)[:-20]
    out.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body)


def endless_redirect(out: Any) -> None:
    out.write(b"HTTP/1.1 301 Moved\r\nLocation: http://exemple.fr/\r\n\r\n")
    while True:
        out.write(bytes(100_000))


def no_http(out: Any) -> None:
    out.write(b"\x00\x01\x02 bonjour\r\n\r\n")


ATTACKS: dict[str, tuple[Callable[[Any], None], str]] = {
    "endless body": (endless, "plus de"),
    "gzip bomb": (bomb, "plus de"),
    "headers flood": (headers_flood, "mal formée|coupe la connexion"),
    "long header": (long_header, "mal formée|coupe la connexion"),
    "truncated": (truncated, "interrompue"),
    "truncated headers": (truncated_headers, "interrompue"),
    "truncated gzip": (truncated_gzip, "interrompue"),
    "no HTTP": (no_http, "mal formée|coupe la connexion"),
    "slow body": (slow, "secondes"),
    "slow headers": (slow_headers, "secondes"),
    "endless body of a redirect": (endless_redirect, "hors du site"),
    "endless 100": (continuing, "secondes|mal formée|coupe"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_in_a_reason(site: LiveSite, name: str) -> None:
    attack, reason = ATTACKS[name]
    site.put("/", Reply(raw=attack))
    taken = 0

    def take(chunk: bytes) -> None:
        nonlocal taken
        taken += len(chunk)

    with pytest.raises(FetchError, match=reason):
        fetcher(site, limit=1.0 if "slow" in name or "100" in name else 60.0).get(f"{site.address}/", sink=take)
    assert taken <= LARGEST


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://127.0.0.1:1/",
        "http://localhost/",
        "https://exemple.fr/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "//exemple.fr/",
        "http://exemple.fr@127.0.0.1.exemple.fr/",
        "http://[oops/",
    ],
)
def test_redirects_stay_in_the_hosts_of_the_source(site: LiveSite, target: str) -> None:
    site.put("/", moved(target))
    with pytest.raises(FetchError, match="hors du site"):
        fetcher(site).get(f"{site.address}/")
    assert site.asked() == ["/"]


@pytest.mark.parametrize(
    ("address", "private", "local"),
    [
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.1", False, True),
        ("100.64.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("224.0.0.1", False, False),
        ("2002:7f00:1::", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b:1::7f00:1", False, True),
        ("::7f00:1", False, True),
        ("::ffff:0:a9fe:a9fe", False, False),
        ("fec0::1", False, True),
        ("192.0.0.192", False, False),
        ("168.63.129.16", False, False),
        ("0.0.0.0", False, True),
        ("93.184.215.14", True, True),
        ("2606:4700::1111", True, True),
    ],
)
def test_addresses_that_a_source_may_connect_to(address: str, private: bool, local: bool) -> None:
    assert (is_allowed(address, local=False), is_allowed(address, local=True)) == (private, local)


def test_a_name_of_the_inner_network_is_refused_before_anything_is_sent(site: LiveSite) -> None:
    with pytest.raises(FetchError, match="réseau interne"):
        fetcher(site, local=False).get(f"{site.address}/")
    assert site.requests == []


def test_a_name_that_leads_inside_only_when_connecting(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a name resolves to a public address for the check and to another to connect, nothing is sent to that one."""
    import socket

    from indexer.gathering import network

    real, asked = socket.getaddrinfo, [0]

    def rebinding(host: str, *given: Any, **named: Any) -> Any:
        asked[0] += 1
        if asked[0] == 1:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
        return real(host, *given, **named)

    monkeypatch.setattr(network.socket, "getaddrinfo", rebinding)
    with pytest.raises(FetchError, match="réseau interne"):
        fetcher(site, local=False).get(f"{site.address}/")
    assert site.requests == []
    assert asked[0] == 2


def test_redirects_without_end(site: LiveSite) -> None:
    site.other = lambda request: moved(f"/{len(request.path) + 1:06}" + "x" * len(site.requests))
    with pytest.raises(FetchError, match="redirections"):
        fetcher(site).get(f"{site.address}/")
    assert len(site.requests) == 6


def test_sitemaps_in_a_ring(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)

    def ring(request: Any) -> Reply:
        number = int("".join(filter(str.isdigit, request.path)) or 0)
        inner = "".join(f"<sitemap><loc>/plan{(number * 7 + k) % 10_000}.xml</loc></sitemap>" for k in range(50))
        return Reply(f"<sitemapindex>{inner}</sitemapindex>".encode(), headers={"Content-Type": "text/xml"})

    site.put("/sitemap.xml", ring)
    other = site.other
    site.other = lambda request: ring(request) if request.path.startswith("/plan") else other(request)
    report = gathering.sync(index=False)
    assert report.runs[0].came == 2
    assert len(site.asked("/plan", "/sitemap")) <= 25
    assert any("laissés de côté" in one.reason for one in report.runs[0].notes)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE u [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>/&x;</loc></url></urlset>',
        b"<urlset>" + b"<url><loc>/a</loc></url>" * 60_000 + b"</urlset>",
        b"\x1f\x8b" + b"0" * 100,
        gzip.compress(bytes(80_000_000)),
        b"<html><p>Rien</p>",
        b"",
    ],
    ids=["entities", "external entity", "too many", "no gzip", "bomb", "html", "empty"],
)
def test_a_hostile_sitemap_costs_the_site_nothing(gathering: Gathering, site: LiveSite, body: bytes) -> None:
    build(site, resources=2)
    site.put("/sitemap.xml", Reply(body, headers={"Content-Type": "text/xml"}))
    assert gathering.sync(index=False).runs[0].came == 2
    assert not [one for one in site.asked() if "root:" in one or "aaaa" in one]


def test_attacks_leave_the_rest_of_the_site(gathering: Gathering, site: LiveSite) -> None:
    build(site, resources=2)
    links = "".join(f'<a href="/attaque/{number}">A</a>' for number in range(4)) + '<a href="/ressources">R</a>'
    site.put("/", frame(links, title="Accueil"))
    for number, attack in enumerate((endless, bomb, truncated, no_http)):
        site.put(f"/attaque/{number}", Reply(raw=attack))
    report = gathering.sync(index=False)
    assert report.runs[0].came == 2
    assert {one.address.rpartition("/")[2] for one in report.runs[0].notes} >= {"0", "1", "2", "3"}
