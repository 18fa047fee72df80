"""Renders the templates of mails, each once as plain text and once as HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from search_app.control_characters import CONTROLS_BUT_SPACES, DIRECTION_MARKS
from search_app.messages import typeset
from search_app.web.text import number, one_line

_FOLDER = Path(__file__).resolve().parent.parent / "templates" / "mail"
_UNSEEN = re.compile(f"[{CONTROLS_BUT_SPACES}{DIRECTION_MARKS}]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of a mail as plain text and as HTML."""

    text: str
    html: str


def render(name: str, /, **values: Any) -> Rendered:
    """Return the content of a mail.

    Args:
        name: name of its template, without an ending.
        values: values of the template's variables.
    """
    templates = _environment()
    text = templates.get_template(f"{name}.txt").render(values)
    return Rendered(typeset(text), templates.get_template(f"{name}.html").render(values))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, one_line=one_line, typeset=typeset)
    return environment


def _shown(value: object) -> object:
    """Return a text without invisible characters, such as marks of direction, which would reorder the mail."""
    return _UNSEEN.sub("", value) if type(value) is str else value
