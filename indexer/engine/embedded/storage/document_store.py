"""The document store: Whoosh indexes that keep each whole resource, and index its texts (except publications) and
filters.

The only module that imports Whoosh. A store is one Whoosh index over resources that were written together, all public
or all private; a generation has several. Searches use the engine's arrays instead; stores return whole resources, and
hold the same postings as the arrays (a test compares them).
"""

from __future__ import annotations

import json
import os
import pickle
import threading
import weakref
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import whoosh.columns
import whoosh.index
import whoosh.legacy
from whoosh import fields, formats
from whoosh.analysis import Analyzer as WhooshAnalyzer
from whoosh.analysis import Token as WhooshToken
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.codec import whoosh3
from whoosh.filedb import structfile
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from indexer.analysis import Token, default_analyzer
from indexer.engine.embedded.checksums import refused
from indexer.engine.embedded.storage.text_cache import TextCache
from indexer.engine.embedded.storage.unpickling import loaders
from indexer.errors import IndexDamagedError
from indexer.query import TextField, scoring
from indexer.query.fields import AnalysedResource, repeated_paragraphs, without
from indexer.resource import Attachment, Resource, TerritorySource, YearSource, published_document
from indexer.storage.os_errors import concerns_one_file, failure_behind

_CACHED_CHARACTERS = 2_000_000
"""How many characters of texts of hits a store caches, in some four megabytes."""

STORE_VERSION = 5
"""Version of the stores. Increment it when the schema or what is stored changes: indexes are then rebuilt."""


_POOL_MEGABYTES = 256
"""Megabytes of memory for postings, beyond which Whoosh writes them to disk."""


class FrenchText(WhooshAnalyzer):  # type: ignore[misc]
    """The project's analysis as a Whoosh analyzer, so that Whoosh's own tools can search a store."""

    def __call__(self, value: str, positions: bool = False, chars: bool = False, **_: Any) -> Iterator[WhooshToken]:
        """Yield a Whoosh token for each index term; terms of one word share its position."""
        token = WhooshToken(positions, chars)
        for place, found in enumerate(default_analyzer().tokens(value)):
            for term in found.word.terms:
                token.text, token.boost, token.stopped = term, 1.0, False
                token.pos = place
                token.startchar, token.endchar = found.start, found.end
                yield token


