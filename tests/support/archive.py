"""Helpers for tests of the archive: pages like those of a Drupal site, and a separate archive in a folder."""

from __future__ import annotations

import ctypes
import html
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from indexer.analysis.analyzer import Analyzer, default_analyzer
from indexer.corpus.catalogue import Catalogue
from indexer.corpus.corrections import CORRECTIONS, Correction, Field
from indexer.corpus.public_records import PUBLIC_RECORDS
from indexer.corpus.store import CATALOGUE
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.gathering.state import GATHERING
from indexer.parsing.node import ParsedNode
from indexer.pipeline.correcting import correct
from indexer.pipeline.importing import ImportReport, import_paths
from indexer.pipeline.indexing import IndexReport, index_corpus
from indexer.progress import Silent
from indexer.publications import PUBLICATION_CACHE, CachedPageTexts
from indexer.query.request import Hit, SearchRequest, SearchResponse
from indexer.resource import Audience, Resource
from search_app.settings import SiteSettings
from tests.support.places import CHECKOUT

DEMONSTRATION = CHECKOUT / "corpus" / "exemple"

SITE = "https://reseau.example"
BODY = (
    "La coopérative d’intérêt collectif réunit salarié·es, habitant·es et communes autour d’un même projet.",
    "La ville y a pris des parts sociales ; elle siège au conseil avec une voix, comme les autres.",
)
"""Two paragraphs for pages whose text does not matter."""
EPICERIE, REGIE, CHARTE = "Monter une épicerie solidaire", "Ouvrir une régie de quartier", "Charte des achats"
"""Titles of three resources that many tests index."""


# Pages


def field(name: str, label: str, value: str) -> str:
    """Return the HTML of a field, as in recent Drupal themes; `name` is the end of its CSS class, `label` is shown."""
    return (
        f'<div class="field field--name-field-{name} field--label-above">'
        f'<div class="field__label">{label}</div><div class="field__item">{value}</div></div>'
    )


def node(
    title: str = "Une coopérative pour la cantine",
    *,
    link: str | None = None,
    body: str | Sequence[str] = BODY,
    theme: str | Sequence[str] | None = None,
    type: str | None = "Guide",
    private: str | None = "Non",
    summary: str | None = None,
    published: str | None = None,
    number: int | None = None,
    level: int = 2,
) -> str:
    """Return the HTML of a resource's article; None for a field leaves it out.

    `link` is the address in its heading, `level` the level of that heading, and `number` the number of the Drupal node.
    `body` is the text of one paragraph or of several, `private` the privacy (« Oui », « Non »), `published` the date.
    """
    paragraphs = (body,) if isinstance(body, str) else body
    themes = (theme,) if isinstance(theme, str) else theme
    heading = html.escape(title) if link is None else f'<a href="{link}">{html.escape(title)}</a>'
    numbered = "" if number is None else f' data-history-node-id="{number}"'
    fields = [
        f'<div class="field field--name-body field__item">{"".join(f"<p>{p}</p>" for p in paragraphs if p)}</div>',
        "" if themes is None else "".join(field("categorie", "Catégorie", html.escape(t)) for t in themes),
        "" if type is None else field("type-de-ressource", "Type de ressource", html.escape(type)),
        "" if private is None else field("ressource-privee", "Ressource privée", html.escape(private)),
        "" if summary is None else field("resume", "Résumé", f"<p>{summary}</p>"),
    ]
    when = "" if published is None else f"<p>Publié le {published}</p>"
    return (
        f'<article class="node node--type-ressource"{numbered}><h{level}>{heading}</h{level}>'
        f"{when}{''.join(fields)}</article>"
    )


def frame(content: str, *, title: str, address: str | None = None, charset: str | None = "utf-8") -> str:
    """Return a whole page around some content, with head, navigation and footer.

    `address` is its canonical link and `charset` the encoding that it declares; None leaves them out.
    """
    declared = "" if charset is None else f'<meta charset="{charset}">'
    canonical = "" if address is None else f'<link rel="canonical" href="{address}">'
    return (
        f'<!DOCTYPE html><html lang="fr"><head>{declared}<title>{html.escape(title)} | Archive</title>'
        f'{canonical}</head><body><header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/agenda">Agenda</a>'
        f"</li></ul></nav></header><main>{content}</main><footer><p>Mentions légales</p></footer></body></html>"
    )


