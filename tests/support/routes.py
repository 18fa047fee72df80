"""Every address of an app, generated from its routes, so that new routes are tested automatically."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from flask import Flask
from werkzeug.routing import Rule

VALUES = {
    "resource_id": ("r-00", "r-04", "rien"),
    "filename": ("style.css", "rien.css"),
    "ending": ("csv", "bib", "ris", "jsonl", "rien"),
}
"""Values of the routes' arguments: some that exist, some that do not. Any other argument gets `OTHERWISE`."""
OTHERWISE = ("1", "rien")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "INCONNUE")


class Address(NamedTuple):
    """A method and a path."""

    method: str
    path: str


def every_address(app: Flask) -> list[Address]:
    """Return every route with every method, including those that it does not accept."""
    return [Address(method, path) for rule in app.url_map.iter_rules() for path in paths(rule) for method in METHODS]


def paths(rule: Rule) -> list[str]:
    """Return paths that a rule matches."""
    found = [{}]
    for name in sorted(rule.arguments):
        found = [{**values, name: value} for values in found for value in VALUES.get(name, OTHERWISE)]
    built = []
    for values in found:
        with suppress(ValueError):  # the rule accepts only certain values
            built.append(rule.build(values, append_unknown=False))
    return [path for _, path in filter(None, built)]
