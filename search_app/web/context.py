"""The settings, the engine and the stores of the current app, for its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from indexer.engine import Engine
from search_app.accounts.audit import Audit
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from search_app.stores import Stores

_EXTENSION = "archive"


@dataclass(frozen=True, slots=True)
class Site:
    """The settings, engine and stores that views use; `create_app` builds it."""

    settings: SiteSettings
    engine: Engine
    stores: Stores

    @property
    def accounts(self) -> Accounts:
        """Return the store of accounts."""
        return self.stores.accounts

    @property
    def audit(self) -> Audit:
        """Return the audit log."""
        return self.stores.audit


def install(app: Flask, site: Site) -> None:
    """Make `site` available to the views of `app`."""
    app.extensions[_EXTENSION] = site


def site() -> Site:
    """Return the `Site` of the current app."""
    return cast(Site, current_app.extensions[_EXTENSION])
