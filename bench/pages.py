"""The cost of a result page besides its search: `python -m bench.pages [RESOURCES]` (10,000 by default).

A member requests ten hits and four facets from the practical sheets beside the checkout, repeated under other ids until
there are enough. The engine's own time is subtracted, which leaves routing, the account, the view model and rendering.
The fastest of a few requests of each page counts, to reduce the influence of other processes.
"""

from __future__ import annotations

import itertools
import re
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient

from bench import fiches
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Resource
from search_app import create_app
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings

EMAIL, PASSWORD = "banc@exemple.fr", "un mot de passe pour mesurer"
QUERIES = 200
ROUNDS = 5


class Timed(EmbeddedEngine):
    """The embedded engine; `spent` is the seconds that its searches have taken since it was last set to 0."""

    spent = 0.0

    def search(self, request: SearchRequest, /) -> SearchResponse:
        """Answer a search, and add the seconds that it takes to `spent`."""
        begun = time.perf_counter()
        try:
            return super().search(request)
        finally:
            self.spent += time.perf_counter() - begun


def archive(count: int) -> list[Resource]:
    """Return `count` resources, a fifth of them private, with years over two decades and one to three themes each."""
    sheets = fiches.resources()
    themes = sorted({theme for sheet in sheets for theme in sheet.themes})
    return [
        replace(
            sheet,
            id=f"{sheet.id}-{number}",
            private=number % 5 == 0,
            year=2005 + number % 20,
            date=None,
            themes=(*sheet.themes, *themes[number % 7 : number % 7 + number % 3]),
        )
        for number, sheet in zip(range(count), itertools.cycle(sheets), strict=False)
    ]


def signed_in(settings: SiteSettings, engine: EmbeddedEngine) -> FlaskClient:
    """Return a test client of the site, signed in as a member."""
    Accounts(settings.data / "accounts.sqlite").add(EMAIL, "member", PASSWORD)
    client = create_app(settings, engine).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/connexion").text)
    assert token is not None
    client.post("/connexion", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]})
    return client


def visit(client: FlaskClient, engine: Timed, path: str) -> tuple[float, float, int]:
    """Request a page; return the seconds in the engine, the seconds besides, and the bytes of HTML."""
    engine.spent = 0.0
    begun = time.perf_counter()
    answer = client.get(path)
    total = time.perf_counter() - begun
    assert answer.status_code == 200
    return engine.spent, total - engine.spent, len(answer.data)


def main() -> int:
    """Print the times in milliseconds and the sizes of pages as a table; return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "data").mkdir()
        engine = Timed(place / "index", default_analyzer())
        with engine.writer(fresh=True) as writer:
            for resource in archive(count):
                writer.put(resource)
        client = signed_in(SiteSettings(place / "corpus", place / "index", place / "data"), engine)
        paths = ["/", *("/?" + urlencode({"q": query.text}) for query in fiches.queries()[:QUERIES])]
        for path in paths[:20]:
            client.get(path)
        beside, searching, sizes = [], [], []
        for path in paths:
            rounds = [visit(client, engine, path) for _ in range(ROUNDS)]
            searching.append(min(one[0] for one in rounds) * 1000)
            beside.append(min(one[1] for one in rounds) * 1000)
            sizes.append(rounds[0][2] / 1000)
        engine.close()
    print(f"| {count} resources, {len(paths)} pages | median | p95 |\n|---|---|---|")
    for name, values, unit in (
        ("the engine", searching, "ms"),
        ("the page beyond the engine", beside, "ms"),
        ("HTML", sizes, "kB"),
    ):
        cuts = statistics.quantiles(values, n=20)
        print(f"| {name} | {statistics.median(values):.1f} {unit} | {cuts[18]:.1f} {unit} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
