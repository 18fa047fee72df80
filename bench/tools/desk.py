"""Fills the staff desk with content: searches, corrections, an import to be confirmed, a running job."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from bench.tools import demo
from indexer.corpus import Correction
from indexer.pipeline import correct
from indexer.query import SearchRequest
from indexer.resource import Audience
from search_app.accounts.store import Accounts
from search_app.cli import open_engine
from search_app.jobs.launcher import start
from search_app.jobs.store import JobKind, Jobs
from search_app.jobs.uploads import SentFile, Uploads
from search_app.search.log_store import SearchLog
from search_app.settings import SiteSettings

STAFF = demo.READERS["staff"]
_NEWCOMER = "nouvelle@exemple.fr"
_DAYS = 30
_SEARCHES = (("commande publique", 9, 7), ("budget participatif", 4, 3), ("tiers-lieu", 3, 2), ("scic", 2, 5))
"""For each query: its text, number of resources that it finds, largest number of searches on a day."""
_IN_VAIN = (("gratiferia", 2), ("monnaie fondante", 1))
_PAGE = """<!doctype html><html lang="fr"><head><title>{title}</title><link rel="canonical" href="{address}"></head>
<body><article class="node node--type-ressource"><h1>{title}</h1><p>Publié le 12 mai 2025</p>
<div class="field field--name-body field__item"><p>La commune a ouvert ce lieu avec ses habitant·es.</p></div>
<div class="field field--name-field-ressource-privee field--label-above">
<div class="field__label">Ressource privée</div><div class="field__item">{private}</div></div>
</article></body></html>"""
_SENT = (
    ("epicerie", "Une épicerie ouverte avec les habitant·es", "Non"),
    ("budget", "Le budget de la coopérative, pas à pas", "Oui"),
)
_PATIENCE = 60.0


@contextmanager
def at_the_desk(site: demo.Demo) -> Iterator[None]:
    """Fill the desk of the demonstration archive; the job runs until the context manager exits."""
    settings = SiteSettings(*(site.folder / name for name in ("corpus", "index", "data")))
    Accounts(settings.data / "accounts.sqlite").add(_NEWCOMER, "member", demo.PASSWORD)
    _search(settings)
    _correct(settings)
    jobs = Jobs(settings.data)
    pages = {
        name: _PAGE.format(title=title, address=f"https://www.rtes.fr/{name}", private=private)
        for name, title, private in _SENT
    }
    sent = [SentFile(f"{name}.html", BytesIO(text.encode())) for name, text in pages.items()]
    kept = Uploads(settings.data).keep([*sent, SentFile("a-propos.html", BytesIO(b"<p>Rien</p>"))])
    for kind, uploads in ((JobKind.INDEX, None), (JobKind.PREVIEW, kept.name)):
        _wait(jobs, start(settings, kind, STAFF, upload=uploads).number)
    number = jobs.add(JobKind.FULL, STAFF)
    lock = jobs.hold(number)
    jobs.begin(number, os.getpid())
    jobs.advance(number, "Indexation", 38, 62)
    try:
        yield
    finally:
        os.close(lock)


def _search(settings: SiteSettings) -> None:
    today = datetime.datetime.now()
    for back in range(_DAYS):
        day = today - datetime.timedelta(days=back)
        log = SearchLog(settings.data / "searches.sqlite", settings.search_log_days, clock=lambda day=day: day)
        quiet = day.weekday() >= 5
        for place, (query, found, most) in enumerate((*_SEARCHES, *((query, 0, most) for query, most in _IN_VAIN))):
            for _ in range((back * 7 + place * 3) % (most + 1) // (3 if quiet else 1)):
                log.note(query, results=found, member=place % 2 == 0, corrected=False)


def _correct(settings: SiteSettings) -> None:
    engine = open_engine(settings)
    try:
        hits = engine.search(SearchRequest(audience=Audience.STAFF, query="budget OU epicerie", snippets=False)).hits
        changes = (Correction(year=2019), Correction(themes=("Alimentation",)), Correction(type="Fiche", year=2021))
        for hit, change in zip(hits, changes, strict=False):
            correct(settings, engine, hit.id, change, actor=STAFF)
    finally:
        engine.close()


def _wait(jobs: Jobs, number: int) -> None:
    until = time.monotonic() + _PATIENCE
    while any(job.number == number for job in jobs.unfinished()):
        if time.monotonic() > until:
            raise RuntimeError(f"job {number} never ends")
        time.sleep(0.1)
