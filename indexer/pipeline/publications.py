"""Publications in an indexing run: store which resources hold them, read each once, erase those that none holds."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from datetime import UTC, datetime, timedelta

from indexer.corpus import Catalogue, FileRow, Originals, PageRow
from indexer.engine import Engine
from indexer.errors import CorpusError, EngineError, IndexMissingError
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress
from indexer.publications import (
    UNKNOWN_TYPE,
    Processes,
    Publication,
    Status,
    read_open_file,
    text_key,
    with_recognised,
)
from indexer.resolution import Cluster
from indexer.resource import Audience, PublishedDocument, Resource
from indexer.sources import SetAside

AT_ONCE = 2
"""Number of files that are read at once, each in a process of its own."""
INTERRUPTED = (
    "sa lecture n’a pas abouti, ou son fichier manque au corpus : relancez l’indexation, sinon importez-le de nouveau."
)


def apply_recognised(workspace: Workspace) -> None:
    """Store in the catalogue which files have recognised text, so that the resources that hold them are written again.

    Raises:
        CorpusError: the catalogue or the recognised texts cannot be read or written.
    """
    finished = workspace.recognised.finished()
    # A file whose recognised texts are lost is one in which nothing was recognised.
    catalogue = workspace.corpus.catalogue
    catalogue.put_recognised({file.digest: finished.get(file.digest, "") for file in catalogue.files()})


def read_texts(workspace: Workspace, files: Iterable[FileRow], progress: Progress) -> tuple[str, ...]:
    """Read the files whose text is not in the cache yet, and store their texts there.

    Args:
        workspace: the locked corpus.
        files: the files.
        progress: shows how far the reading is.

    Returns:
        Digests of the files whose reading was interrupted, so that the next run must read them again.

    Raises:
        CorpusError: the catalogue cannot be read.
    """
    known = workspace.texts.known()
    missing = [file for file in files if text_key(file.digest, file.recognised) not in known]
    if not missing:
        return ()
    progress.begin("Lecture des publications", len(missing))
    interrupted = []
    with closing(_read(workspace, missing)) as documents:
        for file, document in documents:
            if document.status is Status.INTERRUPTED:
                interrupted.append(file.digest)
            else:
                texts = workspace.recognised.texts(file.digest, file.recognised) if file.recognised else {}
                workspace.texts.put(text_key(file.digest, file.recognised), with_recognised(document, texts))
            progress.advance(1)
    return tuple(interrupted)


def _read(workspace: Workspace, files: Iterable[FileRow]) -> Generator[tuple[FileRow, Publication]]:
    """Yield the documents of some files as they are read; only a few are in memory at once."""
    left = iter(files)
    running: dict[Future[Publication], FileRow] = {}
    processes = Processes()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            while True:
                while len(running) < AT_ONCE and (file := next(left, None)) is not None:
                    held = workspace.texts.get(text_key(file.digest)) if file.recognised else None
                    if held is not None:
                        yield file, held
                    else:
                        running[pool.submit(_read_one, workspace.corpus.originals, file.digest, processes)] = file
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            # A run that is cancelled waits for no file: those that are being read are read again by the next run.
            processes.stop()


def _read_one(originals: Originals, digest: str, processes: Processes) -> Publication:
    try:
        with originals.open(digest) as file:
            return read_open_file(file, processes=processes)
    except CorpusError:
        return Publication(UNKNOWN_TYPE, Status.INTERRUPTED, INTERRUPTED)


def store_held(
    workspace: Workspace,
    clusters: Iterable[Cluster],
    rows: Mapping[str, PageRow],
    *,
    gone: Iterable[str] = (),
    whole: bool = False,
) -> None:
    """Store which files resources hold, before the generation that shows them is published.

    Args:
        workspace: the locked corpus.
        clusters: the resources.
        rows: the pages, by path.
        gone: ids of resources that may hold nothing any more.
        whole: whether `clusters` is complete, so that no other resource holds anything.

    Raises:
        CorpusError: the catalogue cannot be read or written.
    """
    assembler = workspace.assembler
    held = {}
    hidden = set()
    for cluster in clusters:
        assembler.documents(cluster, rows)
        held[cluster.id] = assembler.held(cluster)
        if assembler.is_hidden(cluster):
            hidden.add(cluster.id)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    workspace.corpus.catalogue.put_held(held, now=now, hidden=hidden, gone=gone, whole=whole)


def may_return(document: PublishedDocument, resource_id: str, engine: Engine, catalogue: Catalogue) -> bool:
    """Return whether a public resource may have a file again that it had in an earlier generation.

    It may not if only resources that visitors do not see hold the file now, or if staff detached it.

    Raises:
        CorpusError: the catalogue cannot be read.
        EngineError: the engine cannot answer.
    """
    holders = catalogue.holders(document.digest)
    if any(engine.get(holder, audience=Audience.VISITOR) is not None for holder in holders):
        return True
    return not holders and f"staff:{document.digest}" not in catalogue.numbers(resource_id)


def lost_files(resource: Resource, engine: Engine, catalogue: Catalogue) -> bool:
    """Return whether visitors now see a file of a resource that it will lose and must not get back (`may_return`).

    The answer is True if the current generation is damaged, since nobody can tell then.

    Args:
        resource: the resource as it will be written.
        engine: the engine, whose current generation still has the resource as it was.
        catalogue: the catalogue, which already lists what resources will hold.

    Raises:
        CorpusError: the catalogue cannot be read.
    """
    kept = {one.digest for one in resource.documents}
    try:
        shown = engine.get(resource.id, audience=Audience.VISITOR)
        before = () if shown is None else shown.documents
        return any(one.digest not in kept and not may_return(one, resource.id, engine, catalogue) for one in before)
    except IndexMissingError:
        return False
    except EngineError:  # a damaged generation does not tell, so earlier ones must not show the resource
        return True


def not_read(workspace: Workspace, files: Iterable[FileRow]) -> Iterator[SetAside]:
    """Yield the files that are not searched, each with the reason and the path at which it was found."""
    for file in files:
        if file.released is not None:
            continue
        facts = workspace.texts.facts(text_key(file.digest, file.recognised))
        if facts is None or facts.status is not Status.READ:
            met = next(iter(workspace.corpus.catalogue.sightings_of(file.digest)), None)
            shown = file.digest if met is None else f"{met.source}/{met.path}"
            yield SetAside(shown, INTERRUPTED if facts is None else facts.reason)


def erase_released(workspace: Workspace, *, days: int) -> None:
    """Erase the originals that no resource has held for some days, with their recognised texts, and those that a killed
    import left unlisted.

    Args:
        workspace: the locked corpus.
        days: number of days.

    Raises:
        CorpusError: the catalogue or an original cannot be read or written.
    """
    corpus = workspace.corpus
    last = datetime.now(UTC) - timedelta(days=days)
    listed = set()
    for file in corpus.catalogue.files():
        if file.released is not None and datetime.fromisoformat(file.released) <= last:
            corpus.originals.erase(file.digest)
            corpus.catalogue.drop_file(file.digest)
        else:
            listed.add(file.digest)
    for digest in set(corpus.originals.digests()) - listed:
        if corpus.originals.stored_at(digest) <= last.timestamp():
            corpus.originals.erase(digest)
    workspace.recognised.forget_all_but(listed)
