"""Where this checkout and the material beside it stand."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "corpus" / "exemple"
"""The demonstration archive."""
STATIC = CHECKOUT / "search_app" / "static"
SHARED = CHECKOUT.parent / "shared"
"""Material that stands beside some checkouts and is in none: tests that need it skip where it is absent."""
