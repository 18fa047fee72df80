"""How often a site is asked: one request at a time, with pauses, and longer ones when it says that it is busy."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

LONGEST_PAUSE = 600.0
"""Largest number of seconds that a run waits; if a site asks for more, the run stops, and the next run goes on."""
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 5.0, 120.0
_LONGEST_CRAWL_DELAY = 60.0


class Clock(Protocol):
    """The clock by which a run waits; tests use a clock that returns at once."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        time.sleep(seconds)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)


class Pace:
    """The pauses between requests to one source.

    Args:
        delay: seconds between two requests, at least.
        clock: the clock.
    """

    def __init__(self, delay: float, clock: Clock) -> None:
        self._delay, self._clock = delay, clock
        self._next = clock.monotonic()
        self._refusals = 0

    def obey(self, crawl_delay: float | None) -> None:
        """Lengthen the pause between requests to what robots.txt asks for, but to a minute at most.

        Args:
            crawl_delay: seconds that robots.txt asks for, or None.
        """
        if crawl_delay is not None and crawl_delay > self._delay:
            self._delay = min(crawl_delay, _LONGEST_CRAWL_DELAY)

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        pause = self._next - self._clock.monotonic()
        if pause > 0:
            self._clock.sleep(pause)
        self._next = self._clock.monotonic() + self._delay

    def answered(self) -> None:
        """Note that the site answered normally."""
        self._refusals = 0

    def back_off(self, retry_after: str | None) -> float:
        """Put the next request off, since the site is busy; return the seconds that it is put off by.

        Args:
            retry_after: the header of that name: seconds or a date, or None.
        """
        wanted = seconds_of(retry_after, self._clock.now())
        if wanted is None:
            wanted = min(_FIRST_BACK_OFF * 2.0 ** min(self._refusals, 10), _LONGEST_BACK_OFF)
        pause = max(wanted, self._delay)
        self._refusals += 1
        self._next = self._clock.monotonic() + pause
        return pause


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """Return the seconds that a header `Retry-After` asks to wait, None if it says nothing usable."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:9]), 10**8))
    try:
        when = parsedate_to_datetime(text)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
