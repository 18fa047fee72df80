"""Paths of this checkout, and of material beside it."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "corpus" / "exemple"
"""The demonstration archive."""
STATIC = CHECKOUT / "search_app" / "static"
SHARED = CHECKOUT.parent / "shared"
"""Material that some checkouts have beside them; tests that need it are skipped if it is missing."""
