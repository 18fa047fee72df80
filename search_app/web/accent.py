"""The site's accent colour: a small style sheet, linked if the accent is not the default."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, url_for

from search_app.colours import Tones, read_accent
from search_app.settings import ACCENT
from search_app.web.context import site

blueprint = Blueprint("look", __name__)


@blueprint.get("/couleurs.css")
def colours() -> Response:
    """Return the style sheet that overrides the CSS variables of the accent, for the light and the dark theme."""
    return Response(style_sheet(site().settings.accent), mimetype="text/css")


def colours_url() -> str | None:
    """Return the address of the accent's style sheet, with a fingerprint; None if the accent is the default."""
    accent = site().settings.accent
    if accent == ACCENT.fallback:
        return None
    return url_for("look.colours", v=hashlib.sha256(style_sheet(accent).encode()).hexdigest()[:12])


@lru_cache(maxsize=4)
def style_sheet(accent: str) -> str:
    """Return CSS that sets the variables of an accent (``#rrggbb``) on screens; print stays black.

    Raises:
        ValueError: the accent is not legible, which reading the settings already excludes.
    """
    tones = read_accent(accent)
    return (
        f"@media screen {{ :root {{ {_variables(tones.light)} }} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(tones.dark)} }} }}\n"
    )


def _variables(tones: Tones) -> str:
    return f"--accent: {tones.accent}; --accent-ink: {tones.accent_ink}; --accent-wash: {tones.accent_wash};"
