"""The connections of one run to its source, at one pace: anonymous ones, and others with its credentials, if any."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from indexer.gathering.credentials import Credentials
from indexer.gathering.fetching import WHOLE, Fetcher
from indexer.gathering.politeness import Clock, Pace
from indexer.gathering.source import Source


class Session:
    """The connections to a source.

    Args:
        source: the source.
        clock: the clock.
        agent: value of the header `User-Agent`.
        credentials: those of the source, or None.
        limit: seconds that one answer may take in all.

    Attributes:
        fetcher: sends the credentials, if there are some.
        open: sends none; None if `fetcher` sends none either.
    """

    def __init__(
        self, source: Source, clock: Clock, *, agent: str, credentials: Credentials | None, limit: float = WHOLE
    ) -> None:
        self.source, self.clock, self.credentials = source, clock, credentials
        self.pace = Pace(source.delay, clock)
        self.fetcher = Fetcher(source, self.pace, clock, agent=agent, credentials=credentials, limit=limit)
        self.open: Fetcher | None = None
        if credentials is not None:
            self.open = Fetcher(source, self.pace, clock, agent=agent, limit=limit)

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.fetcher.close()
        if self.open is not None:
            self.open.close()

    @property
    def requests(self) -> int:
        """Return the number of requests so far."""
        return self.fetcher.count + (0 if self.open is None else self.open.count)
