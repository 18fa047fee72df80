"""Settings and fixtures of all tests."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

from indexer.settings import PREFIX, SETTINGS_FILE  # noqa: E402
from tests.support.places import CHECKOUT, SHARED  # noqa: E402

# Tests have no deadline, so that none fails on a busy machine, and every run draws the same examples, so that failures
# can be reproduced. HYPOTHESIS_PROFILE=wandering draws others.
settings.register_profile("fixed", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("wandering", settings.get_profile("fixed"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Remove the settings of this machine from the environment, since processes that tests start would inherit them."""
    if (CHECKOUT / SETTINGS_FILE).exists():
        pytest.fail(f"{SETTINGS_FILE} règle aussi ce que les tests lancent d’ici : déplacez ce fichier pour les lancer")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        yield


SYNCHRONOUS = re.compile(r"synchronous=\w+")


class UnflushedConnection(sqlite3.Connection):
    """A SQLite connection that never flushes, whatever `PRAGMA synchronous` says."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return super().execute(SYNCHRONOUS.sub("synchronous=OFF", sql), parameters)

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        return super().executescript(SYNCHRONOUS.sub("synchronous=OFF", script))


@pytest.fixture(autouse=True, scope="session")
def quick_disk() -> Iterator[None]:
    """Skip all flushes in this process: no test cuts its power, and flushing a hundred files per generation would take
    a third of the suite's time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        patch.setattr(os, "sync", lambda: None)
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=UnflushedConnection))
        yield


@pytest.fixture(autouse=True, scope="session")
def production_hashing() -> Iterator[str]:
    """Hash passwords quickly in this process, since the site's own hashing takes a tenth of a second per sign-in.

    Yields the method of the site, for tests of the hashing itself.
    """
    from search_app.accounts import store

    with pytest.MonkeyPatch.context() as patch:
        method = store.HASH_METHOD
        patch.setattr(store, "HASH_METHOD", "pbkdf2:sha256:1")
        yield method


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material beside this checkout; tests that need it are skipped if it is missing."""
    if not SHARED.is_dir():
        pytest.skip("le dossier « shared » n’est pas à côté de ce dépôt")
    return SHARED
