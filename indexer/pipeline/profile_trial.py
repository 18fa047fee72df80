"""Tries an import profile (how to read the pages of a site) on pages, without storing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import PageError
from indexer.parsing.node import ParsedNode
from indexer.parsing.page import parse_page
from indexer.parsing.profile import Profile
from indexer.sources import Found, SetAside, read_source


@dataclass(frozen=True, slots=True)
class TriedPage:
    """A page parsed with a profile.

    Attributes:
        path: where the page is.
        nodes: its resources; empty if there are none, for the reason in `reason`.
        theme: its theme, if the profile says that it is a listing.
        reason: why no resource was found (French).
    """

    path: str
    nodes: tuple[ParsedNode, ...] = ()
    theme: str | None = None
    reason: str | None = None


def try_profile(profile: Profile, paths: Sequence[Path], *, base: str) -> Iterator[TriedPage]:
    """Parse every page of some sources with a profile.

    Args:
        profile: the profile.
        paths: pages, or anything that `import` takes.
        base: address against which links are resolved if a page does not contain its address.

    Raises:
        SourceError: a path does not exist or cannot be opened.
    """
    for path in paths:
        for entry in read_source(path):
            if isinstance(entry, SetAside):
                yield TriedPage(entry.path, reason=entry.reason)
            elif isinstance(entry, Found):
                try:
                    page = parse_page(entry.raw, entry.kind, base=base, profile=profile)
                except PageError as error:
                    yield TriedPage(entry.path, reason=str(error))
                else:
                    yield TriedPage(entry.path, page.nodes, page.theme)
