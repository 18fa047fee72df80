"""Whether response times reveal private resources to a visitor: `python -m bench.timing` prints a table.

A visitor requests private and nonexistent resources, equally often and in random order. The two samples of times are
compared by the Mann-Whitney U test (H. B. Mann, D. R. Whitney, 1947): `A` is how often a response of the first kind is
slower than one of the second (0.5: no difference), `p` how likely that is by chance. Searches and completions of
private titles are sent to this archive, and to one that never contained them. There are two controls: public against
nonexistent resources shows that the method detects a real difference; nonexistent resources against themselves show the
effect of chance.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from urllib.parse import quote

import numpy as np
from flask.testing import FlaskClient
from numpy.typing import NDArray

from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.pipeline import index_corpus
from indexer.progress import Silent
from indexer.query import SearchRequest
from indexer.resource import Audience
from indexer.settings import ROOT
from search_app import create_app
from search_app.settings import SiteSettings

ROUNDS = 3_000
ALPHA = 0.01
"""Significance level: a difference counts if its p is smaller."""

Question = tuple[FlaskClient, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two kinds of requests whose times are compared. A control shows what the method detects; its result decides
    nothing.
    """

    name: str
    one: list[Question]
    other: list[Question]
    control: bool = False


def main() -> int:
    """Print a table, and return 1 if private resources can be distinguished from nonexistent ones."""
    parser = argparse.ArgumentParser(description="Response times of private and of unknown resources.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    logging.disable(logging.CRITICAL)
    told = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for comparison in comparisons(Path(folder), stack):
            a, b = measure(comparison.one, comparison.other, rounds)
            above, p = mann_whitney(a, b)
            print(f"{comparison.name:34}{np.median(a):8.1f}{np.median(b):8.1f} µs   A {above:.3f}   p {p:.3f}")
            if p < ALPHA and not comparison.control:
                told.append(comparison.name)
    print("told apart: " + ", ".join(told) if told else "nothing private is told apart")
    return 1 if told else 0


def comparisons(folder: Path, stack: ExitStack) -> list[Comparison]:
    """Return the comparisons, on the demonstration archive and on a copy without its private resources."""
    rng = random.Random(2026)
    corpus = folder / "corpus"
    copytree(ROOT / "corpus" / "exemple", corpus / "exemple")
    analyzer = default_analyzer()
    full, public = (EmbeddedEngine(folder / name, analyzer) for name in ("full", "public"))
    for engine in (full, public):
        stack.callback(engine.close)
    index_corpus(
        SiteSettings(corpus=corpus, index=folder / "full", data=folder / "data"), full, full=True, progress=Silent()
    )
    hits = full.search(SearchRequest(Audience.MEMBER, per_page=100, snippets=False)).hits
    with public.writer(fresh=True) as writer:
        for hit in hits:
            resource = full.get(hit.id, audience=Audience.VISITOR)
            if resource is not None:
                writer.put(resource)

    def client(engine: EmbeddedEngine, name: str) -> FlaskClient:
        settings = SiteSettings(corpus=corpus, index=folder / name, data=folder / f"data-{name}")
        return create_app(settings, engine).test_client()

    here, there = client(full, "full"), client(public, "public")

    def unknown(known: str) -> str:
        """Return an id that looks genuine but that no resource has: the id `known` with another hash at its end."""
        slug, _, digest = known.rpartition("-")
        return f"{slug}-{rng.getrandbits(4 * len(digest)):0{len(digest)}x}"

    def ask(folder: str, ids: Iterable[str]) -> list[Question]:
        return [(here, folder + one) for one in ids]

    hidden = [hit.id for hit in hits if hit.private]
    shown = [hit.id for hit in hits if not hit.private][: len(hidden)]
    titles = [quote(hit.title) for hit in hits if hit.private]
    found = []
    for name, place in (("page", "/ressources/"), ("API", "/api/v1/resources/")):
        none, again = ask(place, map(unknown, hidden)), ask(place, map(unknown, hidden))
        found.append(Comparison(f"{name}: private, unknown", ask(place, hidden), none))
        found.append(Comparison(f"{name}: unknown, unknown", again, none, control=True))
        found.append(Comparison(f"{name}: public, unknown", ask(place, shown), none, control=True))
    for name, place in (("search", "/api/v1/search?q="), ("completion", "/api/v1/suggest?q=")):
        addresses = [place + (title if name == "search" else title[:9]) for title in titles]
        asked = [[(site, address) for address in addresses] for site in (here, there)]
        found.append(Comparison(f"{name}: private title, with, without", *asked))
    return found


def measure(
    one: Sequence[Question], other: Sequence[Question], rounds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the microseconds that requests of each kind took; the kinds are in random order in each round.

    Args:
        one: requests of the first kind: pairs of a client and the address that it requests.
        other: requests of the second kind, as many.
        rounds: number of requests of each kind that are measured.
    """
    rng = random.Random(7)
    times: tuple[list[float], list[float]] = ([], [])
    warm = rounds // 10
    for n in range(rounds + warm):
        for kind in rng.sample((0, 1), 2):
            client, address = (one, other)[kind][n % len(one)]
            began = time.perf_counter_ns()
            client.get(address).close()
            times[kind].append((time.perf_counter_ns() - began) / 1000)
    return np.array(times[0][warm:]), np.array(times[1][warm:])


def mann_whitney(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Return how often a value of `a` is above one of `b` (ties count half), and its two-sided p (normal
    approximation).
    """
    joined = np.concatenate((a, b))
    _, place, counts = np.unique(joined, return_inverse=True, return_counts=True)  # noqa: TID251
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n, m = len(a), len(b)
    u = ranks[:n].sum() - n * (n + 1) / 2
    ties = (counts.astype(float) ** 3 - counts).sum() / ((n + m) * (n + m - 1))
    deviation = math.sqrt(n * m / 12 * (n + m + 1 - ties))
    z = (u - n * m / 2) / deviation if deviation else 0.0
    return float(u / (n * m)), math.erfc(abs(z) / math.sqrt(2))


if __name__ == "__main__":
    sys.exit(main())
