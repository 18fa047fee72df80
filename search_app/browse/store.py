"""The texts of the pages of themes, written by staff: an introduction in Markdown, and picked resources. There is one
file for each theme, in the folder `themes` of the data folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.storage.files import write_atomically
from indexer.storage.os_errors import Reason, reason_of
from search_app.errors import StoreError
from search_app.messages import typeset

FOLDER = "themes"
MAX_BYTES = 16_000
MOST_PICKED = 12

_NAME = re.compile(r"[a-z0-9]+(?:-{1,2}[a-z0-9]+)*|--[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ThemeText:
    """The text of the page of a theme, written by staff.

    Attributes:
        text: the introduction, in Markdown; may be empty.
        resources: ids of picked resources, in the order in which they are shown.
    """

    text: str = ""
    resources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.resources)

    @property
    def version(self) -> str:
        """A mark that changes with the page, by which concurrent edits are noticed."""
        return hashlib.sha256(_written(self)).hexdigest()[:16]


class ThemeTexts:
    """The texts that staff wrote for the pages of themes of one site.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def read(self, slug: str) -> ThemeText:
        """Return the text of the page of a theme; it is empty if staff wrote none.

        Args:
            slug: last part of the address of the theme.

        Raises:
            StoreError: it cannot be read.
        """
        if not _NAME.fullmatch(slug):
            return ThemeText()
        path = self._folder / f"{slug}.json"
        try:
            held = json.loads(path.read_bytes())
            return ThemeText(str(held["text"]), tuple(map(str, held["resources"])))
        except FileNotFoundError:
            return ThemeText()
        except OSError as error:
            raise StoreError(_unusable(path, reason_of(error))) from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(_unusable(path, Reason("son contenu est abîmé"))) from error

    def written(self) -> frozenset[str]:
        """Return the slugs of the themes for which something is written."""
        return frozenset(path.stem for path in self._folder.glob("*.json"))

    def write(self, slug: str, page: ThemeText) -> None:
        """Replace the text of the page of a theme; if the new text is empty, its file is removed.

        Args:
            slug: last part of the address of a theme, as `theme_slug` makes it.
            page: the new text.

        Raises:
            StoreError: the file cannot be written.
            ValueError: `slug` cannot be that of a theme.
        """
        if not _NAME.fullmatch(slug):
            raise ValueError(slug)
        path = self._folder / f"{slug}.json"
        try:
            if page:
                self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
                write_atomically(path, _written(page), own_draft=True)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(_unusable(path, reason_of(error))) from error


def _written(page: ThemeText) -> bytes:
    return json.dumps(asdict(page), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _unusable(path: Path, reason: Reason) -> str:
    return typeset(
        f"La page de thème {path} ne peut être lue ou écrite {reason.then('restaurez-la d’une sauvegarde')}."
    )
