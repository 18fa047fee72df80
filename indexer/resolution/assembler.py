"""Assemble a resource from its cluster, which is all its copies on pages: merge them, apply the correction that staff
made, then rename themes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.analysis import theme_key
from indexer.corpus import UNSET, Correction, Held, PageCache, PageRow, decided, renamed
from indexer.engine import DocumentPages
from indexer.parsing.node import ParsedPage
from indexer.parsing.page import PARSER_VERSION
from indexer.resolution.clustering import Cluster, NodeRef
from indexer.resolution.documents import Documents, described_by_links
from indexer.resolution.merge import Copy, merge_copies
from indexer.resource import PublishedDocument, Resource, TerritorySource
from indexer.territories import RECOGNITION_VERSION, gazetteer, recogniser, territories_of

_MERGE_VERSION = 4
"""Bump when merging the same copies gives a different resource: all resources are then written again."""

_NONE = Correction()
_KEPT_PAGES = 64


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a resource was made from; when this changes, the resource is written again.

    Attributes:
        signature: digest of its copies, its publications and its correction.
        themes: keys of its themes before renaming.
        renames: digest of the new names of these themes, so that renaming a theme rewrites only the resources that have
            it.
        shown_as: its keys (normalised addresses, or title and type), if visitors see it; else empty.
        node_refs: references to its copies: path of the page, and number of the copy on it.
    """

    signature: str
    themes: tuple[str, ...]
    renames: str
    shown_as: tuple[str, ...]
    node_refs: tuple[NodeRef, ...] = ()


@dataclass(frozen=True, slots=True)
class AssemblyInputs:
    """What resources depend on besides their pages.

    Attributes:
        version: digest of the versions of the code and of the gazetteer, the base address, and the new names of themes.
        corrections: digest of each resource's correction, by id.
    """

    version: str
    corrections: Mapping[str, str]


class Assembler:
    """Makes the resource of each cluster, and tells whether a stored resource is still up to date.

    Args:
        cache: the parsed pages.
        corrections: what staff corrected, by resource id.
        renames: new names of renamed themes, by key.
        documents: finds the publications of resources.
    """

    def __init__(
        self,
        cache: PageCache,
        corrections: Mapping[str, Correction],
        renames: Mapping[str, str],
        documents: Documents,
    ) -> None:
        self._cache, self._corrections, self._renames, self._documents = cache, corrections, renames, documents
        self._pages: dict[str, ParsedPage] = {}
        territories = f"{RECOGNITION_VERSION} {gazetteer().source}"
        self._version = (PARSER_VERSION, _MERGE_VERSION, cache.base, documents.version, territories)

    def inputs(self) -> AssemblyInputs:
        """Return what resources depend on besides their pages: versions, names of themes, and corrections by staff."""
        said = {name: _digest([correction.as_json()]) for name, correction in self._corrections.items()}
        return AssemblyInputs(_digest([self._version, sorted(self._renames.items())]), said)

    def decided(self) -> dict[str, bool]:
        """Return the resources whose privacy staff decided: by id, whether the resource is hidden from visitors."""
        return decided(self._corrections)

    def is_withdrawn(self, resource_id: str) -> bool:
        """Return whether a resource is withdrawn from the index."""
        return self._corrections.get(resource_id, _NONE).withdrawn is True

    def is_hidden(self, cluster: Cluster) -> bool:
        """Return whether a resource is hidden from visitors."""
        said = self._corrections.get(cluster.id, _NONE).private
        private = cluster.private if said is UNSET else said
        return private or self.is_withdrawn(cluster.id)

    def resource(self, cluster: Cluster, rows: Mapping[str, PageRow]) -> tuple[Resource, Provenance]:
        """Return the resource of a cluster, and its provenance.

        Args:
            cluster: the mentions of the resource on pages.
            rows: the pages, by path.
        """
        copies = []
        for mention in cluster.mentions:
            row = rows[mention.path]
            page = self._page(row.digest)
            listed = (page.theme,) if page.theme is not None else ()
            copies.append(Copy(page.nodes[mention.ordinal], row.path, row.themes or listed))
        merged = merge_copies(cluster.id, copies, cluster.warnings, private=cluster.private)
        correction = self._corrections.get(cluster.id, _NONE)
        if merged.territory_source is None and correction.territories is UNSET:
            merged = _with_territories(merged)
        corrected = correction.apply(merged)
        keys = tuple(theme_key(theme) for theme in corrected.themes)
        shown_as = () if corrected.private else tuple(sorted(cluster.keys))
        documents = described_by_links(self.documents(cluster, rows), corrected.attachments)
        provenance = Provenance(self.signature(cluster, rows), keys, self.renames_of(keys), shown_as, cluster.node_refs)
        return replace(_with_themes(corrected, self._renames), documents=documents), provenance

    def documents(self, cluster: Cluster, rows: Mapping[str, PageRow]) -> tuple[PublishedDocument, ...]:
        """Return the publications of a cluster.

        Args:
            cluster: the mentions of a resource on pages.
            rows: the pages, by path.
        """
        attached = self._corrections.get(cluster.id, _NONE).documents
        given = () if attached is UNSET else attached
        return self._documents.of(cluster, rows, given, hidden=self.is_hidden(cluster))

    def held(self, cluster: Cluster) -> Held:
        """Return the publications of a resource, and the addresses of files on its own site that it links to but that
        the archive lacks.

        `documents` or `signature` must be called for the cluster first.
        """
        return self._documents.held(cluster.id)

    def pages(self, resource: Resource) -> tuple[DocumentPages, ...]:
        """Return the pages of a resource's publications that are to be searched."""
        return self._documents.pages(resource.documents)

    def is_current(self, provenance: Provenance | None, signature: str) -> bool:
        """Return whether a resource with this provenance is up to date for a cluster with this signature."""
        return (
            provenance is not None
            and provenance.signature == signature
            and provenance.renames == self.renames_of(provenance.themes)
        )

    def signature(self, cluster: Cluster, rows: Mapping[str, PageRow]) -> str:
        """Return a digest that changes whenever the resource of a cluster may change, except for the names of its
        themes.
        """
        copies = [(s.path, s.ordinal, rows[s.path].digest, rows[s.path].themes) for s in cluster.mentions]
        correction = self._corrections.get(cluster.id, _NONE).as_json()
        documents = [(one.n, one.name, one.text, one.status) for one in self.documents(cluster, rows)]
        return _digest([*self._version, copies, cluster.warnings, cluster.private, correction, documents])

    def renames_of(self, themes: tuple[str, ...]) -> str:
        """Return a digest of the new names of some themes; empty if none of them is renamed."""
        applied = [(key, self._renames[key]) for key in themes if key in self._renames]
        return _digest(applied) if applied else ""

    def _page(self, digest: str) -> ParsedPage:
        page = self._pages.get(digest)
        if page is None:
            if len(self._pages) >= _KEPT_PAGES:  # a listing is needed once per node, so parsed pages are cached
                self._pages.clear()
            page = self._pages[digest] = self._cache.page(digest)
        return page


def _with_territories(resource: Resource) -> Resource:
    """Return a resource with the territories that its text names."""
    found = territories_of(resource.title, resource.summary, resource.body, recogniser())
    return replace(resource, territories=found, territory_source=TerritorySource.TEXT) if found else resource


def _with_themes(resource: Resource, renames: Mapping[str, str]) -> Resource:
    themes = renamed(resource.themes, renames)
    return resource if themes == resource.themes else replace(resource, themes=themes)


def _digest(parts: Sequence[object]) -> str:
    return hashlib.blake2b(json.dumps(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
