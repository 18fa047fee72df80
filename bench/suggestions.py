"""How often a suggested type, theme or year is the right one: `python -m bench.suggestions`.

The value of each resource of a sample is hidden, and suggested from the resources nearest to it (see
`indexer.query.suggestion`). For each number of agreeing neighbours, it prints for how many resources a value is then
suggested, and how many of these values are right: a theme of the resource itself, or its own type or year.
The archives are the demonstration and, where they are beside the checkout, the practical sheets.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import fiches
from indexer.analysis import default_analyzer, theme_key
from indexer.engine.embedded import EmbeddedEngine
from indexer.pipeline import index_corpus
from indexer.progress import Silent
from indexer.query import Hit, SearchRequest
from indexer.query.suggestion import (
    AGREEING_THEME,
    AGREEING_TYPE,
    AGREEING_YEAR,
    NEIGHBOURS,
    Suggestion,
    nearest,
    votes,
)
from indexer.resource import Audience, Resource
from indexer.settings import Settings

SAMPLE = 400
_DEMONSTRATION = Path(__file__).resolve().parents[1] / "corpus" / "exemple"


@dataclass(frozen=True, slots=True)
class Subject:
    """A field whose values are suggested.

    Attributes:
        name: its name (French).
        own: returns the right values of a resource.
        held: returns the values of a neighbour.
        chosen: number of agreeing neighbours from which the site suggests a value.
        several: whether every value with enough agreeing neighbours is suggested, not only the first.
    """

    name: str
    own: Callable[[Resource], tuple[str, ...]]
    held: Callable[[Hit], tuple[str, ...]]
    chosen: int
    several: bool = False


def _known(value: str | int | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)


SUBJECTS = (
    Subject("type", lambda r: _known(r.type), lambda hit: _known(hit.type), AGREEING_TYPE),
    Subject("thème", lambda r: r.themes, lambda hit: hit.themes, AGREEING_THEME, several=True),
    Subject("année", lambda r: _known(r.year), lambda hit: _known(hit.year), AGREEING_YEAR),
)


def main() -> int:
    """Print a table of suggestions for each archive, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        with _demonstration(Path(folder) / "demonstration") as engine:
            _print("démonstration", engine, _resources(engine))
        if not fiches.available():
            print("\nThe practical sheets are not beside the checkout: only the demonstration was measured.")
            return 0
        with _engine(Path(folder) / "fiches") as engine:
            held = fiches.resources()
            with engine.writer(fresh=True) as writer:
                for resource in held:
                    writer.put(resource)
            _print("fiches", engine, held)
    return 0


def _print(name: str, engine: EmbeddedEngine, resources: Sequence[Resource]) -> None:
    sample = random.Random(5).sample(resources, min(SAMPLE, len(resources)))
    analyzer = default_analyzer()
    near = [nearest(one, engine.search, analyzer, audience=Audience.STAFF) for one in sample]
    print(f"\n{name}: {len(sample)} of {len(resources)} resources, {NEIGHBOURS} neighbours")
    print(f"{'field':8}{'agreeing':>9}{'suggested for':>15}{'values':>8}{'right':>7}{'precision':>11}")
    for subject in SUBJECTS:
        known = [(one, hits) for one, hits in zip(sample, near, strict=True) if subject.own(one)]
        voted = [(one, votes(values for hit in hits if (values := subject.held(hit)))) for one, hits in known]
        for agreeing in range(2, NEIGHBOURS + 1):
            _row(subject, agreeing, voted)


def _row(subject: Subject, agreeing: int, voted: Iterable[tuple[Resource, list[Suggestion]]]) -> None:
    asked = covered = values = right = 0
    for resource, found in voted:
        asked += 1
        suggested = [one for one in found if one.agreeing >= agreeing][: None if subject.several else 1]
        own = {theme_key(value) for value in subject.own(resource)}
        covered += bool(suggested)
        values += len(suggested)
        right += sum(theme_key(one.value) in own for one in suggested)
    mark = " *" if agreeing == subject.chosen else ""
    precision = f"{right / values:10.0%}" if values else f"{'–':>10}"
    print(f"{subject.name:8}{agreeing:>9}{covered:>8} of {asked:<4}{values:>8}{right:>7}{precision}{mark}")


@contextmanager
def _engine(folder: Path) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(folder / "index", default_analyzer())
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def _demonstration(folder: Path) -> Iterator[EmbeddedEngine]:
    shutil.copytree(_DEMONSTRATION, folder / "corpus" / "exemple")
    with _engine(folder) as engine:
        settings = Settings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")
        index_corpus(settings, engine, full=False, progress=Silent())
        yield engine


def _resources(engine: EmbeddedEngine) -> list[Resource]:
    hits = engine.search(SearchRequest(Audience.STAFF, per_page=10_000, snippets=False)).hits
    found = (engine.get(hit.id, audience=Audience.STAFF) for hit in hits)
    return [resource for resource in found if resource is not None]


if __name__ == "__main__":
    sys.exit(main())
