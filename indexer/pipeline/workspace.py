"""The workspace: everything that a run reads and writes, opened, locked and closed together."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

from indexer.corpus import (
    CORRECTIONS,
    PAGE_CACHE,
    PUBLIC_RECORDS,
    Corpus,
    Corrections,
    PageCache,
    PublicRecords,
    RecognisedTexts,
)
from indexer.errors import EngineError
from indexer.pipeline.provenance import PROVENANCE, ProvenanceStore
from indexer.publications import PAGE_IMAGES, PUBLICATION_CACHE, PageImages, PublicationCache
from indexer.resolution import Assembler, Documents
from indexer.settings import Settings
from indexer.storage.database import reason_at


class Workspace:
    """The corpus, its lock, the caches of pages, of publications and of images of their pages, recognised texts,
    provenance, corrections and the assembler, as one context manager.

    Provenance and corrections are read on first use, so that a correction made while a run reads pages still applies.

    Args:
        settings: settings of the archive.
        create: create the corpus folder if it does not exist.
        lock: lock the corpus against other runs; not needed for reading only.

    Raises:
        CorpusError: on entry, if the corpus does not exist, or cannot be read or written; on use of `assembler`, if
            the corrections cannot be read.
        IndexBusyError: on entry, if another run holds the corpus.
        EngineError: on entry, use or exit, if a cache file can be neither used nor replaced.
    """

    corpus: Corpus
    cache: PageCache
    texts: PublicationCache

    def __init__(self, settings: Settings, *, create: bool = False, lock: bool = True) -> None:
        self._settings, self._create, self._lock = settings, create, lock
        self.images = PageImages(settings.index / PAGE_IMAGES)
        self.recognised = RecognisedTexts(settings.corpus)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open and lock the corpus, and open the caches of pages and of publications."""
        with ExitStack() as opened:
            self.corpus = Corpus(self._settings.corpus, create=self._create)
            opened.callback(self.corpus.close)
            if self._lock:
                opened.enter_context(self.corpus.lock())
            try:
                self.cache = PageCache(self._settings.index / PAGE_CACHE, base=self._settings.site_url)
            except sqlite3.Error as error:
                raise self._unusable(error) from error
            opened.callback(self.cache.close)
            self.texts = PublicationCache(self._settings.index / PUBLICATION_CACHE)
            opened.callback(self.texts.close)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything; an SQLite error in the body is raised as an `EngineError`."""
        self._open.close()
        if isinstance(error, sqlite3.Error):
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> EngineError:
        reason = reason_at(self._settings.index / PAGE_CACHE, error)
        return EngineError(
            f"Un fichier de travail de « {self._settings.index} » ne peut être lu ou écrit "
            f"{reason.then('supprimez ses fichiers .sqlite, ils seront refaits')}."
        )

    @cached_property
    def provenance(self) -> ProvenanceStore:
        """The store of the provenance of each generation's resources."""
        store = ProvenanceStore(self._settings.index / PROVENANCE)
        self._open.callback(store.close)
        return store

    @cached_property
    def corrections(self) -> Corrections:
        """The corrections by staff."""
        return Corrections(self._settings.corpus / CORRECTIONS)

    @cached_property
    def public_records(self) -> PublicRecords:
        """The record of which resources were public, and when."""
        return PublicRecords(self._settings.corpus / PUBLIC_RECORDS)

    @cached_property
    def assembler(self) -> Assembler:
        """An assembler with the corrections at the time of its first use."""
        documents = Documents(self.corpus.catalogue, self.cache, self.texts)
        return Assembler(self.cache, self.corrections.all(), self.corrections.renames(), documents)
