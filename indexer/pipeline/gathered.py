"""Import what was gathered from sites: fetched pages that wait in the spool, and pages that are gone or returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.corpus import PageRow, digest_of
from indexer.corpus.corrections import Correction, Field
from indexer.engine import Engine
from indexer.errors import CorpusError, IndexMissingError
from indexer.gathering import Clock, Registry, Source, State, deletions, spool
from indexer.gathering.files import SpooledFile, taken_files, waiting_files
from indexer.parsing.profile_file import ProfileFile
from indexer.pipeline.importing import ImportReport, ImportRun
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress, Silent
from indexer.resource import Audience
from indexer.settings import Settings
from indexer.sources import Found, FoundPublication, SetAside
from indexer.sources.folders import read_file
from indexer.sources.place import place_of
from indexer.sources.saved_page import hidden_page
from indexer.storage.os_errors import reason_of

ACTOR = "source"
"""First word of the actor that the history of corrections names for a source; the source's name and a reason follow."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource that was withdrawn because its page is gone, or that returned.

    Attributes:
        id: its id.
        title: its title.
        address: address of its page.
        reason: why (French).
    """

    id: str
    title: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class GatheredReport:
    """The report of the import of one source.

    Attributes:
        source: name of the source.
        pages: the report on the pages that were imported.
        removed: resources withdrawn because their pages are gone.
        returned: resources whose pages are there again.
        purged: number of pages deleted from the corpus, long after they were gone.
        asked: number of pages that are gone, or that the site no longer shows to everyone, if these are too many at
            once: they stay as they are until a person decides.
    """

    source: str
    pages: ImportReport
    removed: tuple[Removed, ...] = ()
    returned: tuple[Removed, ...] = ()
    purged: int = 0
    asked: int = 0


def import_gathered(
    settings: Settings,
    state: State,
    source: Source,
    *,
    profile: ProfileFile | None,
    engine: Engine,
    clock: Clock,
    progress: Progress,
    accept: bool = False,
) -> GatheredReport:
    """Import the pages of a source that wait in the spool, and withdraw the resources whose pages are gone.

    Args:
        settings: settings of the archive.
        state: the open state of the sources.
        source: the source.
        profile: import profile of its pages, or None.
        engine: the engine to withdraw resources from; its index need not exist yet.
        clock: tells the current time.
        progress: shows how far the import is.
        accept: withdraw pages even if many are gone at once.

    Raises:
        CorpusError: the corpus or the corrections cannot be read or written.
        EngineError: visitors may still see resources that are private or withdrawn now.
        GatheringError: the state cannot be read or written.
        IndexBusyError: another run holds the corpus.
    """
    with Workspace(settings, create=True) as workspace:
        work = _Import(settings, workspace, state, source, engine, clock)
        run = ImportRun(workspace, (), progress, origin=None, names=None, profile=profile)
        run.begin()
        folder = workspace.corpus.catalogue.source_name(source.origin, source.name)
        progress.begin(f"Import de {source.name}", Registry(state).counts(source.name).waiting)
        asked = work.leave_doubtful(accept=accept)
        run.read_entries(folder, work.entries("" if profile is None else profile.profile.digest))
        run.read_entries(folder, work.publications())
        run.keep()
        work.settle(folder)
        returned = work.undo()
        removed, gone = work.remove(accept=accept)
        run.withdraw(engine)
        purged = work.purge(folder, settings.gone_days)
        return GatheredReport(source.name, run.report(), removed, returned, purged, asked + gone)


def withdraw_source(settings: Settings, source: Source, engine: Engine) -> int:
    """Withdraw the resources of a source that no page of another source shows; return how many.

    Args:
        settings: settings of the archive.
        source: the source.
        engine: the engine to withdraw resources from.

    Raises:
        CorpusError: the corpus or the corrections cannot be read or written.
        EngineError: visitors may still see the resources.
        IndexBusyError: another run holds the corpus.
    """
    with Workspace(settings) as workspace:
        run = ImportRun(workspace, (), Silent(), origin=None, names=None)
        run.begin()
        catalogue = workspace.corpus.catalogue
        folder = f"{catalogue.source_name(source.origin, source.name, keep=False)}/"
        mine, others = set[str](), set[str]()
        rows = catalogue.pages()
        workspace.cache.parse([workspace.corpus.page_input(row) for row in rows], lambda _: None)
        for row in rows:
            held = mine if row.path.startswith(folder) else others
            for node in workspace.cache.keys_of(row.digest):
                for key in node.keys:
                    identity = catalogue.identity(key)
                    if identity is not None:
                        held.add(identity.id)
        withdrawn = 0
        for resource in sorted(mine - others):
            withdrawn += bool(
                workspace.corrections.change(
                    resource,
                    Correction(withdrawn=True),
                    actor=f"{ACTOR} {source.name} : source oubliée",
                    title=_title(workspace, engine, resource),
                )
            )
        run.withdraw(engine)
        return withdrawn


def forget_lost_pages(state: State, source: Source, held: Sequence[PageRow]) -> None:
    """Forget the pages of a source that the corpus no longer has, so that the next run fetches them whole.

    Args:
        state: the open state.
        source: the source.
        held: the pages of the corpus.

    Raises:
        GatheringError: the state cannot be written.
    """
    with state.changing() as db:
        deletions.forget_missing_places(db, source.name, {row.path for row in held})


class _Import:
    def __init__(
        self, settings: Settings, workspace: Workspace, state: State, source: Source, engine: Engine, clock: Clock
    ) -> None:
        self._settings, self._workspace, self._state, self._source = settings, workspace, state, source
        self._corpus, self._engine, self._clock = workspace.corpus, engine, clock
        self._imported: list[tuple[int, str, str]] = []  # address, time and digest of each page
        self._hidden: list[int] = []
        self._files: list[SpooledFile] = []

    def leave_doubtful(self, *, accept: bool) -> int:
        """Drop the site's refusals to show pages from the spool (what was fetched and waits), so that the pages stay
        visible, if they are so many that this is probably a fault. Return how many; with `accept`, drop none.
        """
        with self._state.changing() as db:
            rows = db.execute(
                "SELECT spool.address FROM spool JOIN addresses ON addresses.id = spool.address "
                "WHERE source = ? AND body IS NULL",
                (self._source.name,),
            ).fetchall()
            if accept or not deletions.too_many(db, self._source.name, len(rows)):
                return 0
            spool.dropped(db, [number for (number,) in rows])
            return len(rows)

    def entries(self, profile: str) -> Iterator[Found]:
        """Yield the pages of the spool; for one that its site no longer shows to everyone, the copy in the corpus, made
        private.

        Args:
            profile: digest of the import profile of the pages, empty for the shipped one.
        """
        for page in spool.pages(self._state.database, self._source.name):
            found = page.found()
            if page.raw is None:
                row = self._corpus.catalogue.page(page.place)
                if row is None:
                    self._imported.append((page.address, page.at, ""))
                    continue
                found = replace(found, raw=hidden_page(self._corpus.read(page.place)))
                self._hidden.append(page.address)
            self._imported.append((page.address, page.at, digest_of(found.raw, profile)))
            yield found

    def publications(self) -> Iterator[FoundPublication | SetAside]:
        """Yield the files that were fetched as publications; those whose content is no publication are set aside."""
        for file in waiting_files(self._state, self._source.name):
            self._files.append(file)
            if not file.path.exists():
                continue
            name = PurePosixPath(unquote(urlsplit(file.url).path)).name
            for entry in read_file(file.path, Path(name)):
                if isinstance(entry, FoundPublication):
                    # The folder depends on the address alone; the name is that by which links find the file.
                    place = place_of(file.url).with_suffix("") / name
                    yield replace(entry, path=file.url, name=place, address=file.url, captured=file.at)
                else:
                    yield SetAside(file.url, "le fichier n’est pas une publication que l’archive lit.")

    def settle(self, folder: str) -> None:
        """Take the imported pages out of the spool, and note where the corpus has them."""
        places = []
        for address, at, digest in self._imported:
            rows = self._corpus.catalogue.with_content(digest) if digest else []
            own = [row.path for row in rows if row.path.startswith(f"{folder}/")]
            places.append((address, at, next(iter(own or [row.path for row in rows]), "")))
        with self._state.changing() as db:
            spool.taken(db, places)
            spool.hidden(db, self._hidden)
        taken_files(self._state, self._files)

    def undo(self) -> tuple[Removed, ...]:
        """Put back the resources whose pages are there again, unless staff decided otherwise meanwhile; return them."""
        found = []
        with self._state.reading() as db:
            keys = deletions.removals(db, self._source.name)
            ids = deletions.returned(db, self._source.name)
        for resource in ids:
            title = self._title(resource)
            if self._is_ours(resource):
                self._workspace.corrections.change(
                    resource, Correction(), clear=(Field.WITHDRAWN,), actor=self._actor("page revenue"), title=title
                )
                found.append(Removed(resource, title, keys[resource], "page revenue"))
            with self._state.changing() as db:
                deletions.drop_removal(db, self._source.name, resource)
        return tuple(found)

    def remove(self, *, accept: bool) -> tuple[tuple[Removed, ...], int]:
        """Withdraw the resources whose pages are gone; return them, and the number of pages that a person must decide
        about, which are too many at once. With `accept`, all are withdrawn.
        """
        with self._state.reading() as db:
            due = deletions.due(db, self._source.name)
            if not accept and deletions.too_many(db, self._source.name, len(due)):
                return (), len(due)
        found = []
        for departed in due:
            removed = self._remove(departed)
            if removed is not None:
                found.append(removed)
            with self._state.changing() as db:
                deletions.removed(db, departed.address)
                if removed is not None:
                    deletions.put_removal(db, self._source.name, departed, removed.id, self._clock.now())
        return tuple(found), 0

    def _remove(self, departed: deletions.Departed) -> Removed | None:
        identity = self._corpus.catalogue.identity(departed.key)
        if identity is None:
            return None
        keys = [one.key for one in self._corpus.catalogue.known_as(identity.id)]
        with self._state.reading() as db:
            if any(deletions.is_alive(db, key, path) for key, path in self._own_pages(keys)):
                return None  # the page only has another address now
        title = self._title(identity.id)
        changed = self._workspace.corrections.change(
            identity.id, Correction(withdrawn=True), actor=self._actor(departed.reason), title=title
        )
        return Removed(identity.id, title, departed.url, departed.reason) if changed else None

    def _own_pages(self, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the keys (usually addresses) of every node known by one of `keys`, each with the path of each page that
        shows the node. A node is a resource as a page shows it.
        """
        cache = self._workspace.cache
        for node in {node for key in keys for node in cache.nodes_known_by(key)}:
            for row in self._corpus.catalogue.with_content(node.digest):
                for key in node.keys:
                    yield key, row.path

    def purge(self, folder: str, days: int) -> int:
        """Delete pages that have been gone for more than `days` days and were withdrawn; return how many.

        With 0 days, none is deleted. Pages in the folder of another source stay.
        """
        if not days:
            return 0
        before = (self._clock.now() - timedelta(days=days)).isoformat()
        with self._state.reading() as db:
            old = deletions.removed_before(db, self._source.name, before)
            ids = {key: resource for resource, key in deletions.removals(db, self._source.name).items()}
        gone = [one for one in old if one.key not in ids or self._is_ours(ids[one.key])]
        places = [one.place for one in gone if one.place.startswith(f"{folder}/")]
        try:
            for place in places:
                (self._corpus.folder / place).unlink(missing_ok=True)
        except OSError as error:
            raise CorpusError(
                f"Une page disparue de sa source ne peut être effacée du corpus "
                f"{reason_of(error).then('vérifiez les droits')}."
            ) from error
        with self._corpus.catalogue.transaction():
            self._corpus.catalogue.drop_pages(places)
        with self._state.changing() as db:
            for one in gone:
                deletions.forget(db, one.address)
        return len(gone)

    def _is_ours(self, resource: str) -> bool:
        """Return whether a resource is withdrawn, and this source was the last to change that."""
        if self._workspace.corrections.get(resource).withdrawn is not True:
            return False
        entries = self._workspace.corrections.history(resource)
        last = next((entry for entry in entries if entry.field == Field.WITHDRAWN), None)
        return last is not None and last.actor.startswith(f"{ACTOR} {self._source.name} ")

    def _actor(self, reason: str) -> str:
        return f"{ACTOR} {self._source.name} : {reason}"

    def _title(self, resource: str) -> str:
        return _title(self._workspace, self._engine, resource)


def _title(workspace: Workspace, engine: Engine, resource_id: str) -> str:
    """Return the title of a resource, or its id if no title is known."""
    try:
        held = engine.get(resource_id, audience=Audience.STAFF)
    except IndexMissingError:
        held = None
    return held.title if held is not None else workspace.corrections.title(resource_id) or resource_id
