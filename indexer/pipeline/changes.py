"""Comparing the corpus with a generation: what may differ, and what it was written from.

Where the journal tells what changed since, only the resources around it are looked at, whatever the archive's size;
where it does not, all are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from indexer.corpus.catalogue import Changes, PageRow
from indexer.corpus.page_cache import ParsedPages
from indexer.corpus.store import Corpus
from indexer.pipeline.provenance import Basis, Built
from indexer.resolution.assembler import Assembler, Ground, Origin
from indexer.resolution.clustering import Group, Place, resolve
from indexer.resolution.neighbourhood import closure
from indexer.resolution.resolver import identify, parse_all, remember, sighting


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the corpus holds beside what a generation holds; resources that are in neither list are the same in both.

    Attributes:
        groups: resources of the corpus.
        before: origins of resources of the generation, by id, or None if nothing is known of it.
        whole: whether the two lists are of all there are.
        basis: the state of the corpus that was looked at.
    """

    groups: tuple[Group, ...]
    before: Mapping[str, Origin] | None
    whole: bool
    basis: Basis


def compare(
    corpus: Corpus,
    parsed: ParsedPages,
    assembler: Assembler,
    built: Built,
    generation: str | None,
    pages: tuple[PageRow, ...],
    *,
    unread: tuple[PageRow, ...] = (),
    advance: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Compare; ids given for the first time are kept before this returns.

    Args:
        corpus: its catalogue is read and added to (the caller holds its lock).
        parsed: pages that it does not hold yet are parsed.
        assembler: knows what resources are made with besides pages.
        built: knows what the generation was written from.
        generation: the generation, or None to look at the whole corpus and compare with nothing.
        pages: all pages of the catalogue that can be read.
        unread: those that cannot be read now.
        advance: told how many pages were parsed since it was last told.
    """
    ground = assembler.ground()
    new = parse_all(corpus, parsed, pages, advance)
    changes = None
    if generation is not None and not unread:
        changes = _changes(corpus, built.basis(generation), ground, new)
    if generation is not None and changes is not None and _are_known(changes, parsed):
        groups, places = _around(corpus, parsed, assembler, changes)
        before: dict[str, Origin] | None = built.origins_at(generation, places)
    else:
        changes = None
        groups, before = identify(corpus, parsed, assembler.decided(), pages, unread=unread), built.origins(generation)
    # Where a page could not be read, nobody will tell the journal that it can be again.
    mark = None if unread else corpus.catalogue.mark()
    return Comparison(groups, before, whole=changes is None, basis=Basis(mark, ground))


def _changes(corpus: Corpus, basis: Basis | None, ground: Ground, new: set[str]) -> Changes | None:
    """All that changed since a basis, or None if that cannot be told."""
    if basis is None or basis.mark is None or basis.ground.version != ground.version:
        return None
    changes = corpus.catalogue.changes_since(basis.mark)
    if changes is None or not new <= {digest for _, digest in changes.pages}:
        return None
    corrected = {resource_id for resource_id, _ in basis.ground.corrections.items() ^ ground.corrections.items()}
    keys = {identity.key for resource_id in corrected for identity in corpus.catalogue.known_as(resource_id)}
    return replace(changes, keys=changes.keys | keys)


def _are_known(changes: Changes, parsed: ParsedPages) -> bool:
    """Whether every page that changed is known as it was and as it is."""
    return all(parsed.knows(digest) for _, digest in changes.pages)


def _around(
    corpus: Corpus, parsed: ParsedPages, assembler: Assembler, changes: Changes
) -> tuple[tuple[Group, ...], set[Place]]:
    """The resources around what changed, and every place where they stand or stood."""
    catalogue = corpus.catalogue
    changed = {(path, node) for path, digest in changes.pages for node in parsed.keys_of(digest)}
    around = closure(catalogue, parsed, (node for _, node in changed), changes.keys)
    sightings = [sighting(row.path, node) for node in around.nodes for row in catalogue.with_content(node.digest)]
    resolution = resolve(sightings, around.identities, assembler.decided(), catalogue.is_taken)
    remember(corpus, resolution)
    return resolution.groups, {Place(path, node.ordinal) for path, node in changed} | {s.place for s in sightings}
