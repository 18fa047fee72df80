"""Publications that no resource holds, and what staff do about them: attach, detach, add a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain

from indexer.analysis import collation_key
from indexer.corpus import (
    ADDED,
    CATALOGUE,
    UNSET,
    Catalogue,
    Corpus,
    Correction,
    Field,
    FileRow,
    Sighting,
)
from indexer.corpus.file_names import name_key, name_of, path_of_file, path_of_link
from indexer.engine import Engine
from indexer.errors import CorrectionError, SourceError
from indexer.parsing.urls import normalise
from indexer.pipeline.correcting import correct, corrections_of
from indexer.publications import PUBLICATION_CACHE, CachedPageTexts, text_key
from indexer.settings import Settings
from indexer.sources.entry import HEAD, describe_unknown
from indexer.sources.publication_files import publication_type


@dataclass(frozen=True, slots=True)
class LooseFile:
    """A file of a publication that no resource holds.

    Attributes:
        digest: digest of its content.
        name: name of the file.
        places: where it was found: source and path, alphabetically.
        size: in bytes.
        media_type: its media type, judged by its first bytes.
        pages: number of its pages; 0 if it was not read.
        reason: French sentence about what was not read; empty if there is nothing to say.
        title: the title that it gives itself.
        doubtful: whether links of resources have its name, but it is not sure that they mean this file.
    """

    digest: str
    name: str
    places: tuple[str, ...]
    size: int
    media_type: str
    pages: int
    reason: str
    title: str | None
    doubtful: bool


@dataclass(frozen=True, slots=True)
class LackingLink:
    """A link of a resource to a file that the archive does not hold."""

    resource_id: str
    address: str


@dataclass(frozen=True, slots=True)
class LooseEnds:
    """Files that no resource holds, ordered by name, and links to missing files, ordered by id of the resource."""

    files: tuple[LooseFile, ...]
    lacking: tuple[LackingLink, ...]


def loose_ends(settings: Settings) -> LooseEnds:
    """Return the publications that no resource holds, and the links of resources to publications that the archive does
    not have, as of the last indexing run.

    Raises:
        CorpusError: the catalogue or the corrections cannot be read.
        EngineError: the system refuses to read the cache of texts.
    """
    if not (settings.corpus / CATALOGUE).exists():
        return LooseEnds((), ())
    given = corrections_of(settings).all().values()
    attached = {digest for one in given if isinstance(one.documents, tuple) for digest in one.documents}
    with (
        closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue,
        closing(CachedPageTexts(settings.index / PUBLICATION_CACHE)) as texts,
    ):
        lacking = tuple(LackingLink(*one) for one in catalogue.lacks())
        held = catalogue.held_files() | attached
        names = {name_key(path_of_link(link.address)) for link in lacking}
        files = [
            _loose(catalogue, texts, file, names)
            for file in catalogue.files()
            if file.digest not in held and file.released is None
        ]
    return LooseEnds(tuple(sorted(files, key=lambda file: (collation_key(file.name), file.places))), lacking)


def _loose(catalogue: Catalogue, texts: CachedPageTexts, file: FileRow, wanted: set[str]) -> LooseFile:
    met = catalogue.sightings_of(file.digest)
    facts = texts.facts(text_key(file.digest, file.recognised))
    return LooseFile(
        file.digest,
        met[0].name if met else file.digest,
        tuple(f"{one.source}/{one.path}" for one in met),
        file.size,
        file.media_type,
        0 if facts is None else len(facts.labels),
        "" if facts is None else facts.reason,
        None if facts is None else facts.title,
        any(name_key(one.path) in wanted for one in met),
    )


def find_resource(settings: Settings, text: str) -> str:
    """Return the id of the resource that a person names by its id, or by its address in this archive or on its site.

    Raises:
        CorrectionError: `text` names no resource.
        CorpusError: the catalogue cannot be read.
    """
    named = text.strip()
    if (settings.corpus / CATALOGUE).exists():
        with closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue:
            identity = catalogue.identity(normalise(named)) if "/" in named else None
            if identity is not None:
                return identity.id
            wanted = named.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
            if wanted and catalogue.known_as(wanted):
                return wanted
    raise CorrectionError(
        "Aucune ressource n’a cet identifiant ou cette adresse : copiez l’adresse de sa page, dans cette archive ou "
        "sur son site."
    )


def attach(settings: Settings, engine: Engine, resource_id: str, digest: str, *, actor: str) -> bool:
    """Attach a file to a resource; the next indexing run publishes it.

    Args:
        settings: settings of the archive.
        engine: gives the titles of resources.
        resource_id: the resource.
        digest: digest of the file.
        actor: the person who attaches it.

    Returns:
        Whether it was not attached before.

    Raises:
        CorrectionError: there is no such resource or file.
        CorpusError: the catalogue or the corrections cannot be read or written.
    """
    with closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue:
        if catalogue.file(digest) is None:
            raise CorrectionError("Ce fichier n’est plus dans l’archive : importez-le de nouveau.")
    documents = (*attached_files(settings, resource_id), digest)
    return bool(correct(settings, engine, resource_id, Correction(documents=documents), actor=actor))


def detach(settings: Settings, engine: Engine, resource_id: str, digest: str, *, actor: str) -> bool:
    """Undo `attach`, and return whether the file was attached; arguments and errors are the same."""
    left = tuple(one for one in attached_files(settings, resource_id) if one != digest)
    if left:
        return bool(correct(settings, engine, resource_id, Correction(documents=left), actor=actor))
    return bool(correct(settings, engine, resource_id, Correction(), clear=(Field.DOCUMENTS,), actor=actor))


def attached_files(settings: Settings, resource_id: str) -> tuple[str, ...]:
    """Return the digests of the files that staff attached to a resource.

    Raises:
        CorpusError: the corrections cannot be read.
    """
    documents = corrections_of(settings).get(resource_id).documents
    return () if documents is UNSET else documents


def add_file(settings: Settings, name: str, pieces: Iterable[bytes], *, resource_id: str) -> str:
    """Store a file that staff add to a resource, and return its digest; `attach` then attaches it.

    Args:
        settings: settings of the archive.
        name: name of the file.
        pieces: content of the file.
        resource_id: the resource.

    Raises:
        SourceError: the file is no publication.
        IndexBusyError: another run holds the corpus.
        CorpusError: the corpus cannot be written.
    """
    content = iter(pieces)
    head = b""
    while len(head) < HEAD and (piece := next(content, b"")):
        head += piece
    media_type = publication_type(name, head[:HEAD])
    if media_type is None:
        raise SourceError(describe_unknown(name, head[:HEAD]))
    with closing(Corpus(settings.corpus, create=False)) as corpus, corpus.lock():
        stored = corpus.originals.store(chain((head,), content))
        sighting = Sighting(ADDED, f"{resource_id}/{path_of_file(name_of(name))}", stored.digest)
        corpus.catalogue.put_sighting(sighting, FileRow(stored.digest, stored.size, media_type), replacing=False)
    return stored.digest


def names_of_files(settings: Settings) -> dict[str, str]:
    """Return the name of every file of a publication, by digest.

    Raises:
        CorpusError: the catalogue cannot be read.
    """
    return dict(_names(settings))


def _names(settings: Settings) -> Iterator[tuple[str, str]]:
    if (settings.corpus / CATALOGUE).exists():
        with closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue:
            yield from ((one.digest, one.name) for one in reversed(catalogue.sightings()))
