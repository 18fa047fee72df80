"""The site's own colours: a small style sheet, linked where the accent is not the usual one."""

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
    """The accent in both themes, over the variables of the style sheet."""
    return Response(style_sheet(site().settings.accent), mimetype="text/css")


def colours_url() -> str | None:
    """Address of that sheet, with a fingerprint; None where the accent is the usual one."""
    accent = site().settings.accent
    if accent == ACCENT.fallback:
        return None
    return url_for("look.colours", v=hashlib.sha256(style_sheet(accent).encode()).hexdigest()[:12])


@lru_cache(maxsize=4)
def style_sheet(accent: str) -> str:
    """CSS that sets the accent's variables; print keeps black.

    Raises:
        ValueError: the accent cannot be read; settings refuse it before.
    """
    tones = read_accent(accent)
    return (
        f"@media screen {{ :root {{ {_variables(tones.light)} }} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(tones.dark)} }} }}\n"
    )


def _variables(tones: Tones) -> str:
    return f"--accent: {tones.accent}; --accent-ink: {tones.accent_ink}; --accent-wash: {tones.accent_wash};"
