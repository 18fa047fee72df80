"""The corpus's resources: sightings from the parsed pages, identity resolved, new ids written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from indexer.catalogue import PageRow
from indexer.corpus import Corpus
from indexer.corrections import CORRECTIONS, Corrections, decided
from indexer.identity import Group, Resolution, Sighting, resolve
from indexer.parsed import PageInput, ParsedPages


def identify(
    corpus: Corpus,
    parsed: ParsedPages,
    pages: tuple[PageRow, ...] | None = None,
    *,
    unread: tuple[PageRow, ...] = (),
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Group, ...]:
    """All resources of the corpus; ids given for the first time are kept before this returns.

    Args:
        corpus: its catalogue is read and added to.
        parsed: pages that it does not hold yet are parsed.
        pages: the pages to look at; all that the catalogue knows by default.
        unread: pages that cannot be read now. Nothing of theirs is shown, but what they said of privacy still holds.
        advance: told how many pages were parsed since it was last told.
    """
    hidden = {row.path for row in unread}
    rows = [row for row in (corpus.catalogue.pages() if pages is None else pages) if row.path not in hidden]
    # A cache that was deleted is filled again first: who is whose namesake takes all pages to say.
    parsed.parse([PageInput(row.digest, row.kind, partial(corpus.read, row.path)) for row in rows], advance)
    resolution = resolution_of(corpus, parsed, (*rows, *unread))
    if resolution.fresh:
        with corpus.catalogue.transaction():
            corpus.catalogue.put_identities(resolution.fresh, resolution.published)
    if not unread:
        return resolution.groups
    shown = (
        replace(group, sightings=tuple(s for s in group.sightings if s.path not in hidden))
        for group in resolution.groups
    )
    return tuple(group for group in shown if group.sightings)


def resolution_of(corpus: Corpus, parsed: ParsedPages, rows: Iterable[PageRow]) -> Resolution:
    """The resources of some pages that are parsed already; nothing is written down.

    Args:
        corpus: tells the ids given before.
        parsed: holds the pages.
        rows: the pages to look at.
    """
    paths: dict[str, list[str]] = {}
    for row in rows:
        paths.setdefault(row.digest, []).append(row.path)
    sightings = (
        Sighting(path, keys.ordinal, keys.title, keys.namesake, keys.keys, keys.private)
        for keys in parsed.node_keys()
        for path in paths.get(keys.digest, ())
    )
    corrections = Corrections(corpus.folder / CORRECTIONS).all()
    return resolve(sightings, corpus.catalogue.identities(), decided(corrections))
