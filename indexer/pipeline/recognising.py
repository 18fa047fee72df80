"""Recognise the text of pages that are images.

Recognition takes seconds a page, so it does not lock the corpus: imports, corrections and indexing runs go on
meanwhile. Each page is kept as soon as it is done; the indexing run that follows takes the files of which all pages are
done.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace

from indexer.corpus import CATALOGUE, PUBLICATIONS, Catalogue, Originals, RecognisedTexts
from indexer.errors import CorpusError
from indexer.pipeline.indexing import IndexReport
from indexer.progress import Progress
from indexer.publications import (
    PDF,
    PUBLICATION_CACHE,
    CachedPageTexts,
    Processes,
    Recogniser,
    Status,
    reasons,
    recognise_page,
    text_key,
)
from indexer.settings import Settings
from indexer.storage.locks import holding
from indexer.storage.os_errors import reason_of

AT_ONCE = 2
"""Number of pages that are recognised at once, each in a process of its own with one thread."""
_RECOGNISABLE = {Status.READ, Status.NO_TEXT, Status.UNREADABLE}
_BUSY = "Une reconnaissance de texte est déjà en cours : attendez sa fin."


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file with pages that have no text, or whose text was recognised.

    Attributes:
        digest: digest of its content.
        name: name of the file.
        pages: numbers of the pages without text, and of those whose text was recognised.
        recognised: version of the program that recognised text in it; empty if none did.
    """

    digest: str
    name: str
    pages: tuple[int, ...]
    recognised: str


@dataclass(frozen=True, slots=True)
class RecognitionReport:
    """What a recognition did.

    Attributes:
        files: number of files of which all pages are done now, and were not before.
        pages: number of pages that were looked at.
        recognised: number of those in which text was found.
        interrupted: number of pages whose recognition was interrupted from outside: the next one takes them again.
    """

    files: int
    pages: int
    recognised: int
    interrupted: int


def scanned_files(settings: Settings) -> tuple[ScannedFile, ...]:
    """Return the PDF files with pages that have no text, or only recognised text, as of the last indexing run.

    Raises:
        CorpusError: the catalogue cannot be read.
        EngineError: the system refuses to read the cache of texts.
    """
    if not (settings.corpus / CATALOGUE).exists():
        return ()
    with (
        closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue,
        closing(CachedPageTexts(settings.index / PUBLICATION_CACHE)) as texts,
    ):
        return tuple(_scanned(catalogue, texts))


def _scanned(catalogue: Catalogue, texts: CachedPageTexts) -> Iterator[ScannedFile]:
    for file in catalogue.files():
        facts = texts.facts(text_key(file.digest, file.recognised)) if file.released is None else None
        if facts is not None and facts.media_type == PDF and facts.status in _RECOGNISABLE:
            pages = tuple(sorted({*facts.empty_pages, *facts.recognised_pages}))
            if pages:
                met = next(iter(catalogue.sightings_of(file.digest)), None)
                yield ScannedFile(file.digest, file.digest if met is None else met.name, pages, file.recognised)


def recognise_scans(settings: Settings, recogniser: Recogniser, *, progress: Progress) -> RecognitionReport:
    """Recognise the text of all pages without text that this version of the program has not looked at.

    Args:
        settings: settings of the archive.
        recogniser: recognises text.
        progress: shows how far the recognition is.

    Raises:
        RecognitionError: nothing can be recognised on this machine.
        CorpusError: the catalogue cannot be read, or the recognised texts not read or written.
        EngineError: the system refuses to read the cache of texts.
        IndexBusyError: another recognition is running.
    """
    try:
        with holding(settings.corpus / ".recognition", busy=_BUSY):
            return _recognise(settings, recogniser, progress)
    except OSError as error:
        raise CorpusError(
            f"Impossible d’écrire dans « {settings.corpus} » {reason_of(error).then('vérifiez les droits')}."
        ) from error


def _recognise(settings: Settings, recogniser: Recogniser, progress: Progress) -> RecognitionReport:
    store = RecognisedTexts(settings.corpus)
    finished = store.finished()
    left: dict[str, set[int]] = {}
    for file in scanned_files(settings):
        if finished.get(file.digest) != recogniser.version:
            left[file.digest] = {*file.pages} - store.settled(file.digest, recogniser.version)
    pages = [(digest, number) for digest, numbers in left.items() for number in sorted(numbers)]
    progress.begin("Reconnaissance du texte des pages numérisées", len(pages))
    recognised = interrupted = 0
    originals = Originals(settings.corpus / PUBLICATIONS)
    with closing(_texts(originals, pages, recogniser)) as texts:
        for digest, number, text in texts:
            if text is None:
                interrupted += 1
            else:
                store.put(digest, number, recogniser.version, text)
                left[digest].discard(number)
                recognised += bool(text)
                if not left[digest]:
                    store.finish(digest, recogniser.version)
            progress.advance(1)
    done = [digest for digest, numbers in left.items() if not numbers]
    # Files whose last page a run had done before it was killed.
    for digest in done:
        store.finish(digest, recogniser.version)
    return RecognitionReport(len(done), len(pages) - interrupted, recognised, interrupted)


def _texts(
    originals: Originals, pages: Sequence[tuple[str, int]], recogniser: Recogniser
) -> Generator[tuple[str, int, str | None]]:
    """Yield file digest, page number and text of each page as it is recognised; None for the text if interrupted."""
    left = iter(pages)
    running: dict[Future[str | None], tuple[str, int]] = {}
    processes = Processes()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            while True:
                while len(running) < AT_ONCE and (page := next(left, None)) is not None:
                    running[pool.submit(_text, originals, *page, recogniser, processes)] = page
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield *running.pop(future), future.result()
        finally:
            processes.stop()


def _text(originals: Originals, digest: str, number: int, recogniser: Recogniser, processes: Processes) -> str | None:
    try:
        file = originals.open(digest)
    except CorpusError:
        return None  # its original is missing: `check` says so
    with file:
        return recognise_page(file, number, recogniser, processes)


def reports_together(first: IndexReport, second: IndexReport | None, done: RecognitionReport) -> IndexReport:
    """Return one report of an indexing run, the recognition that followed, and the run that published its texts.

    Args:
        first: the report of the first run.
        second: the report of the second run; None if there was nothing new to publish.
        done: the report of the recognition.
    """
    if second is None:
        return replace(first, recognised=done.recognised)
    return replace(
        second,
        switched=first.switched or second.switched,
        added=first.added + second.added,
        updated=first.updated + second.updated,
        removed=first.removed + second.removed,
        # The second run says what is still without text.
        warnings=(*(one for one in first.warnings if not reasons.lacks_text(one.message)), *second.warnings),
        seconds=round(first.seconds + second.seconds, 2),
        recognised=done.recognised,
    )
