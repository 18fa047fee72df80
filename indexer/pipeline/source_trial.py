"""Try a source: gather a few of its pages and say what would be read of each, without keeping anything."""

from __future__ import annotations

import tempfile
from pathlib import Path

from indexer.errors import PageError
from indexer.gathering import Clock, Registry, Run, Source, State, SystemClock, gather
from indexer.gathering.spool import Spooled, pages
from indexer.parsing.node import PageKind
from indexer.parsing.page import parse_page
from indexer.parsing.profile import Profile
from indexer.pipeline.profile_trial import TriedPage
from indexer.pipeline.synchronising import import_profile
from indexer.progress import Progress
from indexer.settings import Settings

_PAGES = 10
_VISITS = 40
"""Largest number of addresses to look at in search of `_PAGES` pages."""


def try_source(
    settings: Settings, source: Source, *, profile: bytes | None, progress: Progress, clock: Clock | None = None
) -> tuple[Run, tuple[TriedPage, ...], str]:
    """Gather a few pages of a source, and keep nothing.

    Args:
        settings: settings of the archive.
        source: the source.
        profile: the bytes of its profile, or None.
        progress: shows how far the trial is.
        clock: tells the current time; the clock of the machine if None.

    Returns:
        How the gathering ended, what an import would read of each page, and what was guessed about the site (French).

    Raises:
        GatheringError: the source cannot be gathered at all.
        ProfileError: its profile cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="rtes-source-") as folder:
        state = State(Path(folder))
        try:
            registry = Registry(state)
            registry.add(source, profile)
            file = import_profile(registry, source)
            held = None if file is None else file.profile
            run = gather(
                state,
                source,
                profile=held,
                clock=clock or SystemClock(),
                contact=settings.contact or settings.site_url,
                progress=progress,
                limit=_VISITS,
                enough=_PAGES,
            )

            tried = tuple(_tried(page, held) for page in pages(state.database, source.name))
            return run, tried, registry.guessed(source.name)
        finally:
            state.close()


def _tried(page: Spooled, profile: Profile | None) -> TriedPage:
    try:
        parsed = parse_page(page.raw or b"", PageKind.HTML, base=page.url, profile=profile)
    except PageError as error:
        return TriedPage(page.url, reason=str(error))
    return TriedPage(page.url, parsed.nodes, parsed.theme)
