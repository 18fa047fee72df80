"""Publications (PDF and office documents) that pages of a source link to: fetched without credentials, streamed to the
disk, and downloaded again only if they changed.

No credentials are sent, since visitors are shown every publication of a public page: only what everyone can download
may be fetched.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import GatheringError
from indexer.gathering.addresses import canonical, is_within, key_of
from indexer.gathering.answers import Answer, meaning_of_status
from indexer.gathering.fetching import Fetched, Fetcher, FetchError
from indexer.gathering.politeness import LONGEST_PAUSE
from indexer.gathering.registry import Run, StoppedError, count, note
from indexer.gathering.robots import Robots
from indexer.gathering.session import Session
from indexer.gathering.state import State
from indexer.progress import Progress
from indexer.sources.publication_files import MAX_PUBLICATION_BYTES, is_named_as_publication
from indexer.storage.os_errors import reason_of

FOLDER = ".gathering"
"""Name of the folder in the corpus where fetched files wait for an import."""
_WHOLE = 900.0
"""Seconds that the download of one file may take in all."""
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A publication that waits for an import.

    Attributes:
        id: its number.
        url: its address.
        at: time when it was fetched (UTC, ISO 8601).
        path: the file; it may be missing, if the corpus was restored from a back-up.
    """

    id: int
    url: str
    at: str
    path: Path


def note_files(db: sqlite3.Connection, source: str, addresses: Iterable[str]) -> None:
    """Note publications to fetch, among the addresses that a page links to; the caller opens the transaction."""
    for address in addresses:
        found = canonical(address)
        if found is not None and is_named_as_publication(found.partition("?")[0]):
            db.execute(
                "INSERT OR IGNORE INTO files (source, key, url) VALUES (?, ?, ?)", (source, key_of(found), found)
            )


def waiting_files(state: State, source: str) -> Iterator[SpooledFile]:
    """Yield the publications of a source that wait for an import.

    Raises:
        GatheringError: the state cannot be read.
    """
    with state.reading() as db:
        rows = db.execute("SELECT id, url, fetched FROM files WHERE source = ? AND waiting ORDER BY id", (source,))
        found = rows.fetchall()
    for number, url, at in found:
        yield SpooledFile(number, url, at, state.path.parent / FOLDER / str(number))


def taken_files(state: State, files: Iterable[SpooledFile]) -> None:
    """Note that publications were imported, and delete their files from the folder of waiting files.

    Raises:
        GatheringError: the state cannot be written.
    """
    for file in files:
        with state.changing() as db:
            if file.path.exists():
                db.execute("UPDATE files SET waiting = 0 WHERE id = ? AND fetched = ?", (file.id, file.at))
            else:  # to be fetched again
                db.execute(
                    "UPDATE files SET waiting = 0, digest = '', etag = '', modified = '' WHERE id = ?", (file.id,)
                )
        with suppress(OSError):
            file.path.unlink(missing_ok=True)


class Files:
    """Fetches the publications of a source in one run.

    Args:
        state: the open SQLite file of the sources, runs and addresses.
        session: the connections to the source.
        run: the run to carry out, or to continue after a stop.
        full: fetch every file, even if it has not changed.
        progress: shows how far the run is.
    """

    def __init__(self, state: State, session: Session, run: Run, *, full: bool, progress: Progress) -> None:
        self._state, self._session, self._run, self._full, self._progress = state, session, run, full, progress
        self._source = session.source
        self._fetcher: Fetcher = session.open or session.fetcher
        self._robots = Robots(self._fetcher)
        self._folder = state.path.parent / FOLDER

    def gather(self) -> None:
        """Fetch the publications that are new or changed.

        Raises:
            StoppedError: the site is not available now.
            GatheringError: the files cannot be written.
        """
        with self._state.reading() as db:
            rows = db.execute(
                "SELECT id, url, etag, modified, digest FROM files WHERE source = ? AND run < ? ORDER BY id",
                (self._source.name, self._run.number),
            ).fetchall()
        if not rows:
            return
        self._progress.begin(f"Publications de {self._source.name}", len(rows))
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for left in self._folder.glob("*.part"):
                left.unlink(missing_ok=True)
            for number, url, etag, modified, digest in rows:
                before = self._session.requests
                try:
                    self._visit(int(number), url, {} if self._full else _validators(etag, modified), digest)
                finally:
                    with self._state.changing() as db:
                        count(db, self._run.number, "requests", self._session.requests - before)
                self._progress.advance(1)
        except OSError as error:
            raise GatheringError(
                f"« {self._folder} » ne peut être écrit "
                f"{reason_of(error).then('vérifiez les droits et l’espace disque')}."
            ) from error

    def _visit(self, number: int, url: str, validators: dict[str, str], digest: str) -> None:
        if not is_within(self._source, url):
            self._settle(number, "hors du site")
            return
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if not self._robots.allows(url):
                    self._settle(number, "robots.txt exclut ce fichier")
                else:
                    self._fetch(number, url, validators, digest)
                return
            except FetchError as error:
                if error.passing and attempt < _ATTEMPTS:
                    pause = self._session.pace.back_off(None)
                    if pause > LONGEST_PAUSE:
                        raise StoppedError(f"Le site ne peut être lu : {error.reason}.") from error
                    continue
                self._settle(number, error.reason)
                with self._state.changing() as db:
                    note(db, self._run.number, url, error.reason)

    def _fetch(self, number: int, url: str, validators: dict[str, str], digest: str) -> None:
        part, content = self._folder / f"{number}.part", hashlib.blake2b(digest_size=16)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:

                def take(chunk: bytes) -> None:
                    content.update(chunk)
                    file.write(chunk)

                answer = self._fetcher.get(
                    url,
                    headers=validators,
                    accept="*/*",
                    largest=MAX_PUBLICATION_BYTES,
                    sink=take,
                    allowed=self._robots.allows,
                    limit=_WHOLE,
                )
                file.flush()
                os.fsync(file.fileno())
            self._keep(number, answer, content.hexdigest(), digest, part)
        finally:
            part.unlink(missing_ok=True)

    def _keep(self, number: int, answer: Fetched, now: str, before: str, part: Path) -> None:
        meaning = meaning_of_status(answer)
        if meaning is Answer.UNCHANGED:
            self._session.pace.answered()
            self._settle(number, "")
            return
        if answer.status != 200:
            raise FetchError(
                f"le site répond par le statut {answer.status}", passing=answer.status >= 500 or answer.status == 429
            )
        if answer.media_type in {"text/html", "application/xhtml+xml"}:
            raise FetchError("le site montre une page au lieu du fichier", passing=False)
        self._session.pace.answered()
        if now != before:
            os.replace(part, self._folder / str(number))
        with self._state.changing() as db:
            db.execute(
                "UPDATE files SET run = ?, reason = '', etag = ?, modified = ?, digest = ?, fetched = ?, "
                "waiting = waiting OR ? WHERE id = ?",
                (
                    self._run.number,
                    answer.headers.get("etag", ""),
                    answer.headers.get("last-modified", ""),
                    now,
                    answer.at,
                    now != before,
                    number,
                ),
            )

    def _settle(self, number: int, reason: str) -> None:
        with self._state.changing() as db:
            db.execute("UPDATE files SET run = ?, reason = ? WHERE id = ?", (self._run.number, reason, number))


def _validators(etag: str, modified: str) -> dict[str, str]:
    given = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in given.items() if value}