def page(title: str = "Une coopérative pour la cantine", *, address: str | None = None, **fields: Any) -> str:
    """Return a page of one resource; `address` is its canonical link, the other arguments are those of `node`."""
    return frame(node(title, level=1, **fields), title=title, address=address)


def listing(*nodes: str, heading: str | None = "Alimentation durable", address: str | None = None) -> str:
    """Return a listing, such as the page of a theme: several nodes under a heading."""
    top = "" if heading is None else f"<h1>{html.escape(heading)}</h1>"
    return frame(top + "".join(nodes), title=heading or "", address=address)


def export(*resources: tuple[str, str, str]) -> str:
    """Return a text export of a listing; each resource is its title, its privacy (« Oui », « Non ») and its text."""
    parts = ["Réseau d’essai"]
    for title, private, text in resources:
        parts.append(
            f"{title}\n\n{text}\n\nCatégorie\nType de ressource\nGuide\nRessource privée\n{private}\nRésumé\n\n{text}"
        )
    return "\n\n".join(parts) + "\n"


# Parsed nodes, for tests that need no page


def parsed(title: str = "Une coopérative pour la cantine", **fields: Any) -> ParsedNode:
    """Return a parsed node, by default public and without a date."""
    blank: dict[str, Any] = {
        "body": None,
        "summary": None,
        "type": "Guide",
        "private": False,
        "themes": (),
        "date": None,
        "year": None,
        "year_source": None,
    }
    return ParsedNode(title=title, **{**blank, **fields})


# A separate archive


@cache
def analyzer() -> Analyzer:
    """Return the French analysis, shared by all tests, since building it takes time."""
    return default_analyzer()


class Archive:
    """An archive in a folder, with methods to write pages, import, index and search."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = folder / "pages"
        self.pages.mkdir(parents=True, exist_ok=True)
        self.settings = SiteSettings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file to the folder of pages to import."""
        return write(self.pages / name, content)

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file directly to the corpus, as a person may do."""
        return write(self.settings.corpus / name, content)

    def import_(self, *paths: Path, theme: str | None = None, origin: str | None = None) -> ImportReport:
        """Import files and folders, by default the folder of written pages.

        `theme` is given to everything imported; `origin` names the source, so that a later page of the same origin and
        file name replaces the earlier one.
        """
        with self.engine() as engine:
            return import_paths(
                self.settings, paths or (self.pages,), theme=theme, progress=Silent(), engine=engine, origin=origin
            )

    def index(self, *, full: bool = False, **changes: Any) -> IndexReport:
        """Bring the index up to date, or rebuild it if `full`; `changes` replace settings of the archive."""
        with self.engine() as engine:
            return index_corpus(replace(self.settings, **changes), engine, full=full, progress=Silent())

    def correct(self, title: str, /, *, clear: Sequence[Field] = (), **values: Any) -> tuple[Field, ...]:
        """Correct a resource, given by its title or id, and return the fields that changed.

        `values` are new values by name of the field; fields in `clear` get their imported value back. The next
        indexing run publishes the correction.
        """
        with self.engine() as engine:
            known = self.ids() if engine.status().generation else {}
            return correct(
                self.settings, engine, known.get(title, title), Correction(**values), clear=clear, actor="essai"
            )

    @contextmanager
    def engine(self) -> Iterator[EmbeddedEngine]:
        """Yield an engine over the index, and close it afterwards."""
        texts = CachedPageTexts(self.settings.index / PUBLICATION_CACHE)
        engine = EmbeddedEngine(self.settings.index, analyzer(), texts=texts)
        try:
            yield engine
        finally:
            engine.close()

    def search(self, query: str = "", audience: Audience = Audience.MEMBER, **fields: Any) -> SearchResponse:
        """Return the response to a search, a hundred hits per page; `fields` are other fields of `SearchRequest`."""
        with self.engine() as engine:
            return engine.search(SearchRequest(audience=audience, query=query, per_page=100, **fields))

    def hits(self, query: str = "", audience: Audience = Audience.MEMBER, **fields: Any) -> dict[str, Hit]:
        """Return the hits of a search by title; titles must be distinct. `fields` are as in `SearchRequest`."""
        return {hit.title: hit for hit in self.search(query, audience, **fields).hits}

    def ids(self, audience: Audience = Audience.MEMBER) -> dict[str, str]:
        """Return the id of every resource that the audience may see, by title."""
        return {title: hit.id for title, hit in self.hits(audience=audience).items()}

    def resources(self) -> dict[str, Resource]:
        """Return every resource, private ones too, by id."""
        with self.engine() as engine:
            found = engine.search(SearchRequest(audience=Audience.MEMBER, per_page=100)).hits
            held = (engine.get(hit.id, audience=Audience.MEMBER) for hit in found)
            return {resource.id: resource for resource in held if resource is not None}

    def corpus_files(self) -> dict[str, bytes]:
        """Return the bytes of every page in the corpus, by path."""
        return files_below(self.settings.corpus)

    def catalogue_rows(self) -> tuple[object, ...]:
        """Return all rows about pages and ids of resources in the corpus's catalogue (its database), for comparison."""
        catalogue = Catalogue(self.settings.corpus / CATALOGUE)
        try:
            return (*catalogue.pages(), *catalogue.identities())
        finally:
            catalogue.close()


