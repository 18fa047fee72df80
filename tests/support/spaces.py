"""Typeset French with plain spaces, so that tests can write its sentences without no-break spaces."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return a text with its no-break spaces replaced by plain ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
