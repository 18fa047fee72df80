"""The site behind nginx with deploy/nginx.conf: responses, forged headers, rate limits and logs."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request

from search_app import messages
from search_app.settings import SignOn, SiteSettings
from search_app.web.logging import METHODS
from tests.support.browser import serving
from tests.support.fake_engine import FakeEngine
from tests.support.nginx import CONF, HOST, Proxy, proxied
from tests.support.site import make_app
from tests.support.waiting import PATIENCE, free_port, wait_until


@pytest.fixture
def behind(settings: SiteSettings, engine: FakeEngine) -> Flask:
    """The app with the settings of deploy/archive.env, and a route that returns the client's address as it sees it."""
    app = make_app(replace(settings, https=True, proxies=1, hosts=(HOST, "127.0.0.1")), engine)

    @app.get("/qui")
    def who() -> str:
        return f"{request.remote_addr} {request.scheme}"

    @app.get("/refus")
    def refuse() -> tuple[str, int]:
        return "trop d’essais", 429

    return app


@pytest.fixture
def proxy(behind: Flask, tmp_path: Path) -> Iterator[Proxy]:
    with serving(behind) as address, proxied(address, tmp_path) as running:
        yield running


def test_behind_nginx(proxy: Proxy) -> None:
    page = proxy.ask("GET", "/?q=régie".replace("é", "%C3%A9"))
    assert page.status == 200
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert "Secure" in proxy.ask("GET", "/connexion").headers["Set-Cookie"]

    moved = proxy.ask("GET", "/themes", tls=False)
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/themes")

    # Forwarded headers from the client are ignored.
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "autre.example"}
    assert proxy.ask("GET", "/qui", **forged).body == "127.0.0.1 https"
    assert proxy.ask("GET", "/", Host="autre.example").status == 400

    # The proxy refuses large bodies, except for uploads by staff.
    assert proxy.ask("POST", "/connexion", b"x" * (1 << 21)).status == 413
    assert proxy.ask("POST", "/gestion/import", b"x" * (1 << 21)).status != 413


LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d (\S+) (\S+) (\d{3}) \d+ \d+\.\d{3}s"


def lines(proxy: Proxy) -> list[tuple[str, ...]]:
    """Return method, section (first part of the path) and status of each line of the access log so far; nginx writes a
    line only after it has answered.
    """
    found = [re.fullmatch(LINE, line) for line in proxy.logs()["archive.log"].split("\n")[:-1]]
    assert None not in found
    return [one.groups() for one in found if one is not None]


def test_the_log_of_nginx_tells_neither_who_asked_nor_for_what(proxy: Proxy) -> None:
    said = {"User-Agent": "espion-du-web", "Referer": "https://ailleurs.example/intime"}
    asked = [
        ("GET", "/?q=zanzibar", ("GET", "/")),
        ("GET", "/ressources/plan-social-de-zanzibar", ("GET", "ressources")),
        ("GET", "/recherches/flux/tres-secret", ("GET", "recherches")),
        ("GET", "/plan-social-de-zanzibar", ("GET", "-")),
        ("GET", "/ressources%0a2026-01-01%20FORGED%1b%5b31m", ("GET", "-")),
        ("GET", "/ressources/%0aFORGED%0d%1b%5b31m", ("GET", "ressources")),
        ("GET", "/aide/%2e%2e/themes", ("GET", "themes")),
        ("GET", "/sitemap-1.xml", ("GET", "sitemap")),
        ("FORGED", "/", ("OTHER", "/")),
    ]
    written = 0
    for method, path, _ in asked:
        for tls in (True, False):
            proxy.ask(method, path, tls=tls, **said)
            written += 1
            wait_until(lambda count=written: len(lines(proxy)) == count, f"the line of {path} is missing")
    for raw in (
        b"FORGED zanzibar\r\n\r\n",
        b"GET /zanzibar HTTP/1.1\r\nFORG ED: x\r\n\r\n",
        b"\x16\x03zanzibar FORGED",
    ):
        for port in (proxy.plain, proxy.secure):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
                plain.sendall(raw)
                plain.recv(1000)
    proxy.ask("GET", "/aide")
    wait_until(lambda: "aide" in [section for _, section, _ in lines(proxy)], "the line of the last request is missing")
    told = "\n".join(proxy.logs().values())
    for secret in ("zanzibar", "secret", "FORGED", "127.0.0.1", "espion", "ailleurs", "\x1b", "%0a"):
        assert secret not in told, secret
    assert [line[:2] for line in lines(proxy)[: 2 * len(asked)]] == [told for *_, told in asked for _ in range(2)]
    assert not proxy.logs()["access.log"], "no server of ours keeps the log that is nginx's own by default"


def test_errors_of_nginx_tell_nothing_of_requests(behind: Flask, tmp_path: Path) -> None:
    with proxied(f"http://127.0.0.1:{free_port()}", tmp_path) as proxy:  # no site listens on this port
        assert proxy.ask("GET", "/ressources/zanzibar").status == 502
        shutil.rmtree(tmp_path / "client_body")  # nginx cannot store a body, which it logs as critical
        body = b"x" * (1 << 20)
        assert proxy.ask("POST", "/gestion/import?zanzibar", body).status == 500
        assert proxy.ask("POST", "/connexion?zanzibar", b"x" * (1 << 21)).status == 413
        with socket.create_connection(("127.0.0.1", proxy.secure), timeout=PATIENCE) as raw, suppress(OSError):
            raw.sendall(b"\x16\x03\x01zanzibar" * 10)
            raw.recv(100)
        # nginx writes the line of a request after its response.
        wait_until(lambda: {status for *_, status in lines(proxy)} >= {"502", "500", "413"}, "a line is missing")
        told = "\n".join(proxy.logs().values())
        assert "zanzibar" not in told
        assert "127.0.0.1" not in told


