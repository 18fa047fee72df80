"""What tests of the archive share: pages as a Drupal site serves them, and an archive of one's own in a folder."""

from __future__ import annotations

import ctypes
import html
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from indexer.analysis.analyzer import Analyzer, default_analyzer
from indexer.corpus.catalogue import Catalogue
from indexer.corpus.corrections import CORRECTIONS, Correction, Field
from indexer.corpus.store import CATALOGUE
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.parsing.node import ParsedNode
from indexer.pipeline.correcting import correct
from indexer.pipeline.importing import ImportReport, import_paths
from indexer.pipeline.indexing import IndexReport, index_corpus
from indexer.progress import Silent
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
    """A field as recent Drupal themes print it."""
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
    """A resource's article. `link` is the address in its heading; None leaves a label out."""
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
    """A whole page around some content: head, navigation, footer."""
    declared = "" if charset is None else f'<meta charset="{charset}">'
    canonical = "" if address is None else f'<link rel="canonical" href="{address}">'
    return (
        f'<!DOCTYPE html><html lang="fr"><head>{declared}<title>{html.escape(title)} | Archive</title>'
        f'{canonical}</head><body><header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/agenda">Agenda</a>'
        f"</li></ul></nav></header><main>{content}</main><footer><p>Mentions légales</p></footer></body></html>"
    )


def page(title: str = "Une coopérative pour la cantine", *, address: str | None = None, **fields: Any) -> str:
    """A page of one resource; `address` is its canonical link, the rest as for `node`."""
    return frame(node(title, level=1, **fields), title=title, address=address)


def listing(*nodes: str, heading: str | None = "Alimentation durable", address: str | None = None) -> str:
    """A theme's page: several nodes under a heading."""
    top = "" if heading is None else f"<h1>{html.escape(heading)}</h1>"
    return frame(top + "".join(nodes), title=heading or "", address=address)


def export(*resources: tuple[str, str, str]) -> str:
    """A text export: for each resource its title, its privacy and its text."""
    parts = ["Réseau d’essai"]
    for title, private, text in resources:
        parts.append(
            f"{title}\n\n{text}\n\nCatégorie\nType de ressource\nGuide\nRessource privée\n{private}\nRésumé\n\n{text}"
        )
    return "\n\n".join(parts) + "\n"


# Parsed nodes, where the page itself does not matter


def parsed(title: str = "Une coopérative pour la cantine", **fields: Any) -> ParsedNode:
    """A parsed node, public and without a date unless told otherwise."""
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


# An archive of one's own


@cache
def analyzer() -> Analyzer:
    """The French analysis; the same for all tests, as building it takes time."""
    return default_analyzer()


class Archive:
    """An archive in a folder: write pages, import, index, ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = folder / "pages"
        self.pages.mkdir(parents=True, exist_ok=True)
        self.settings = SiteSettings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")

    def write(self, name: str, content: str | bytes) -> Path:
        """A file among the pages to import."""
        return write(self.pages / name, content)

    def put(self, name: str, content: str | bytes) -> Path:
        """A file straight into the corpus, as a person may do."""
        return write(self.settings.corpus / name, content)

    def import_(self, *paths: Path, theme: str | None = None, origin: str | None = None) -> ImportReport:
        """Import paths; all the pages by default."""
        with self.engine() as engine:
            return import_paths(
                self.settings, paths or (self.pages,), theme=theme, progress=Silent(), engine=engine, origin=origin
            )

    def index(self, *, full: bool = False, **changes: Any) -> IndexReport:
        """Bring the index up to date, with other settings if some are given."""
        with self.engine() as engine:
            return index_corpus(replace(self.settings, **changes), engine, full=full, progress=Silent())

    def correct(self, title: str, *, clear: Sequence[Field] = (), **values: Any) -> tuple[Field, ...]:
        """Correct a resource, named by its title or its id; the next run publishes it."""
        with self.engine() as engine:
            known = self.ids() if engine.status().generation else {}
            return correct(
                self.settings, engine, known.get(title, title), Correction(**values), clear=clear, actor="essai"
            )

    @contextmanager
    def engine(self) -> Iterator[EmbeddedEngine]:
        """An engine over the index."""
        engine = EmbeddedEngine(self.settings.index, analyzer())
        try:
            yield engine
        finally:
            engine.close()

    def search(self, query: str = "", audience: Audience = Audience.MEMBER, **fields: Any) -> SearchResponse:
        """Answer a search, a hundred hits at once."""
        with self.engine() as engine:
            return engine.search(SearchRequest(audience=audience, query=query, per_page=100, **fields))

    def hits(self, query: str = "", audience: Audience = Audience.MEMBER, **fields: Any) -> dict[str, Hit]:
        """Hits by title; titles are told apart by the tests that use this."""
        return {hit.title: hit for hit in self.search(query, audience, **fields).hits}

    def ids(self, audience: Audience = Audience.MEMBER) -> dict[str, str]:
        """Id of each title."""
        return {title: hit.id for title, hit in self.hits(audience=audience).items()}

    def resources(self) -> dict[str, Resource]:
        """Every resource by id."""
        with self.engine() as engine:
            found = engine.search(SearchRequest(audience=Audience.MEMBER, per_page=100)).hits
            held = (engine.get(hit.id, audience=Audience.MEMBER) for hit in found)
            return {resource.id: resource for resource in held if resource is not None}

    def corpus_files(self) -> dict[str, bytes]:
        """Every page in the corpus and its bytes."""
        return files_below(self.settings.corpus)

    def catalogue_rows(self) -> tuple[object, ...]:
        """All that the catalogue holds."""
        catalogue = Catalogue(self.settings.corpus / CATALOGUE)
        try:
            return (*catalogue.pages(), *catalogue.identities())
        finally:
            catalogue.close()


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    """Files that are not hidden, nor the catalogue's, nor the corrections, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", CATALOGUE, CORRECTIONS))
    }


def reasons(set_aside: Sequence[Any]) -> dict[str, str]:
    """Reason by file name."""
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
    """Make file permissions hold for root too, as containers run tests as root.

    Linux lets a process set aside the right to pass over them (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) and take it back.
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
    """Stands for a kill in the middle of a run: nothing catches it on the way."""


def dies_at(call: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that works until its `call`-th call, and dies there."""
    calls = iter(range(1, call + 1))

    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(calls, call) >= call:
            raise Killed
        return function(*args, **kwargs)

    return dying
