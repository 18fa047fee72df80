"""Gather one source: open its connections, crawl it or read its nodes (by its kind), and note how the run ended."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import GatheringError
from indexer.gathering.crawl import Crawl
from indexer.gathering.credentials import credentials_of
from indexer.gathering.drupal import DrupalRun
from indexer.gathering.files import Files
from indexer.gathering.politeness import Clock
from indexer.gathering.registry import Registry, Run, RunState, StoppedError
from indexer.gathering.robots import AGENT
from indexer.gathering.session import Session
from indexer.gathering.source import Source, SourceKind
from indexer.gathering.state import State
from indexer.parsing.profile import Profile
from indexer.progress import Progress
from indexer.storage.locks import holding

VERSION = "1.0"


def agent_of(contact: str) -> str:
    """Return the value of `User-Agent`, which names the program and a contact."""
    visible = "".join(char for char in contact if char.isascii() and char.isprintable())
    return f"{AGENT}/{VERSION} (+{visible})" if visible else f"{AGENT}/{VERSION}"


def gather(
    state: State,
    source: Source,
    *,
    profile: Profile | None,
    clock: Clock,
    contact: str,
    progress: Progress,
    full: bool = False,
    limit: int | None = None,
    enough: int | None = None,
) -> Run:
    """Fetch what changed on a site into the spool, where pages wait for an import.

    A run that was stopped or killed goes on where it was.

    Args:
        state: the open SQLite file of the sources, runs and addresses.
        source: the source.
        profile: import profile of its pages, or None.
        clock: the clock.
        contact: address that the site's administrator may write to, sent with each request.
        progress: shows how far the run is.
        full: fetch everything, even what validators say has not changed.
        limit: largest number of addresses to look at, or None.
        enough: number of new pages after which to stop, or None.

    Returns:
        The run, which says how it ended: a site that is not available now is no error.

    Raises:
        GatheringError: the credentials or the state cannot be used, or robots.txt excludes the source.
        IndexBusyError: another run gathers this source.
        OSError: the lock cannot be taken.
    """
    credentials = credentials_of(source)
    registry = Registry(state)
    busy = f"La source « {source.name} » est en cours de récupération : attendez la fin."
    with holding(_lock(state.path.parent, source.name), busy=busy):
        run = registry.begin(source.name)
        try:
            with Session(source, clock, agent=agent_of(contact), credentials=credentials) as session:
                if source.kind is SourceKind.DRUPAL:
                    DrupalRun(state, session, run, full=full, progress=progress).gather(limit, enough)
                else:
                    crawl = Crawl(state, session, run, profile=profile, full=full, progress=progress)
                    crawl.gather(limit, enough)
                if enough is None:
                    Files(state, session, run, full=full, progress=progress).gather()
        except StoppedError as error:
            registry.end(run.number, RunState.STOPPED, str(error))
        except GatheringError as error:
            registry.end(run.number, RunState.FAILED, str(error))
            raise
        except BaseException:
            registry.end(run.number, RunState.STOPPED, "Récupération interrompue : la prochaine continuera.")
            raise
        else:
            registry.end(run.number, RunState.DONE)
        return registry.run(run.number)


def _lock(corpus: Path, name: str) -> Path:
    return corpus / f".gathering-{name}.lock"
