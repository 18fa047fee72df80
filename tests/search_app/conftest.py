"""Fixtures of tests of the site."""

from tests.support.site_fixtures import (
    app,
    auth,
    client,
    data_template,
    engine,
    https_app,
    member,
    provider,
    settings,
    staff,
)

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
