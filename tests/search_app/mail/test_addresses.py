"""The links in mails are those of the site's routes; only tokens that this site signed unsubscribe somebody."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask

from search_app.mail import addresses
from search_app.mail.addresses import EndTokens
from search_app.settings import SiteSettings


@pytest.mark.parametrize(
    ("address", "endpoint", "values"),
    [
        (addresses.home, "pages.search", {}),
        (lambda settings: addresses.search(settings, "q=a&year=2020"), "pages.search", {}),
        (lambda settings: addresses.resource(settings, "a/é b"), "resources.page", {"resource_id": "a/é b"}),
        (lambda settings: addresses.saved_search(settings, 7), "keeping.search", {"search_id": 7}),
        (lambda settings: addresses.password_link(settings, "x.y"), "recovery.choose", {"token": "x.y"}),
        (lambda settings: addresses.confirmation(settings, "x.y"), "following.confirmation", {"token": "x.y"}),
        (lambda settings: addresses.end_of_mails(settings, "1.y"), "following.end_page", {"token": "1.y"}),
    ],
)
def test_addresses_are_those_of_routes(
    app: Flask, settings: SiteSettings, address: object, endpoint: str, values: dict[str, object]
) -> None:
    settings = replace(settings, address="https://archives.exemple.fr/")
    found = urlsplit(address(settings))  # type: ignore[operator]
    assert (found.scheme, found.netloc) == ("https", "archives.exemple.fr")
    with app.test_request_context(), app.app_context():
        wanted = app.url_map.bind("localhost").build(endpoint, values)
    assert found.path == urlsplit(wanted).path.replace("a/", "a%2F")


def test_only_our_own_tokens_are_read() -> None:
    ours, others = EndTokens(lambda: b"a" * 32), EndTokens(lambda: b"b" * 32)
    assert ours.read(ours.make(12)) == 12
    for token in (others.make(12), "12", "12.x", "", "é", "x" * 10_000, ours.make(12) + "x", "1" + ours.make(2)):
        assert ours.read(token) is None