Prepared = TypeVar("Prepared", bound=Archive)


class Models:
    """Archives that are prepared once, to be copied for each test.

    Args:
        new_folder: returns an empty folder.
    """

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._prepared: dict[Callable[[Any], object], Path] = {}

    def copy(self, prepare: Callable[[Prepared], object], archive: Prepared) -> Prepared:
        """Fill an empty archive with a copy of the one that a function prepares, and return it.

        The function runs only at the first call for it; later calls copy its result.

        Args:
            prepare: fills an empty archive.
            archive: the empty archive.
        """
        if prepare not in self._prepared:
            model = type(archive)(self._new_folder())
            prepare(model)
            self._prepared[prepare] = model.folder
        model = self._prepared[prepare]
        shutil.copytree(model, archive.folder, dirs_exist_ok=True)
        catalogue = archive.settings.corpus / CATALOGUE
        if catalogue.exists():  # pages imported again from the same place replace those before
            with closing(sqlite3.connect(catalogue)) as database, database:
                database.execute("UPDATE sources SET origin = replace(origin, ?, ?)", (str(model), str(archive.folder)))
        return archive


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below a folder, by relative path, without hidden files and databases."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", CATALOGUE, CORRECTIONS, GATHERING, PUBLIC_RECORDS))
    }


def reasons(set_aside: Sequence[Any]) -> dict[str, str]:
    """Return the reason for each file in `set_aside`, the rejected files of an import report, by file name."""
    return {Path(entry.path).name: entry.reason for entry in set_aside}


# The machine


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def permissions_hold() -> Iterator[None]:
    """Return a context manager in which file permissions apply to root too, since containers run tests as root.

    On Linux a process can drop the capabilities that override them (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) and take
    them back.
    """
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, held = _Header(0x20080522, 0), (_Capabilities * 2)()
    if libc.capget(ctypes.byref(header), held) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    before = held[0].effective
    held[0].effective = before & ~0b110
    if libc.capset(ctypes.byref(header), held) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    try:
        yield
    finally:
        held[0].effective = before
        libc.capset(ctypes.byref(header), held)


class Killed(BaseException):
    """An exception that simulates a kill in the middle of a run: a BaseException, which no handler catches."""


def dies_at(call: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls `function` until its `call`-th call, and then raises `Killed`."""
    calls = iter(range(1, call + 1))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(calls, call) >= call:
            raise Killed
        return function(*args, **kwargs)

    return dying
