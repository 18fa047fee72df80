"""A cache of parsed pages, keyed by content: each content is parsed once, and pages are parsed on all cores."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from indexer.analysis import theme_key
from indexer.corpus.file_names import name_key, path_of_link
from indexer.errors import CorpusError, NoResourceError, PageError
from indexer.parsing.node import PageKind, ParsedNode, ParsedPage
from indexer.parsing.page import PARSER_VERSION, parse_page
from indexer.parsing.profile import Profile
from indexer.parsing.shipped_profile import RTES
from indexer.parsing.urls import normalise
from indexer.resource import Attachment, YearSource
from indexer.storage.database import open_cache
from indexer.storage.os_errors import lacks_resources

PAGE_CACHE = "pages.sqlite"
"""Name of the cache in the index folder."""

ENOUGH_FOR_PROCESSES = 200
"""Number of pages from which they are parsed in several processes, which take a second to start."""

_BATCH = 32
_CACHE_VERSION = 5
"""Bump when the content of the tables changes: pages are then parsed again."""
_TABLES = """
CREATE TABLE IF NOT EXISTS version (text TEXT);
CREATE TABLE IF NOT EXISTS pages (digest TEXT PRIMARY KEY, page BLOB, reason TEXT, no_resource INTEGER);
CREATE TABLE IF NOT EXISTS nodes (digest TEXT, ordinal INTEGER, title TEXT, namesake TEXT, keys TEXT, private INTEGER,
    PRIMARY KEY (digest, ordinal)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nodes_namesake ON nodes (namesake);
CREATE TABLE IF NOT EXISTS keys (key TEXT, digest TEXT, ordinal INTEGER, PRIMARY KEY (key, digest, ordinal))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (digest TEXT, ordinal INTEGER, rank INTEGER, name_key TEXT, address TEXT, local TEXT,
    PRIMARY KEY (digest, ordinal, rank)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_name ON links (name_key);
"""


@dataclass(frozen=True, slots=True)
class PageInput:
    """A page to parse: its digest, its kind, a function that reads its bytes, and its source's import profile."""

    digest: str
    kind: PageKind
    read: Callable[[], bytes]
    profile: Profile | None = None


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The part of a node (a resource as one page shows it) that entity resolution needs, without its text.

    Attributes:
        digest: digest of its page.
        ordinal: number of the node on the page, in page order.
        title: as written.
        namesake: folded title and type; nodes with the same may be one resource.
        keys: normalised addresses, that of the resource itself first.
        private: True unless the page says clearly that the resource is public.
    """

    digest: str
    ordinal: int
    title: str
    namesake: str
    keys: tuple[str, ...]
    private: bool


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A link of a node to a document.

    Attributes:
        digest: digest of its page.
        ordinal: number of the node on the page.
        name_key: key of the name of the document (see `file_names.name_key`).
        address: absolute address.
        local: the link as written, if it starts from the page's own folder, else empty.
    """

    digest: str
    ordinal: int
    name_key: str
    address: str
    local: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is set aside: the reason in French, and whether it could be read but holds no resource."""

    reason: str
    no_resource: bool


def keys_of_node(addresses: tuple[str, ...], namesake: str) -> tuple[str, ...]:
    """Return the keys of a node: its addresses or, if it has none, the key of its title and type."""
    return addresses or (key_of_title(namesake),)


def key_of_title(namesake: str) -> str:
    """Return the key of nodes without an address, from their folded title and type."""
    return "titre:" + namesake


class PageCache:
    """The cache of parsed pages: one SQLite file, safe to delete.

    Its methods raise `sqlite3.Error` if the file becomes unusable while open; `Workspace` translates that error.

    Args:
        path: the file; created if it does not exist.
        base: address against which relative links are resolved if a page names no base.
    """

    def __init__(self, path: Path, *, base: str) -> None:
        self.base = base
        self._pool: ProcessPoolExecutor | None = None
        self._unread: dict[str, str] = {}
        version = f"{PARSER_VERSION} {_CACHE_VERSION} {RTES.digest} {base}"
        self._db = open_cache(path, _TABLES)
        if self._db.execute("SELECT text FROM version").fetchone() != (version,):
            self._db.executescript(
                "BEGIN; DROP TABLE pages; DROP TABLE nodes; DROP TABLE keys; DROP TABLE links; "
                "DROP TABLE version;" + _TABLES + "COMMIT;"
            )
            self._db.execute("INSERT INTO version VALUES (?)", (version,))

    def unknown(self, digests: Iterable[str]) -> set[str]:
        """Return those of some digests that are not in the cache."""
        return set(digests).difference(digest for (digest,) in self._db.execute("SELECT digest FROM pages"))

    def parse(self, pages: Iterable[PageInput], advance: Callable[[int], None]) -> None:
        """Parse the pages that are not in the cache.

        Args:
            pages: the pages; no two with the same content.
            advance: called with the number of pages done since its last call.
        """
        known = {digest for (digest,) in self._db.execute("SELECT digest FROM pages")}
        todo = []
        for page in pages:
            if page.digest in known:
                advance(1)
            else:
                known.add(page.digest)
                todo.append(page)
        batches = [todo[i : i + _BATCH] for i in range(0, len(todo), _BATCH)]
        for results in self._run(batches, parallel=len(todo) >= ENOUGH_FOR_PROCESSES):
            self._keep(results)
            advance(len(results))

    def _run(self, batches: list[list[PageInput]], *, parallel: bool) -> Iterator[list[_Result]]:
        if not parallel:
            for batch in batches:
                yield _parse_batch(self._read(batch), self.base)
            return
        workers = os.cpu_count() or 1
        if self._pool is None:
            # spawn, because this process may have threads, which would not survive a fork.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_the_run)
        waiting = []
        for batch in batches:
            waiting.append(self._pool.submit(_parse_batch, self._read(batch), self.base))
            if len(waiting) > 4 * workers:  # bounds memory: further pages stay on disk
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()

    def _read(self, batch: list[PageInput]) -> list[_Task]:
        pages = []
        for page in batch:
            try:
                pages.append((page.digest, page.kind, page.read(), page.profile))
            except CorpusError as error:
                if lacks_resources(error.__cause__):  # nothing is wrong with this page
                    raise
                self._unread[page.digest] = str(error)  # not stored: the next run may be able to read it
        return pages

    def _keep(self, results: list[_Result]) -> None:
        self._db.execute("BEGIN")
        for result in results:
            self._db.execute(
                "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)",
                (result.digest, result.page, result.reason, result.no_resource),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?)",
                [(k.digest, k.ordinal, k.title, k.namesake, "\n".join(k.keys), k.private) for k in result.keys],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?)",
                [(key, k.digest, k.ordinal) for k in result.keys for key in keys_of_node(k.keys, k.namesake)],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (one.digest, one.ordinal, rank, one.name_key, one.address, one.local)
                    for rank, one in enumerate(result.links)
                ],
            )
        self._db.execute("COMMIT")

    def knows(self, digest: str) -> bool:
        """Return whether a page is in the cache."""
        return self._db.execute("SELECT 1 FROM pages WHERE digest = ?", (digest,)).fetchone() is not None

    def refusal(self, digest: str) -> Refusal | None:
        """Return why a page was set aside, or None if it was not."""
        row = self._db.execute("SELECT reason, no_resource FROM pages WHERE digest = ?", (digest,)).fetchone()
        return None if row is None or row[0] is None else Refusal(row[0], bool(row[1]))

    def refusals(self) -> Mapping[str, Refusal]:
        """Return the digest of every page that was set aside, and why."""
        held = self._db.execute("SELECT digest, reason, no_resource FROM pages WHERE reason IS NOT NULL")
        refused = {digest: Refusal(reason, bool(no_resource)) for digest, reason, no_resource in held}
        return refused | {digest: Refusal(reason, no_resource=False) for digest, reason in self._unread.items()}

    def page(self, digest: str) -> ParsedPage:
        """Return the parsed page with a digest, which the cache must hold and not have refused (see `refusal`)."""
        (held,) = self._db.execute("SELECT page FROM pages WHERE digest = ?", (digest,)).fetchone()
        try:
            return _from_json(zlib.decompress(held).decode())
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise sqlite3.DatabaseError("a page of the cache is damaged") from error

    def node_keys(self) -> Iterator[NodeKeys]:
        """Yield what entity resolution compares of every node of every page: its title and addresses, not its text."""
        for row in self._db.execute("SELECT * FROM nodes"):
            yield _node_keys(*row)

    def keys_of(self, digest: str) -> list[NodeKeys]:
        """Return what entity resolution compares of each node of one page, given by the digest of the page."""
        rows = self._db.execute("SELECT * FROM nodes WHERE digest = ? ORDER BY ordinal", (digest,))
        return [_node_keys(*row) for row in rows]

    def nodes_known_by(self, key: str) -> list[NodeKeys]:
        """Return the nodes of all pages known by a key (see `keys_of_node`)."""
        rows = self._db.execute("SELECT n.* FROM keys k JOIN nodes n USING (digest, ordinal) WHERE k.key = ?", (key,))
        return [_node_keys(*row) for row in rows]

    def nodes_named(self, namesake: str) -> list[NodeKeys]:
        """Return the nodes, on any page, with the same folded title and type (see `NodeKeys.namesake`)."""
        rows = self._db.execute("SELECT * FROM nodes WHERE namesake = ?", (namesake,))
        return [_node_keys(*row) for row in rows]

    def document_links(self, digest: str, ordinal: int) -> list[DocumentLink]:
        """Return the links of a node to documents, in page order."""
        return self._links("WHERE digest = ? AND ordinal = ? ORDER BY rank", digest, ordinal)

    def links_named(self, name_key: str) -> list[DocumentLink]:
        """Return the links, on any page, to documents whose name has the key `name_key` (see `file_names.name_key`)."""
        return self._links("WHERE name_key = ? ORDER BY digest, ordinal, rank", name_key)

    def _links(self, condition: str, *values: str | int) -> list[DocumentLink]:
        rows = self._db.execute(
            f"SELECT digest, ordinal, name_key, address, local FROM links {condition}",  # noqa: S608 - our own words
            values,
        )
        return [DocumentLink(*row) for row in rows]

    def node(self, digest: str, ordinal: int) -> NodeKeys | None:
        """Return the keys of a node, or None if it is not in the cache."""
        row = self._db.execute("SELECT * FROM nodes WHERE digest = ? AND ordinal = ?", (digest, ordinal)).fetchone()
        return None if row is None else _node_keys(*row)

    def forget_all_but(self, digests: set[str]) -> None:
        """Delete all pages except those with the given digests."""
        gone = [(d,) for (d,) in self._db.execute("SELECT digest FROM pages") if d not in digests]
        if gone:
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM pages WHERE digest = ?", gone)
            self._db.executemany(
                "DELETE FROM keys WHERE (key, digest, ordinal) = (?, ?, ?)",
                [
                    (key, node.digest, node.ordinal)
                    for (digest,) in gone
                    for node in self.keys_of(digest)
                    for key in keys_of_node(node.keys, node.namesake)
                ],
            )
            self._db.executemany("DELETE FROM nodes WHERE digest = ?", gone)
            self._db.executemany("DELETE FROM links WHERE digest = ?", gone)
            self._db.execute("COMMIT")

    def rest(self) -> None:
        """Stop the parsing processes, if any, to free their memory; they start again when needed."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        """Close the file and stop the processes, if any."""
        self.rest()
        self._db.close()


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of parsing a page: its compressed JSON or the reason for setting it aside, its nodes' keys, and their
    links to documents.
    """

    digest: str
    page: bytes | None
    reason: str | None
    keys: tuple[NodeKeys, ...] = ()
    no_resource: bool = False
    links: tuple[DocumentLink, ...] = ()


def _node_keys(digest: str, ordinal: int, title: str, namesake: str, keys: str, private: int) -> NodeKeys:
    return NodeKeys(digest, ordinal, title, namesake, tuple(keys.split("\n")) if keys else (), bool(private))


def _end_with_the_run() -> None:
    """Make this worker process end when the process that started it is killed."""

    def wait() -> None:
        run = multiprocessing.parent_process()
        if run is not None:
            run.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


_Task = tuple[str, PageKind, bytes, Profile | None]
"""What a process needs to parse a page: its digest, its kind, its bytes and its source's import profile."""


def _parse_batch(pages: list[_Task], base: str) -> list[_Result]:
    return [_parse_one(digest, kind, raw, profile, base) for digest, kind, raw, profile in pages]


FAULT = "Cette page met le programme en défaut : signalez-la"
"""Beginning of the reason when a page is set aside because of a fault of the program."""


def _parse_one(digest: str, kind: PageKind, raw: bytes, profile: Profile | None, base: str) -> _Result:
    try:
        page = parse_page(raw, kind, base=base, profile=profile)
    except PageError as error:
        return _Result(digest, None, str(error), no_resource=isinstance(error, NoResourceError))
    except (OSError, MemoryError):  # nothing is wrong with this page
        raise
    except Exception as error:  # a fault of the program: one page must not stop a run
        return _Result(digest, None, f"{FAULT} ({type(error).__name__}).")
    page = replace(page, nodes=tuple(replace(node, addresses=_telling(node.addresses)) for node in page.nodes))
    keys = tuple(
        NodeKeys(
            digest,
            ordinal,
            node.title,
            _namesake(node),
            tuple(dict.fromkeys(map(normalise, node.addresses))),
            node.private,
        )
        for ordinal, node in enumerate(page.nodes)
    )
    text = json.dumps(asdict(page), ensure_ascii=False, separators=(",", ":"))
    links = tuple(
        DocumentLink(digest, ordinal, name_key(path_of_link(local or attachment.url)), attachment.url, local)
        for ordinal, node in enumerate(page.nodes)
        for attachment, local in zip(node.attachments, node.local_links, strict=False)
    )
    return _Result(digest, zlib.compress(text.encode(), 1), None, keys, links=links)


def _telling(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses that identify a resource: all but home pages, which some sites give as every page's
    canonical link.
    """
    return tuple(address for address in addresses if normalise(address).count("/") > 2)


def _namesake(node: ParsedNode) -> str:
    # Folded like themes: case, accents, punctuation and spaces do not matter.
    return f"{theme_key(node.title)}\t{theme_key(node.type or '')}"


def _from_json(text: str) -> ParsedPage:
    held = json.loads(text)
    return ParsedPage(tuple(_node(node) for node in held["nodes"]), held["theme"])


def _node(held: dict[str, Any]) -> ParsedNode:
    values = dict(held)
    for name in ("themes", "addresses", "warnings", "links", "local_links", "territories"):
        values[name] = tuple(held[name])
    values["attachments"] = tuple(Attachment(**a) for a in held["attachments"])
    values["year_source"] = None if held["year_source"] is None else YearSource(held["year_source"])
    return ParsedNode(**values)
