"""The resources that a previewed import would make, stored in the folder of its upload, each as one line of JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from indexer.resource import Resource

PREVIEWED = "previewed.jsonl"
MOST_TEXT = 20_000
"""Largest number of characters of a text that is kept."""


@dataclass(frozen=True, slots=True)
class PreviewedResource:
    """A resource as an import would make it.

    Attributes:
        id: the id that it has or would get.
        title, url, type, year, date, private: as read.
        themes: its themes.
        summary, body: its texts, their first `MOST_TEXT` characters.
        attachments: the links to documents, as written.
        documents: names of its publications.
        warnings: French sentences for staff.
    """

    id: str
    title: str
    url: str | None
    type: str | None
    year: int | None
    date: str | None
    private: bool
    themes: tuple[str, ...]
    summary: str | None
    body: str | None
    attachments: tuple[str, ...]
    documents: tuple[str, ...]
    warnings: tuple[str, ...]


@contextmanager
def keeping(folder: Path) -> Iterator[Callable[[Resource], None]]:
    """Return a context manager that gives a function; each call stores one more resource in the folder of an upload.

    Raises:
        OSError: the file cannot be written.
    """
    path = folder / PREVIEWED
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:

        def keep(resource: Resource) -> None:
            file.write(json.dumps(asdict(_previewed(resource))) + "\n")

        yield keep


def previewed(folder: Path, place: int) -> PreviewedResource | None:
    """Return the resource stored at a place, from 0, in the folder of an upload, or None if there is none."""
    try:
        with (folder / PREVIEWED).open(encoding="utf-8") as file:
            line = next(islice(file, place, None), None)
    except OSError:
        return None
    if line is None:
        return None
    lists = ("themes", "attachments", "documents", "warnings")
    held = json.loads(line)
    return PreviewedResource(**{**held, **{name: tuple(held[name]) for name in lists}})


def _previewed(resource: Resource) -> PreviewedResource:
    return PreviewedResource(
        id=resource.id,
        title=resource.title,
        url=resource.url,
        type=resource.type,
        year=resource.year,
        date=resource.date,
        private=resource.private,
        themes=resource.themes,
        summary=_cut(resource.summary),
        body=_cut(resource.body),
        attachments=tuple(one.label or one.url for one in resource.attachments),
        documents=tuple(one.name for one in resource.documents),
        warnings=resource.warnings,
    )


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"
