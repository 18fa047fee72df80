"""The staff desk over the real engine and an archive of a few resources."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app import cli, create_app
from search_app.accounts.store import Accounts
from search_app.jobs import launcher
from search_app.jobs.store import Job, Jobs
from search_app.settings import SiteSettings
from tests.support.archive import Archive, write
from tests.support.archive import page as resource_page
from tests.support.browser import browser_type_launch_args, chromium, context, page, serving
from tests.support.forked_jobs import ForkedJob
from tests.support.site import MEMBER, PASSWORD, STAFF, BufferedClient, signed_in
from tests.support.waiting import wait_until

__all__ = ["browser_type_launch_args", "chromium", "context", "page"]

SITE = "https://reseau.example"


@pytest.fixture(scope="session")
def desk_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An indexed archive of five resources, with two accounts; created once and copied."""
    archive = Archive(tmp_path_factory.mktemp("gestion"))
    pages = {
        "epicerie": resource_page("Monter une épicerie solidaire", theme="Alimentation", published="3 mars 2021"),
        "regie": resource_page("Ouvrir une régie de quartier", theme="Ruralité", type=None),
        "charte": resource_page("Charte des achats", private="Oui"),
        "ferme": resource_page("Reprendre une ferme", theme="Ruralité", body=f'<a href="{SITE}/perdue">Voir</a>'),
        "ferme-2": resource_page("Reprendre une ferme !", theme="Ruralité", body="Un autre texte."),
    }
    for name, content in pages.items():
        address = f'<link rel="canonical" href="{SITE}/{name}">'
        write(archive.settings.corpus / "s" / f"{name}.html", content.replace("</head>", f"{address}</head>"))
    archive.index()
    accounts = Accounts(archive.settings.data / "accounts.sqlite")
    accounts.add(MEMBER, "member", PASSWORD)
    accounts.add(STAFF, "staff", PASSWORD)
    return archive.folder


@pytest.fixture(autouse=True)
def forked_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork the processes of jobs, without loading Python and all modules for each; `test_jobs` starts real ones."""
    monkeypatch.setattr(launcher, "subprocess", SimpleNamespace(Popen=ForkedJob, DEVNULL=subprocess.DEVNULL))


@pytest.fixture
def archive(tmp_path: Path, desk_model: Path) -> Iterator[Archive]:
    shutil.copytree(desk_model, tmp_path / "archive")
    archive = Archive(tmp_path / "archive")
    yield archive
    jobs = Jobs(archive.settings.data)
    for job in jobs.unfinished():  # jobs must end before their folder is deleted
        Waiter(jobs)(job.number)


@pytest.fixture
def settings(archive: Archive) -> SiteSettings:
    return archive.settings


@pytest.fixture
def jobs(settings: SiteSettings) -> Jobs:
    return Jobs(settings.data)


@pytest.fixture
def app(settings: SiteSettings) -> Iterator[Flask]:
    engine = cli.open_engine(settings)
    app = create_app(settings, engine)
    app.test_client_class = BufferedClient
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    engine.close()


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def member(app: Flask) -> FlaskClient:
    return signed_in(app)


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    return signed_in(app, STAFF)


@pytest.fixture
def base_url(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


class Waiter:
    """Waits until a job has ended, and returns it."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def __call__(self, number: int | None = None) -> Job:
        """Return a job after it has ended; by default, the last one."""
        wanted = self._jobs.latest(1)[0].number if number is None else number

        def job() -> Job:
            found = self._jobs.get(wanted)
            assert found is not None
            return found

        wait_until(lambda: job().state.is_over, f"job {wanted} never ends")
        return job()


@pytest.fixture
def over(jobs: Jobs) -> Waiter:
    """Return a function that waits until a job has ended, and returns it."""
    return Waiter(jobs)
