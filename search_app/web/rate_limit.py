"""Limits how often each reader may ask: one request too many is answered 429. Meant to stop scrapers, not people.

Requests are counted in one small file that all workers share, in microseconds and without a server.

GCRA, the generic cell rate algorithm (ATM Forum, Traffic Management Specification 4.0, 1996): what is kept of a reader
is one instant, at which all that was asked so far is paid off at the rate allowed. A request is let through if that
instant, moved on by its cost, lies no more than one span ahead. So a burst of the whole count passes, then the rate.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request

from indexer.errors import SettingsError
from indexer.storage.os_errors import because
from search_app import messages
from search_app.accounts.secret_key import session_secret
from search_app.accounts.sessions import current_account
from search_app.network import client_network
from search_app.settings import Rate, SiteSettings
from search_app.web import error_pages

RATES_FILE = "rates.bin"

COSTS = {"static": 0.0, "health.healthz": 0.0, "api.suggest": 0.25}
"""How many requests a route counts for, by endpoint; any other, for one. Typing a query asks for suggestions often."""

OF_ACCOUNTS = 0.2
"""Likewise for those signed in, who are counted by account and not by address: an office shares one."""

SLOTS = 1 << 16
PROBED = 8
"""Slots that a reader may stand in; where all are taken, the one that is paid off first is given up."""

_SLOT = struct.Struct("<Qd")
_IPV6_NETWORK = 64
"""Leading bits of an IPv6 address that a home or an office holds alone."""


def install(app: Flask, settings: SiteSettings) -> None:
    """Limit how often each reader may ask, where settings say so.

    Raises:
        SettingsError: the file of counts cannot be used.
    """
    if settings.rate is None:
        return
    limiter = RateLimiter(settings.data / RATES_FILE, settings.rate, session_secret(settings.data))

    @app.before_request
    def ration() -> Response | None:
        cost = COSTS.get(request.endpoint or "", 1.0)
        if not cost:
            return None
        account = current_account()
        if account is None:
            wait = limiter.wait(f"address {client_network(request.remote_addr)}", cost)
        else:
            wait = limiter.wait(f"account {account.key}", cost * OF_ACCOUNTS)
        return None if not wait else _too_many(wait)


def _too_many(wait: float) -> Response:
    response = error_pages.answer(429, messages.error(429))
    response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


class RateLimiter:
    """A limit on how often each reader may ask.

    Readers are named by a keyed hash: no address stands in the file. It has a fixed size; what it forgets under attack
    are readers who asked least.

    Args:
        path: the file, made (0600) if missing. It may be removed while nothing runs: all begin at nothing again.
        rate: what is allowed.
        key: secret, so that nobody can choose which slots to fill.
        clock: seconds, the same for all processes.

    Raises:
        SettingsError: the file cannot be made or mapped.
    """

    def __init__(self, path: Path, rate: Rate, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._step = rate.seconds / rate.count
        self._span = float(rate.seconds)
        self._key = hashlib.blake2b(key, person=b"rates").digest()
        self._clock = clock
        self._threads = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.fstat(self._file).st_size < SLOTS * _SLOT.size:
                os.ftruncate(self._file, SLOTS * _SLOT.size)  # never shorter: another worker may have it mapped
            self._slots = mmap.mmap(self._file, SLOTS * _SLOT.size)
        except (OSError, ValueError) as error:
            reason = because(error) if isinstance(error, OSError) else "sa taille est inattendue"
            raise SettingsError(
                messages.typeset(
                    f"Le fichier {path}, qui compte les demandes, ne peut pas être utilisé ({reason}) : vérifiez ses "
                    "droits d’accès."
                )
            ) from error

    def wait(self, reader: str, cost: float = 1.0) -> float:
        """Count a request, unless it is one too many.

        Args:
            reader: who asks.
            cost: how many requests it counts for.

        Returns:
            0 when it passes; else the seconds after which it would.
        """
        digest = hashlib.blake2b(reader.encode(), key=self._key, digest_size=16).digest()
        name = int.from_bytes(digest[:8], "little") or 1
        first = int.from_bytes(digest[8:], "little") % SLOTS
        with self._threads:
            # Released by the system if this process dies.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                return self._count(name, first, cost * self._step)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _count(self, name: int, first: int, cost: float) -> float:
        now = self._clock()
        place, paid = self._find(name, first)
        # Further ahead than can be, the clock was set back (or the file is damaged).
        paid = paid if now < paid <= now + self._span else now
        late = paid + cost - (now + self._span)
        if late > 1e-6:
            return late
        _SLOT.pack_into(self._slots, place, name, paid + cost)
        return 0.0

    def _find(self, name: int, first: int) -> tuple[int, float]:
        """Return the slot of a reader and its instant, or the slot to give up and 0."""
        given_up, soonest = first * _SLOT.size, float("inf")
        for step in range(PROBED):
            place = (first + step) % SLOTS * _SLOT.size
            held, paid = _SLOT.unpack_from(self._slots, place)
            if held == name:
                return place, paid
            if not held or paid < soonest:
                given_up, soonest = place, paid if held else -1.0
        return given_up, 0.0
