"""Typeset French, as sentences are written in tests."""

from __future__ import annotations


def plain(text: str) -> str:
    """A text with plain spaces for no-break ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
