"""The store of the texts about the site: one Markdown file each, in the folder `textes` of the data folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from indexer.storage.files import write_atomically
from indexer.storage.os_errors import Reason, reason_of
from search_app.errors import StoreError
from search_app.messages import typeset

FOLDER = "textes"
MAX_BYTES = 64_000
CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class SiteText:
    """One of the texts about the site, such as the legal notice; its content is in `SiteTexts`.

    Attributes:
        slug: last part of its address, and name of its file without the ending.
        title: its title (French).
    """

    slug: str
    title: str


TEXTS = (
    SiteText("mentions-legales", "Mentions légales"),
    SiteText("donnees-personnelles", "Données personnelles"),
    SiteText("accessibilite", "Accessibilité"),
    SiteText(CONTACT, "Contact"),
)
"""All texts about the site, in the order of their links at the foot of a page."""

BY_SLUG = {text.slug: text for text in TEXTS}


class SiteTexts:
    """The texts about one site, as files.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def written(self) -> frozenset[str]:
        """Return the slugs of the texts that staff have written."""
        return frozenset(slug for slug in BY_SLUG if self._path(slug).is_file())

    def read(self, slug: str) -> str | None:
        """Return a text, in Markdown, or None if nobody has written it.

        Raises:
            StoreError: it cannot be read.
        """
        path = self._path(slug)
        try:
            return path.read_text("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(_unusable(path, reason_of(error))) from error
        except UnicodeDecodeError as error:
            raise StoreError(_unusable(path, Reason("ce n’est pas de l’UTF-8"))) from error

    def write(self, slug: str, text: str) -> None:
        """Replace a text; if the new text is blank, its file is removed.

        Raises:
            StoreError: the file cannot be written.
        """
        path = self._path(slug)
        try:
            if text.strip():
                self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
                write_atomically(path, text.encode(), own_draft=True)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(_unusable(path, reason_of(error))) from error

    def _path(self, slug: str) -> Path:
        return self._folder / f"{BY_SLUG[slug].slug}.md"


def version_of(text: str | None) -> str:
    """Return a digest of a text (of "" for None); forms send it back, so that concurrent edits are noticed."""
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]


def _unusable(path: Path, reason: Reason) -> str:
    return typeset(
        f"Le texte {path} ne peut être lu ou écrit {reason.then('remettez à sa place un fichier de texte')}."
    )
