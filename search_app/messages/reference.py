"""French of the page on the API: what values hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from search_app.messages import NO_BREAK

KINDS: Mapping[str, str] = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "true ou false",
    "object": "objet",
    "array": "liste",
    "null": "null",
}
ANYTHING = "tout"


def either(kinds: Iterable[str]) -> str:
    """One kind or another."""
    return " ou ".join(kinds)


def one_of(values: Iterable[str]) -> str:
    """One of some values."""
    return ", ".join(values)


def list_of(kind: str) -> str:
    """A list."""
    return f"liste{NO_BREAK}: {kind}"
