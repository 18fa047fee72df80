"""Decide which file of the corpus a link of a page leads to.

A source is what was imported at once, such as a folder or a zip; its pages and files keep their paths within it.
A link leads to the first of these files that exists and is unambiguous:

1. the file at its place in the source of the page: relative to the page, in the folder that a browser saved with the
   page (`page_fichiers/`) or, for an address of the page’s own site, below the root of the source, or the only one
   whose path ends as the address does;
2. the file with its address, normalised, or whose place, folders included, is the end of that address;
3. the only file of its name in the source of the page;
4. the only file there whose name is the link's but for the « _0 » that Drupal adds to a name that is taken;
5. and 6. as 3 and 4, in the whole archive, for links to the page's own site.

A name alone is weak evidence. So a file that only its name connects with a link belongs to no resource if links of two
resources with different addresses could mean it (even if they write its name in capitals or small letters, as some file
systems allow), if the place or the address of the file gives it to another resource, or if a browser saved it with
another page: when in doubt, a file stays private. Files and links can only concern each other if they have the same
`name_key`, so each group of one key is decided independently, whatever the order of imports.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from indexer.corpus import ADDED, DocumentLink, PageCache, PageRow, Sighting, keys_of_node
from indexer.corpus.file_names import name_of, path_of_link, safe_path, without_renaming
from indexer.parsing.urls import normalise, site_of

COMPANIONS = ("_fichiers", "_files", ".files", "_archivos", "-Dateien")
"""Endings of the folders in which browsers save what a page shows."""


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A link on a page of the corpus.

    Attributes:
        path: path of the page in the corpus.
        link: the link.
        nodes: keys by which the resource that has the link is known: normalised addresses, or title and type.
        inner: whether it leads to the page's own site.
    """

    path: str
    link: DocumentLink
    nodes: frozenset[str]
    inner: bool

    @property
    def source(self) -> str:
        """Folder of the page's source; empty for a page that somebody put into the corpus itself."""
        return self.path.rpartition("/")[0].partition("/")[0]

    @property
    def page(self) -> PurePosixPath:
        """Path of the page within its source."""
        return PurePosixPath(self.path.partition("/")[2] or self.path)

    @property
    def place(self) -> str:
        """Path that the link leads to: within the source if the link is relative to the page's folder, else on the
        page's own site; empty for a link to another site.
        """
        if self.link.local:
            return posixpath.normpath(posixpath.join(str(self.page.parent), path_of_link(self.link.local)))
        return path_of_link(self.link.address).lstrip("/") if self.inner else ""

    @property
    def name(self) -> str:
        """Name of the file that the link leads to."""
        return name_of(path_of_link(self.link.local or self.link.address))

    @property
    def meaning(self) -> str:
        """What the link leads to, as a key: a place in the page's source, or a normalised address without its query."""
        if self.link.local:
            return f"{self.source}:{self.place}"
        return normalise(self.link.address.partition("#")[0].partition("?")[0])

    @property
    def query(self) -> str:
        """The query of the link's address, normalised; empty if there is none."""
        return normalise(self.link.address).partition("?")[2]


class ListedFiles(Protocol):
    """The part of a catalogue (the list of the pages and files of a corpus) that an `Attacher` reads. The preview of an
    import implements it without writing a catalogue.
    """

    def names_of_files(self) -> frozenset[str]:
        """Return the `name_key` of every file: a key that is the same for a file and for links that may mean it."""
        ...

    def sightings_named(self, key: str, /) -> list[Sighting]:
        """Return the places of all files with a `name_key`, ordered by source and path."""
        ...

    def with_content(self, digest: str, /) -> list[PageRow]:
        """Return all pages whose content has a digest, ordered by path."""
        ...


