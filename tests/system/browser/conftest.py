"""Fixtures of tests with a real Chromium and a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from search_app.settings import SiteSettings
from tests.support.browser import browser_type_launch_args, chromium, context, page, serving
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app

__all__ = ["browser_type_launch_args", "chromium", "context", "page"]


@pytest.fixture(scope="module")
def site_settings(tmp_path_factory: pytest.TempPathFactory, data_template: Path) -> SiteSettings:
    """Settings of a site with two accounts."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    (folder / "data" / "accounts.sqlite").write_bytes((data_template / "accounts.sqlite").read_bytes())
    return SiteSettings(folder / "corpus", folder / "index", folder / "data", site_name="Archives d’essai")


@pytest.fixture(scope="module")
def site_app(site_settings: SiteSettings) -> Flask:
    return make_app(site_settings, FakeEngine(demo_resources()))


@pytest.fixture(scope="module")
def base_url(site_app: Flask) -> Iterator[str]:
    with serving(site_app) as address:
        yield address
