"""The publications of resources: the files that their links lead to and those that staff attached, numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from indexer.corpus import FileRow, Held, PageCache, PageRow, Sighting
from indexer.corpus.file_names import path_of_link
from indexer.engine import DocumentPages
from indexer.parsing.urls import normalise, site_of
from indexer.publications import PublicationCache, PublicationFacts, Status, text_key, title_of_link
from indexer.resolution.attachment import Attacher, ListedFiles
from indexer.resolution.clustering import Cluster
from indexer.resource import Attachment, PublishedDocument

READABLE = (".pdf", ".docx", ".odt", ".pptx")
"""Endings of the names of publications; a link to such a file counts as lacking if the archive does not hold it."""
NOT_YET = "pas encore lu : il le sera à la prochaine indexation."
_UNREAD = PublicationFacts("", Status.INTERRUPTED, NOT_YET, None, (), ())


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of a resource.

    Attributes:
        links: normalised addresses of the links of the resource that lead to the file; empty if staff attached it.
        file: a place in a source (an imported folder, zip…) where the file was found.
    """

    links: tuple[str, ...]
    file: Sighting


class HeldFiles(ListedFiles, Protocol):
    """The part of a catalogue (the list of the pages and files of a corpus) that `Documents` reads."""

    def sightings_of(self, digest: str, /) -> list[Sighting]:
        """Return the places where the file with a digest was found, ordered by source and path."""
        ...

    def file(self, digest: str, /) -> FileRow | None:
        """Return the file with a digest, or None if it is not in the catalogue."""
        ...

    def numbers(self, resource_id: str, /) -> dict[str, int]:
        """Return the number of each document that a resource has or had, by the link or the digest that identifies the
        document within the resource.
        """
        ...

    def is_reserved(self, digest: str, /) -> bool:
        """Return whether only resources hidden from visitors hold a file, or held it last."""
        ...

    def holders(self, digest: str, /) -> list[str]:
        """Return the ids of the resources that hold a file."""
        ...


class Documents:
    """Finds the publications of clusters.

    Args:
        catalogue: lists the files.
        cache: the parsed pages.
        texts: the texts of the files.
    """

    def __init__(self, catalogue: HeldFiles, cache: PageCache, texts: PublicationCache) -> None:
        self._catalogue, self._cache, self._texts = catalogue, cache, texts
        self._attacher = Attacher(catalogue, cache)
        self._held: dict[str, Held] = {}

    @property
    def version(self) -> str:
        """A version that changes with everything that affects the text read from files."""
        return text_key("")

    def of(
        self, cluster: Cluster, rows: Mapping[str, PageRow], attached: Sequence[str], *, hidden: bool
    ) -> tuple[PublishedDocument, ...]:
        """Return the publications of a cluster, ordered by number; a number never changes while the corpus is kept.

        Args:
            cluster: the cluster.
            rows: the pages, by path.
            attached: digests of the files that staff attached to it.
            hidden: whether visitors do not see the resource.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        found, lacking = self._files(cluster, rows, hidden=hidden)
        for digest in attached:
            if digest not in found and (places := self._catalogue.sightings_of(digest)):
                found[digest] = _Found((), places[0])
        if not found:
            self._held[cluster.id] = Held((), lacking, {})
            return ()
        numbers = self._catalogue.numbers(cluster.id)
        documents = []
        for digest, one in found.items():
            links = (*one.links, f"staff:{digest}")
            n = next((numbers[link] for link in links if link in numbers), max(numbers.values(), default=0) + 1)
            numbers.setdefault(links[0], n)
            documents.append(self._document(n, one))
        self._held[cluster.id] = Held(tuple(found), lacking, numbers)
        return tuple(sorted(documents, key=lambda document: document.n))

    def held(self, cluster_id: str) -> Held:
        """Return the publications of a resource, and the addresses of files on its own site that it links to but that
        the archive lacks.

        `of` must be called for the cluster first.
        """
        return self._held[cluster_id]

    def pages(self, documents: Sequence[PublishedDocument]) -> tuple[DocumentPages, ...]:
        """Return the pages to search of each publication that could be read."""
        return tuple(
            DocumentPages(document.n, held.searchable)
            for document in documents
            if document.status == Status.READ and (held := self._texts.get(document.text)) is not None
        )

    def _files(
        self, cluster: Cluster, rows: Mapping[str, PageRow], *, hidden: bool
    ) -> tuple[dict[str, _Found], tuple[str, ...]]:
        """Return the files that the links of a cluster lead to, by digest, and the addresses of publications on its own
        site that the archive does not hold.
        """
        found: dict[str, _Found] = {}
        lacking: dict[str, None] = {}
        sites = {site_of(key) for key in cluster.keys} | {site_of(self._cache.base)}
        for mention in cluster.mentions:
            for link in self._cache.document_links(rows[mention.path].digest, mention.ordinal):
                file = self._attacher.file_of(mention.path, link)
                if file is not None and not hidden and self._is_kept_back(file.digest, cluster.id):
                    file = file if self._attacher.is_sure(mention.path, link) else None
                name = normalise(link.address.partition("#")[0].partition("?")[0])
                if file is not None:
                    before = found.get(file.digest)
                    found[file.digest] = _Found((*before.links, name), before.file) if before else _Found((name,), file)
                elif path_of_link(link.address).lower().endswith(READABLE) and site_of(link.address) in sites:
                    lacking[link.address] = None
        known = {link for one in found.values() for link in one.links}
        return found, tuple(one for one in lacking if normalise(one.partition("#")[0].partition("?")[0]) not in known)

    def _is_kept_back(self, digest: str, cluster_id: str) -> bool:
        """Return whether a file that only its name connects with a public resource is kept from the resource: only
        private resources hold the file, or held it last.
        """
        return self._catalogue.is_reserved(digest) and cluster_id not in self._catalogue.holders(digest)

    def _document(self, n: int, found: _Found) -> PublishedDocument:
        file = found.file
        row = self._catalogue.file(file.digest)
        text = text_key(file.digest, "" if row is None else row.recognised)
        facts = self._texts.facts(text) or _UNREAD
        media_type = facts.media_type if facts.status is Status.READ or row is None else row.media_type
        return PublishedDocument(
            n,
            file.name,
            file.digest,
            text,
            media_type,
            0 if row is None else row.size,
            facts.status.value,
            facts.reason,
            facts.title,
            facts.labels,
            facts.empty_pages,
            facts.recognised_pages,
            found.links,
        )


def described_by_links(
    documents: Iterable[PublishedDocument], attachments: Sequence[Attachment]
) -> tuple[PublishedDocument, ...]:
    """Return publications with the links and titles that a resource gives them.

    Args:
        documents: as `Documents.of` returns them: their links are those of all pages, normalised.
        attachments: links to documents of the merged resource; a public resource has none from private pages.
    """
    named = [(one, normalise(one.url.partition("#")[0].partition("?")[0])) for one in attachments]
    return tuple(_described(document, [one for one, name in named if name in document.links]) for document in documents)


def _described(document: PublishedDocument, leading: Sequence[Attachment]) -> PublishedDocument:
    said = (title_of_link(one.label) for one in leading)
    title = document.title or next((one for one in said if one is not None), None)
    return replace(document, title=title, links=tuple(one.url for one in leading))