class Attacher:
    """Decides which files the links of a corpus lead to.

    Args:
        catalogue: lists the files and pages.
        cache: the parsed pages.
    """

    def __init__(self, catalogue: ListedFiles, cache: PageCache) -> None:
        self._catalogue, self._cache = catalogue, cache
        self._groups: dict[str, _Group] = {}

    @cached_property
    def _keys(self) -> frozenset[str]:
        """The `name_key` of every file; read when the first link is decided, since a scan may add files until then."""
        return self._catalogue.names_of_files()

    def file_of(self, path: str, link: DocumentLink) -> Sighting | None:
        """Return the file that a link of a page leads to, or None if there is none or more than one.

        Args:
            path: path of the page in the corpus.
            link: the link.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        if link.name_key not in self._keys:
            return None
        group = self._groups.get(link.name_key)
        if group is None:
            links = (
                self._placed(row.path, one)
                for one in self._cache.links_named(link.name_key)
                for row in self._catalogue.with_content(one.digest)
            )
            files = [file for file in self._catalogue.sightings_named(link.name_key) if file.source != ADDED]
            group = _Group(files, tuple(links))
            self._groups[link.name_key] = group
        return group.file_of(self._placed(path, link))

    def is_sure(self, path: str, link: DocumentLink) -> bool:
        """Return whether `file_of` found the file of a link by its place or its address, not by its name alone."""
        return self._groups[link.name_key].is_sure(self._placed(path, link))

    def _placed(self, path: str, link: DocumentLink) -> PlacedLink:
        node = self._cache.node(link.digest, link.ordinal)
        keys = frozenset() if node is None else frozenset(keys_of_node(node.keys, node.namesake))
        sites = {site_of(key) for key in (*keys, self._cache.base)}
        return PlacedLink(path, link, keys, bool(link.local) or site_of(link.address) in sites)


class _Group:
    """The files and links of one `name_key`."""

    def __init__(self, files: Sequence[Sighting], links: Sequence[PlacedLink]) -> None:
        self._files = files
        self._sure = [(one, found) for one in links if (found := _sure_file(one, files)) is not None]
        surely = {(one.path, one.link) for one, _ in self._sure}
        self._unsure = [one for one in links if (one.path, one.link) not in surely]

    def is_sure(self, link: PlacedLink) -> bool:
        return _sure_file(link, self._files) is not None

    def file_of(self, link: PlacedLink) -> Sighting | None:
        sure = _sure_file(link, self._files)
        if sure is not None:
            return sure
        own = [file for file in self._files if file.source == link.source]
        for files in (own, self._files) if link.inner else (own,):
            for rule in (_is_named, _is_renamed):
                found = [file for file in files if rule(link, file) and not _is_of_another_page(link, file)]
                if found:
                    only = _one(found)
                    return only if only is not None and self._is_free(only, link, rule) else None
        return None

    def _is_free(self, file: Sighting, link: PlacedLink, rule: Callable[[PlacedLink, Sighting], bool]) -> bool:
        """Return whether no link of another resource could mean a file that only its name connects with a link.

        Args:
            file: the file.
            link: the link.
            rule: the comparison of names that connects them, `_is_named` or `_is_renamed`.
        """
        if any(found.digest == file.digest and _are_others(one, link) for one, found in self._sure):
            return False
        meant = (_is_nearly_named,) if rule is _is_named else (_is_nearly_named, _is_renamed)
        return not any(
            any(could_mean(one, file) for could_mean in meant) and _are_others(one, link) for one in self._unsure
        )


def _sure_file(link: PlacedLink, files: Sequence[Sighting]) -> Sighting | None:
    """Return the file at the place, or else at the address, to which a link leads; None if there is none or several."""
    own = [file for file in files if file.source == link.source]
    place = safe_path(link.place)
    companions = _companions_of(link)
    rules: list[Callable[[Sighting], bool]] = [
        lambda file: safe_path(file.path) == place,
        lambda file: _is_named(link, file) and safe_path(posixpath.dirname(file.path)) in companions,
    ]
    if not link.link.local and "/" in place:
        rules.append(lambda file: safe_path(file.path).endswith(f"/{place}"))
    for rule in rules:
        found = [file for file in own if rule(file)]
        if found:
            return _one(found)
    address = normalise(link.link.address)
    bare = normalise(address.partition("?")[0])
    for wanted in (address, bare):
        found = [file for file in files if file.address == wanted]
        if found:
            return _one(found)
    if link.inner and not link.link.local:
        # The source may be the folder of files of a site, whose folders are the last ones of addresses.
        for near in (own, files):
            found = [file for file in near if "/" in file.path and f"/{place}".endswith(f"/{safe_path(file.path)}")]
            if found:
                return _one(found)
    return None


def _is_named(link: PlacedLink, file: Sighting) -> bool:
    return safe_path(link.name) == safe_path(file.name)


def _is_nearly_named(link: PlacedLink, file: Sighting) -> bool:
    """Return whether a link and a file have the same name except for case, which some file systems ignore."""
    return safe_path(link.name).casefold() == safe_path(file.name).casefold()


def _is_of_another_page(link: PlacedLink, file: Sighting) -> bool:
    """Return whether a browser saved a file with a page other than that of a link. The file then belongs to that other
    page alone, even if no link on that page leads to it.
    """
    folder = posixpath.dirname(file.path)
    return folder.endswith(COMPANIONS) and safe_path(folder) not in _companions_of(link)


def _companions_of(link: PlacedLink) -> set[str]:
    """Return the folders in which a browser may have saved what the page of a link shows."""
    return {safe_path(str(link.page.with_suffix("")) + ending) for ending in COMPANIONS}


def _is_renamed(link: PlacedLink, file: Sighting) -> bool:
    """Return whether the names of a link and a file differ only by the « _0 » that Drupal adds to a taken name."""
    one, other = safe_path(link.name), safe_path(file.name)
    return one != other and (without_renaming(one) == other or one == without_renaming(other))


def _are_others(one: PlacedLink, other: PlacedLink) -> bool:
    """Return whether two links belong to different resources and lead to different places: their addresses differ, or
    both have a query and the queries differ.
    """
    differ = one.meaning != other.meaning or (one.query != other.query and "" not in (one.query, other.query))
    return differ and one.nodes.isdisjoint(other.nodes)


def _one(found: Iterable[Sighting]) -> Sighting | None:
    """Return the first of some sightings (places where files were found) if all are of the same file, else None."""
    by_digest: Mapping[str, Sighting] = {file.digest: file for file in reversed(list(found))}
    return next(iter(by_digest.values())) if len(by_digest) == 1 else None
