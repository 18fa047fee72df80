"""The settings, the engine, the stores and the publications of the current app, for its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from indexer.corpus import PUBLICATIONS, Originals
from indexer.engine import Engine, PageTexts
from indexer.publications import PAGE_IMAGES, PUBLICATION_CACHE, CachedPageTexts, PageImages
from search_app.accounts.audit import Audit
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from search_app.stores import Stores

_EXTENSION = "archive"


@dataclass(frozen=True, slots=True)
class PublicationFiles:
    """The files of publications, and the texts and images of their pages. Nothing here checks who may see them."""

    originals: Originals
    texts: PageTexts
    images: PageImages


def publication_files(settings: SiteSettings) -> PublicationFiles:
    """Return the publications of an archive; nothing is opened or created before it is needed."""
    return PublicationFiles(
        Originals(settings.corpus / PUBLICATIONS),
        CachedPageTexts(settings.index / PUBLICATION_CACHE),
        PageImages(settings.index / PAGE_IMAGES),
    )


@dataclass(frozen=True, slots=True)
class Site:
    """The settings, engine, stores and publications that views use; `create_app` builds it."""

    settings: SiteSettings
    engine: Engine
    stores: Stores
    publications: PublicationFiles

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
