"""Compiles click's messages in French: `python -m bench.tools.catalogue`, after a change to click.po."""

from __future__ import annotations

import polib

from search_app.cli.french import CATALOGUES, DOMAIN

SOURCE = CATALOGUES / "fr" / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED = SOURCE.with_suffix(".mo")


def main() -> None:
    """Compile the messages of click.po, and write click.mo beside it."""
    polib.pofile(str(SOURCE)).save_as_mofile(str(COMPILED))


if __name__ == "__main__":
    main()
