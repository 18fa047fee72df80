"""Try an import profile on pages: what would be read of each, with nothing stored."""

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
    """A page as a profile reads it.

    Attributes:
        path: where it stands.
        nodes: its resources; empty where `reason` says why there are none.
        theme: of the listing that it is, by the profile.
        reason: why nothing was read of it (French).
    """

    path: str
    nodes: tuple[ParsedNode, ...] = ()
    theme: str | None = None
    reason: str | None = None


def try_profile(profile: Profile, paths: Sequence[Path], *, base: str) -> Iterator[TriedPage]:
    """Yield every page of some sources as a profile reads it.

    Args:
        profile: the profile.
        paths: pages, or anything that `import` takes.
        base: address against which links are resolved where a page does not say where it comes from.

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
