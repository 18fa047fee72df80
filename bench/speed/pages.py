"""Archives of a given size, imported and indexed by our own commands, and the other engines' indexes of the same pages;
all are kept between runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.fiches import FICHES
from bench.speed import own_pages, queries
from bench.speed.base import Query, Writer
from bench.speed.feed import Feeder, resources
from bench.speed.sqlite import SqliteWriter
from bench.speed.statistics import Statistics
from bench.speed.tantivy_peer import TantivyWriter
from bench.speed.tantivy_peer import available as tantivy_available
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from search_app.settings import SiteSettings, read_settings

ROOT = Path(__file__).resolve().parents[2]


def say(text: str) -> None:
    """Print progress on standard error."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive of the bench: its folder, its number of pages, and the paths in the folder."""

    folder: Path
    size: int

    @property
    def pages(self) -> Path:
        """Folder of the pages to import."""
        return self.folder / "pages"

    @property
    def settings(self) -> SiteSettings:
        """Settings of the site for the corpus and the index of the archive."""
        return settings_in(self.folder)

    @property
    def sqlite(self) -> Path:
        """Path of SQLite's index of the archive."""
        return self.folder / "peers" / "fts5.sqlite"

    @property
    def tantivy(self) -> Path:
        """Path of tantivy's index of the archive."""
        return self.folder / "peers" / "tantivy"

    def queries(self) -> list[Query]:
        """Return the queries that were chosen for the archive."""
        return queries.load(self.folder / "peers" / "queries.json")


def settings_in(folder: Path) -> SiteSettings:
    """Return the settings of an archive whose corpus, index and data are in one folder."""
    places = {name: str(folder / name) for name in ("corpus", "index", "data")}
    return read_settings({}, corpus=places["corpus"], index=places["index"], data=places["data"])


def command(settings: SiteSettings, *arguments: str) -> list[str]:
    """Return a command line of run.py for an archive."""
    places = [f"--{name}={getattr(settings, name)}" for name in ("corpus", "index", "data")]
    return [sys.executable, str(ROOT / "run.py"), *places, *arguments]


def run(settings: SiteSettings, *arguments: str) -> float:
    """Run one command of run.py, and return the seconds that it took.

    Raises:
        subprocess.CalledProcessError: it failed; its messages are on standard error.
    """
    began = time.perf_counter()
    done = subprocess.run(command(settings, *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        say(done.stderr)
        done.check_returncode()
    return time.perf_counter() - began


def source() -> str:
    """Return a description of where the pages come from."""
    return "practical sheets (make_pages.py)" if (FICHES / "make_pages.py").is_file() else "the bench's own pages"


@contextmanager
def prepared(work: Path, size: int) -> Iterator[Archive]:
    """Return a context manager around an archive of `size` pages, which is created if necessary and locked: another run
    on the same folder waits.

    Args:
        work: folder where archives are kept.
        size: number of pages.
    """
    archive = Archive(work / str(size), size)
    archive.folder.mkdir(parents=True, exist_ok=True)
    with (archive.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _prepare(archive)
        yield archive


def _prepare(archive: Archive) -> None:
    """Create the missing parts of an archive: pages, corpus, our index, the other engines' indexes, queries."""
    size = archive.size
    if not archive.pages.is_dir():
        say(f"{size} pages: making them")
        draft = archive.folder / "pages.part"
        shutil.rmtree(draft, ignore_errors=True)
        if (FICHES / "make_pages.py").is_file():
            subprocess.run(
                [sys.executable, str(FICHES / "make_pages.py"), str(draft), "--count", str(size)], check=True
            )
        else:
            own_pages.make(draft, size)
        os.replace(draft, archive.pages)
    settings = archive.settings
    imported = archive.folder / "imported"  # not there after an interrupted import, which is then repeated
    if not imported.exists():
        say(f"{size} pages: importing")
        run(settings, "import", str(archive.pages))
        imported.touch()
    engine = EmbeddedEngine(settings.index, default_analyzer())
    status = engine.status()
    engine.close()
    if status.stale or status.generation is None:
        say(f"{size} pages: indexing")
        run(settings, "index", "--full")
    _feed_peers(archive)


def _feed_peers(archive: Archive) -> None:
    """Write the other engines' indexes, unless they are up to date with the analysis and with the code of the bench."""
    note = archive.folder / "peers" / "fed.json"
    names = ("feed.py", "queries.py", "sqlite.py", "statistics.py", "tantivy_peer.py")
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in names)
    digest = hashlib.blake2b(code, digest_size=8).hexdigest()
    fed = json.dumps([digest, default_analyzer().fingerprint, archive.size, tantivy_available()])
    if note.exists() and note.read_text() == fed:
        return
    say(f"{archive.size} pages: feeding the peers")
    note.unlink(missing_ok=True)
    note.parent.mkdir(exist_ok=True)
    statistics = Statistics(archive.size)
    writers: list[Writer] = [
        SqliteWriter(archive.sqlite),
        *([TantivyWriter(archive.tantivy)] if tantivy_available() else []),
    ]
    feeder = Feeder(default_analyzer())
    for resource in resources(archive.settings):
        analysed = feeder.analyse(resource)
        statistics.add(analysed)
        fed_page = feeder.feed(analysed)
        for writer in writers:
            writer.add(fed_page)
    for writer in writers:
        writer.finish()
    queries.save(queries.choose(statistics), archive.folder / "peers" / "queries.json")
    note.write_text(fed)
