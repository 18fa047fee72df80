"""The catalogue as an import would leave it, for a preview that writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from indexer.corpus import Catalogue, FileRow, PageRow, Sighting
from indexer.corpus.file_names import name_key
from indexer.pipeline.importing import RehearsedFile


class RehearsedCatalogue:
    """A catalogue with the pages and publications of an import that is only rehearsed; implements
    `indexer.resolution.documents.HeldFiles`.

    Args:
        catalogue: the catalogue as it is.
        rows: all pages after the import.
        files: the publications that the import would add.
    """

    def __init__(self, catalogue: Catalogue, rows: Iterable[PageRow], files: Sequence[RehearsedFile]) -> None:
        self._catalogue = catalogue
        self._rows: defaultdict[str, list[PageRow]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.path):
            self._rows[row.digest].append(row)
        self._named: defaultdict[str, list[Sighting]] = defaultdict(list)
        self._of: defaultdict[str, list[Sighting]] = defaultdict(list)
        self._files = {one.file.digest: one.file for one in files}
        for one in files:
            self._named[name_key(one.sighting.path)].append(one.sighting)
            self._of[one.sighting.digest].append(one.sighting)

    def names_of_files(self) -> frozenset[str]:
        """Return the keys of the names of all files: `name_key` makes them, to match links and files by name."""
        return self._catalogue.names_of_files() | self._named.keys()

    def sightings_named(self, key: str, /) -> list[Sighting]:
        """Return the places of all files whose name has the key `key` (see `name_key`), by source and path."""
        return _ordered(self._catalogue.sightings_named(key), self._named.get(key, ()))

    def sightings_of(self, digest: str, /) -> list[Sighting]:
        """Return the places where a file was found, by source and path."""
        return _ordered(self._catalogue.sightings_of(digest), self._of.get(digest, ()))

    def with_content(self, digest: str, /) -> list[PageRow]:
        """Return all pages with a digest, that is with the same bytes and import profile, ordered by path."""
        return self._rows.get(digest, [])

    def file(self, digest: str, /) -> FileRow | None:
        """Return the file with a digest, or None if there is none."""
        return self._files.get(digest) or self._catalogue.file(digest)

    def numbers(self, resource_id: str, /) -> dict[str, int]:
        """Return the number of each document that a resource has or had, part of its address, by the link or the digest
        that identifies the document in the resource.
        """
        return self._catalogue.numbers(resource_id)

    def is_reserved(self, digest: str, /) -> bool:
        """Return whether only resources hidden from visitors hold a file, or held it last."""
        return self._catalogue.is_reserved(digest)

    def holders(self, digest: str, /) -> list[str]:
        """Return the ids of the resources that hold a file."""
        return self._catalogue.holders(digest)


def _ordered(held: Iterable[Sighting], new: Iterable[Sighting]) -> list[Sighting]:
    found = {*held, *new}
    return sorted(found, key=lambda one: (one.source, one.path, one.digest))