def sections() -> list[tuple[str, str]]:
    """Return pairs of a pattern of paths and the name of its section, as the map in nginx.conf has them."""
    found = re.search(r"map \$uri \$archive_section \{\n(.*?)\n\}", CONF, re.DOTALL)
    assert found
    pairs = [line.strip().rstrip(";").split() for line in found[1].splitlines()]
    return [(pattern, word) for pattern, word in pairs if pattern != "default"]


def addresses(rule: str) -> list[str]:
    """Return paths that a rule of a route matches, with values that its converters accept in place of its arguments: 7
    for a number, "x" for a word, and each value that `any` lists.
    """
    listed = re.search(r"<any\(([^)]*)\)[^>]*>", rule)
    if listed:
        values = [value.strip(" '") for value in listed[1].split(",")]
        return [one for value in values for one in addresses(rule.replace(listed[0], value, 1))]
    return [re.sub(r"<[^>]*>", "x", re.sub(r"<int[^>]*>", "7", rule))]


def test_the_map_of_nginx_knows_every_first_part_of_the_sites_addresses(
    settings: SiteSettings, engine: FakeEngine
) -> None:
    sign_on = SignOn("https://sso.example", "archives", "secret", member_values=frozenset({"adherent"}))
    app = make_app(
        replace(settings, sign_on=sign_on, private_titles=True, embed=("https://ville.example",), assistants=True),
        engine,
    )
    left = {word for _, word in sections()}
    for path in (path for rule in app.url_map.iter_rules() for path in addresses(rule.rule)):
        known = [
            word
            for pattern, word in sections()
            if (re.search(pattern[1:], path) if pattern[0] == "~" else pattern == path)
        ]
        assert len(known) == 1, f"{path}: {known}"
        first = "/" if path == "/" else path.split("/")[1]
        assert first.startswith(known[0]), path
        left.discard(known[0])
    assert not left, "words of no route"


def test_the_map_of_nginx_knows_our_methods() -> None:
    found = re.search(r"\(\?<archive_known>([A-Z|]+)\)", CONF)
    assert found
    assert set(found[1].split("|")) == METHODS


# Rate limits


@pytest.fixture
def limited(behind: Flask, tmp_path: Path) -> Iterator[Proxy]:
    """Run nginx with rates so low that bursts do not refill during a test; the header X-Reader names the client."""
    rates = {"rate=240r/m": "rate=1r/m", "rate=960r/m": "rate=1r/m", "burst=240": "burst=2", "burst=960": "burst=8"}
    readers = "set_real_ip_from 127.0.0.1; real_ip_header X-Reader;"
    with serving(behind) as address, proxied(address, tmp_path, replaced=rates, added=readers) as running:
        yield running


def statuses(proxy: Proxy, times: int, path: str = "/", reader: str = "192.0.2.1") -> list[int]:
    return [proxy.ask("GET", path, **{"X-Reader": reader}).status for _ in range(times)]


def test_a_reader_who_asks_too_often_is_told_so_in_french(limited: Proxy) -> None:
    assert statuses(limited, 4) == [200, 200, 200, 429]
    page = limited.ask("GET", "/themes", **{"X-Reader": "192.0.2.1"})
    assert (page.status, page.headers["Retry-After"]) == (429, "5")
    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert page.body == messages.typeset("\n".join(messages.error(429))) + "\n"
    program = limited.ask("GET", "/api/v1/search", **{"X-Reader": "192.0.2.1"})
    assert (program.status, program.headers["Content-Type"]) == (429, "application/json")
    told = json.loads(program.body)
    assert list(told) == ["error"]
    assert list(told["error"]) == ["message", "field"]
    assert "Attendez un instant" in told["error"]["message"]
    wait_until(lambda: ("GET", "api", "429") in lines(limited), "the line of the last request is missing")
    assert "192.0.2.1" not in "\n".join(limited.logs().values()), "nobody is named for it"


def test_what_pages_are_made_of_is_not_counted_and_suggestions_count_less(limited: Proxy) -> None:
    for path in ("/static/style.css", "/healthz"):
        assert set(statuses(limited, 6, path)) == {200}, path
    assert statuses(limited, 10, "/api/v1/suggest?q=a") == [200] * 9 + [429]
    assert statuses(limited, 4) == [200, 200, 200, 429], "suggestions have a count of their own"


def test_readers_are_counted_apart_and_an_ipv6_network_is_one_reader(limited: Proxy) -> None:
    assert statuses(limited, 4) == [200, 200, 200, 429]
    assert statuses(limited, 1, reader="192.0.2.2") == [200]
    network = [statuses(limited, 1, reader=f"2001:db8:0:1::{end}")[0] for end in ("1", "2", "ffff:3", "a0a:4")]
    assert network == [200, 200, 200, 429]
    assert statuses(limited, 1, reader="2001:db8:0:2::1") == [200]


def test_a_429_of_the_site_is_passed_on_as_it_is(limited: Proxy) -> None:
    refused = limited.ask("GET", "/refus", **{"X-Reader": "192.0.2.9"})
    assert (refused.status, refused.body) == (429, "trop d’essais")
