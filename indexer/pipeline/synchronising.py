"""Bring the archive up to date from its sources: fetch without locking the corpus, then import what was fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.corpus import CATALOGUE, Catalogue, PageRow
from indexer.engine import Engine
from indexer.errors import GatheringError
from indexer.gathering import Clock, Registry, Run, RunState, Source, SourceKind, State, SystemClock, gather
from indexer.parsing.profile_file import ProfileFile, parse_profile
from indexer.pipeline.gathered import GatheredReport, forget_lost_pages, import_gathered
from indexer.progress import Progress
from indexer.settings import Settings
from indexer.storage.locks import wait_until_free


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a synchronisation did.

    Attributes:
        runs: the gathering (fetching of pages) of each source.
        imports: the import of each source.
        failures: sources that could not be gathered (French sentences).
    """

    runs: tuple[Run, ...]
    imports: tuple[GatheredReport, ...]
    failures: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Return whether every source was gathered to its end, or to the limit that was given."""
        return not self.failures and all(run.state in {RunState.DONE, RunState.STOPPED} for run in self.runs)


def synchronise(
    settings: Settings,
    state: State,
    sources: Sequence[Source],
    engine: Engine,
    *,
    progress: Progress,
    full: bool = False,
    limit: int | None = None,
    accept: bool = False,
    patience: float = 0.0,
    waiting: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> SyncReport:
    """Fetch what changed on sources, then import it. Nothing is indexed.

    Args:
        settings: settings of the archive.
        state: the open state of the sources.
        sources: the sources to fetch, in this order.
        engine: the engine to withdraw resources from.
        progress: shows how far the run is.
        full: fetch everything, even what has not changed.
        limit: largest number of addresses to look at on each source, or None.
        accept: withdraw pages even if many are gone at once.
        patience: seconds to wait for another run that holds the corpus or a source.
        waiting: called if the run has to wait.
        clock: tells the current time; the clock of the machine if None.

    Raises:
        CorpusError: the corpus cannot be read or written.
        EngineError: visitors may still see resources that are private or withdrawn now.
        GatheringError: the state cannot be read or written.
        IndexBusyError: another run holds the corpus; what was fetched waits for the next one.
    """
    time = clock or SystemClock()
    registry = Registry(state)
    runs: list[Run] = []
    failures: list[str] = []
    profiles: dict[str, ProfileFile | None] = {}
    held = _pages(settings)
    for source in sources:
        profiles[source.name] = profile = import_profile(registry, source)
        forget_lost_pages(state, source, held)

        def fetch(source: Source = source, profile: ProfileFile | None = profile) -> Run:
            return gather(
                state,
                source,
                profile=None if profile is None else profile.profile,
                clock=time,
                contact=settings.contact or settings.site_url,
                progress=progress,
                full=full,
                limit=limit,
            )

        try:
            runs.append(wait_until_free(fetch, waiting, patience=patience))
        except GatheringError as error:
            failures.append(f"{source.name} : {error}")
            last = registry.last_run(source.name)
            runs += [] if last is None else [last]
    imports = []
    for source in sources:

        def take(source: Source = source) -> GatheredReport:
            return import_gathered(
                settings,
                state,
                source,
                profile=profiles[source.name],
                engine=engine,
                clock=time,
                progress=progress,
                accept=accept,
            )

        imports.append(wait_until_free(take, waiting, patience=patience))
    _note(state, runs, imports)
    return SyncReport(tuple(registry.run(run.number) for run in runs), tuple(imports), tuple(failures))


def import_profile(registry: Registry, source: Source) -> ProfileFile | None:
    """Return the import profile of a source's pages; None for the shipped profile, which Drupal sources always use.

    Raises:
        GatheringError: the profile cannot be read.
        ProfileError: the profile cannot be used.
    """
    raw = registry.profile(source.name) if source.kind is SourceKind.SITE else None
    return None if raw is None else ProfileFile(raw, parse_profile(raw, called=f"{source.name}/profile.toml"))


def _pages(settings: Settings) -> list[PageRow]:
    path = settings.corpus / CATALOGUE
    if not path.exists():
        return []
    catalogue = Catalogue(path)
    try:
        return catalogue.pages()
    finally:
        catalogue.close()


def _note(state: State, runs: Sequence[Run], imports: Sequence[GatheredReport]) -> None:
    numbers = {run.source: run.number for run in runs}
    with state.changing() as db:
        for report in imports:
            if report.source in numbers:
                db.execute(
                    "UPDATE runs SET gone = gone + ?, asked = ? WHERE number = ?",
                    (len(report.removed), report.asked, numbers[report.source]),
                )
