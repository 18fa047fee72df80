"""Settings and fixtures of all tests."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Where compiled modules are not kept, each of the hundreds of processes that tests start compiles the program again,
# and pytest rewrites every assertion again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

pytest.register_assert_rewrite("tests.support")

from indexer.settings import PREFIX, SETTINGS_FILE  # noqa: E402
from tests.support import once  # noqa: E402
from tests.support.archive import Models  # noqa: E402
from tests.support.places import CHECKOUT, SHARED  # noqa: E402
from tests.support.quick_disk import skip_flushes  # noqa: E402

# Tests have no deadline, so that none fails on a busy machine, and every run draws the same examples, so that failures
# can be reproduced. HYPOTHESIS_PROFILE=wandering draws others.
settings.register_profile("fixed", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("wandering", settings.get_profile("fixed"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


MEMORY = Path("/dev/shm")
ROOM = 1 << 30
"""Number of bytes that must be free in `MEMORY` (a file system in memory) for temporary files to go there; two test
workers use about a tenth of it at any time.
"""


def pytest_configure() -> None:
    """Keep temporary files in memory if there is room, since tests write hundreds of thousands of small files, and a
    disk would slow them down.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # so that it is looked up again


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes for `-n auto`: one more than the processors that this process may use, since many
    tests wait for a browser or for another process.
    """
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_finish() -> None:
    """Exempt modules and collected tests from garbage collection: they stay until the end, and going through them takes
    a tenth of the suite's time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Remove the settings of this machine from the environment, since processes that tests start would inherit them."""
    if (CHECKOUT / SETTINGS_FILE).exists():
        pytest.fail(f"{SETTINGS_FILE} règle aussi ce que les tests lancent d’ici : déplacez ce fichier pour les lancer")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_disk() -> Iterator[None]:
    """Skip all flushes in this process: no test cuts its power, and flushing a hundred files per generation would take
    a third of the suite's time.
    """
    with pytest.MonkeyPatch.context() as patch:
        skip_flushes(patch)
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


@pytest.fixture(autouse=True, scope="session")
def shared_work() -> Iterator[None]:
    """Compile templates and routes, and read synonyms, once per process and not for each app and engine."""
    with pytest.MonkeyPatch.context() as patch:
        once.share_templates(patch)
        once.share_routes(patch)
        once.share_synonyms(patch)
        yield


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Return archives that are prepared once in this process, and copied for each test that needs them."""
    return Models(lambda: tmp_path_factory.mktemp("modele"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of sample files beside this checkout, which some machines have; without it, skip the test."""
    if not SHARED.is_dir():
        pytest.skip("le dossier « shared » n’est pas à côté de ce dépôt")
    return SHARED
