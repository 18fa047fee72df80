"""Fixtures of tests of the site: an app over the fake engine, clients for each audience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.oidc_provider import Provider, running_provider
from tests.support.site import MEMBER, PASSWORD, STAFF, Auth, make_app, signed_in

__all__ = [
    "app",
    "auth",
    "client",
    "data_template",
    "engine",
    "https_app",
    "member",
    "provider",
    "settings",
    "staff",
]


@pytest.fixture(scope="session")
def data_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with two accounts; created once, since hashing passwords is slow on purpose."""
    data = tmp_path_factory.mktemp("modele")
    accounts = Accounts(data / "accounts.sqlite")
    accounts.add(MEMBER, "member", PASSWORD)
    accounts.add(STAFF, "staff", PASSWORD)
    return data


@pytest.fixture
def settings(tmp_path: Path, data_template: Path) -> SiteSettings:
    data = tmp_path / "data"
    data.mkdir()
    (data / "accounts.sqlite").write_bytes((data_template / "accounts.sqlite").read_bytes())
    return SiteSettings(corpus=tmp_path / "corpus", index=tmp_path / "index", data=data, site_name="Archives d’essai")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(demo_resources())


@pytest.fixture
def app(settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(settings, engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def auth(client: FlaskClient) -> Auth:
    return Auth(client)


@pytest.fixture
def member(app: Flask) -> FlaskClient:
    return signed_in(app)


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    return signed_in(app, STAFF)


@pytest.fixture
def https_app(settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(replace(settings, https=True), engine)


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """An OpenID Connect provider, for tests of single sign-on."""
    with running_provider() as provider:
        yield provider