class AnalysedPositions(formats.Positions):  # type: ignore[misc]
    """Whoosh's positions format, which also takes analysed tokens, so that arrays and store share one analysis."""

    def word_values(self, value: list[Token] | str, analyzer: Any, **kwargs: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the term, frequency, weight and encoded positions of each term of a text or a list of tokens."""
        if isinstance(value, str):
            yield from super().word_values(value, analyzer, **kwargs)
            return
        places: dict[str, list[int]] = {}
        for place, token in enumerate(value):
            for term in token.word.terms:
                places.setdefault(term, []).append(place)
        for term, held in places.items():
            yield term, len(held), float(len(held)), self.encode(held)


def _bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that a pickle holds as Latin-1 text; replaces `codecs.encode`, which pickles call for bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(encoding)
    return text.encode("latin1")


_OF_WHOOSH = (
    *(fields.BOOLEAN, fields.ID, fields.NUMERIC, fields.STORED, fields.Schema, fields.TEXT),
    *(formats.Existence, IDTokenizer, whoosh3.W3Codec, whoosh3.W3Segment),
)
_NAMES: dict[tuple[str, str], object] = {
    **{(each.__module__, each.__name__): each for each in (*_OF_WHOOSH, FrenchText, AnalysedPositions, defaultdict)},
    **{(module, each.__name__): each for module in ("builtins", "__builtin__") for each in (int, set, frozenset)},
    ("__builtin__", "long"): int,
    ("_codecs", "encode"): _bytes,
}
"""All names that Whoosh's files may refer to. No others are allowed, so that whoever can write the files cannot run
code.
"""


def _disarm() -> None:
    """Make Whoosh unpickle its files as data only; pickle would run whatever code they hold."""
    load, loads = loaders(_NAMES)
    for module in (whoosh.columns, formats, whoosh3):
        module.loads = loads
    structfile.load_pickle = load
    whoosh.index.pickle = SimpleNamespace(
        loads=loads, dumps=pickle.dumps, PicklingError=pickle.PicklingError, UnpicklingError=pickle.UnpicklingError
    )
    whoosh.legacy.toc_loaders.clear()  # old file formats, whose loaders unpickle by themselves


_disarm()


def _text(name: str) -> fields.TEXT:
    field = fields.TEXT(analyzer=FrenchText(), phrase=True, field_boost=scoring.WEIGHTS[name])
    field.format = AnalysedPositions(field_boost=scoring.WEIGHTS[name])
    return field


def _schema() -> fields.Schema:
    texts = {field.name.lower(): _text(field.name.lower()) for field in TextField if field is not TextField.PUBLICATION}
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        url=fields.ID,
        year=fields.NUMERIC(int),
        date=fields.ID,
        private=fields.BOOLEAN,
        resource=fields.STORED,
        repeated=fields.STORED,
        shapes=fields.STORED,
        **texts,
    )


class DocumentStoreWriter:
    """Writes one store, in one commit: the first resource added is its document 0, the next its document 1.

    Args:
        folder: the store's folder, which is created.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._index = FileStorage(str(folder)).create_index(_schema())
        self._writer = self._index.writer(limitmb=_POOL_MEGABYTES)
        self.size = 0

    def add(self, analysed: AnalysedResource) -> int:
        """Add a resource, and return its document number."""
        resource = analysed.resource
        texts: dict[str, Any] = {part.field.name.lower(): part.tokens for part in analysed.fields}
        self._writer.add_document(
            id=resource.id,
            url=resource.url,
            year=resource.year,
            date=resource.date,
            private=resource.private,
            resource=to_json(resource),
            repeated=repeated_paragraphs(resource),
            shapes=(resource.body_shape, resource.summary_shape),
            **texts,
        )
        self.size += 1
        return self.size - 1

    def commit(self) -> None:
        """Write the store to disk."""
        self._writer.commit()
        self._index.close()

    def cancel(self) -> None:
        """Discard the store, before or after `commit`."""
        if not self._writer.is_closed:
            self._writer.cancel()
        self._index.close()


def _open(folder: Path) -> FileIndex:
    # Whoosh copies the whole of every postings file that it maps into memory; without a map it reads only what is
    # needed.
    return FileStorage(str(folder), supports_mmap=False).open_index()


def keep_rows(folder: Path, rows: Collection[int]) -> None:
    """Delete all documents of a store except those listed. Files shared with another folder are not changed.

    Raises:
        OSError: the store cannot be written.
    """
    index = _open(folder)
    try:
        with index.reader() as reader:
            if reader.doc_count() == len(rows):
                return
            deleted = {row for row in range(reader.doc_count_all()) if not reader.is_deleted(row)}.difference(rows)
        if deleted:
            writer = index.writer()
            for row in deleted:
                writer.delete_document(row)
            writer.commit(merge=False)
    finally:
        index.close()


class SnippetTexts(NamedTuple):
    """What snippets of a resource are taken from.

    Attributes:
        fields: its summary and body, as indexed.
        publications: the key of the text of each of its publications, by number.
    """

    fields: dict[TextField, str]
    publications: dict[int, str]


class DocumentStoreReader:
    """Reads the resources of one store. Safe to use from several threads.

    Raises:
        IndexDamagedError: the store cannot be opened.
        IndexRefusedError: the system refuses to read it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._texts: TextCache[SnippetTexts] = TextCache(_CACHED_CHARACTERS)
        with _readable(folder):
            self._index = _open(folder)
            self._reader = self._index.reader()
            # Old generations are never closed explicitly: this closes them once the last reader is garbage-collected.
            self._close = weakref.finalize(self, self._reader.close)

    def resource(self, row: int) -> Resource:
        """Return the resource of document `row`, whether or not it was deleted.

        Raises:
            IndexDamagedError: it cannot be read.
            IndexRefusedError: the system refuses to read it.
        """
        with _readable(self._folder):
            stored = self._stored(row)
            # An index of an earlier version has none, and answers until the next run rebuilds it.
            body_shape, summary_shape = stored.get("shapes", (None, None))
            return replace(from_json(stored["resource"]), body_shape=body_shape, summary_shape=summary_shape)

    def texts(self, row: int) -> SnippetTexts:
        """Return the texts of document `row` that snippets are taken from.

        Raises:
            IndexDamagedError: it cannot be read.
            IndexRefusedError: the system refuses to read it.
        """
        return self._texts.get(row, lambda: self._read_texts(row))

    def _read_texts(self, row: int) -> tuple[SnippetTexts, int]:
        with _readable(self._folder):
            stored = self._stored(row)
            held = json.loads(stored["resource"])
            summary, body = held["summary"] or "", without(held["body"] or "", stored["repeated"])
            documents = {one["n"]: one["text"] for one in held.get("documents", ())}
            return SnippetTexts({TextField.SUMMARY: summary, TextField.BODY: body}, documents), len(summary) + len(body)

    def forget(self) -> None:
        """Empty the cache of texts."""
        self._texts.forget()

    def _stored(self, row: int) -> dict[str, Any]:
        with self._lock:
            stored: dict[str, Any] = self._reader.stored_fields(row)
        return stored

    def terms(self) -> Iterator[tuple[TextField, str]]:
        """Yield every index term of every text field."""
        names = {field.name.lower(): field for field in TextField}
        for name, text in self._reader.all_terms():
            if name in names:
                yield names[name], text.decode()

    def occurrences(self, field: TextField, term: str) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the resource id and positions of each resource that holds a term in a field."""
        matcher = self._reader.postings(field.name.lower(), term)
        while matcher.is_active():
            stored = self._reader.stored_fields(matcher.id())
            yield stored["id"], tuple(matcher.value_as("positions"))
            matcher.next()

    def close(self) -> None:
        """Close files."""
        self._close()
        self._index.close()


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Return a context manager that turns every error of Whoosh into IndexDamagedError or IndexRefusedError."""
    try:
        yield
    except Exception as error:  # Whoosh raises a dozen unrelated types
        failure = failure_behind(error) or _refusal(folder)
        if failure is not None and not (isinstance(failure, OSError) and concerns_one_file(failure)):
            raise refused(failure) from error
        raise IndexDamagedError(
            "L’index de référence est illisible : relancez « python run.py index --full »."
        ) from error


def _refusal(folder: Path) -> OSError | None:
    """Return the error of the system if it refuses to list a folder, else None.

    Whoosh does not report this error: it takes the folder for an empty one.
    """
    try:
        os.listdir(folder)
    except OSError as error:
        return error
    return None


def to_json(resource: Resource) -> str:
    """Return a resource as JSON text, without the shapes of its texts (their headings, lists and links).

    Each search reads this text of some ten resources to make snippets, which need no shapes.
    """
    held = asdict(resource)
    del held["body_shape"], held["summary_shape"]
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Resource:
    """Return the resource of a text that `to_json` wrote.

    Raises:
        ValueError: the text is not JSON.
        KeyError: a value is missing.
        TypeError: there is an unknown value.
    """
    held = json.loads(text)
    held["themes"] = tuple(held["themes"])
    held["warnings"] = tuple(held["warnings"])
    held["attachments"] = tuple(Attachment(**a) for a in held["attachments"])
    held["documents"] = tuple(map(published_document, held.get("documents", ())))
    held["year_source"] = None if held["year_source"] is None else YearSource(held["year_source"])
    # A record of an earlier version has none.
    held["territories"] = tuple(held.get("territories", ()))
    territory_source = held.get("territory_source")
    held["territory_source"] = None if territory_source is None else TerritorySource(territory_source)
    return Resource(**held)
