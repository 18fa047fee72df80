"""What every view stands on, reached from the app that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from indexer.engine.protocol import Engine
from search_app.accounts.audit import Audit
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from search_app.stores import Stores

_EXTENSION = "archive"


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that `create_app` wires together."""

    settings: SiteSettings
    engine: Engine
    stores: Stores

    @property
    def accounts(self) -> Accounts:
        """The accounts."""
        return self.stores.accounts

    @property
    def audit(self) -> Audit:
        """The audit log."""
        return self.stores.audit


def install(app: Flask, site: Site) -> None:
    """Make `site` the one that views of `app` find."""
    app.extensions[_EXTENSION] = site


def site() -> Site:
    """The parts of the app that is answering."""
    return cast(Site, current_app.extensions[_EXTENSION])
