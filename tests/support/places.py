"""Paths of this checkout, and of material beside it."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "corpus" / "exemple"
"""Folder of the pages of the demonstration archive."""
STATIC = CHECKOUT / "search_app" / "static"
SHARED = CHECKOUT.parent / "shared"
"""Folder of sample files that some machines have beside the checkout; tests that need them are otherwise skipped."""
