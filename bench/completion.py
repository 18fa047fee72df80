"""How well and how fast completion works: `python -m bench.completion`.

For 200 titles of the archive of practical sheets, simulated users type what they remember of a title: two words in
another order, the beginnings of words that are not the first, or the beginning with a slip. A case succeeds if one of
the eight completions opens the resource, or searches its whole title. Then the bench completes what such users type,
and beginnings of one to twenty letters, over 10,000 titles, and prints the times.
"""

from __future__ import annotations

import random
import re
import string
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from bench import fiches
from bench.typos import added, changed, left_out, swapped
from indexer.analysis import default_analyzer, is_stop_word
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import CompletionKind
from indexer.resource import Audience, Resource

CASES = 200
TITLES = 10_000
TIMED = 2_000
_BEGUN = 4
"""Number of letters that a simulated user types of the last word of a query."""

Typist = Callable[[list[str], random.Random], str | None]


def in_another_order(words: list[str], rng: random.Random) -> str | None:
    """Return the later of two telling words of a title, then the beginning of the earlier one; None if the title has no
    two telling words: words of five letters or more that are not stop words.
    """
    telling = _telling(words)
    if len(telling) < 2:
        return None
    first, second = sorted(rng.sample(range(len(telling)), 2))
    return f"{telling[second]} {telling[first][:_BEGUN]}"


def from_a_later_word(words: list[str], rng: random.Random) -> str | None:
    """Return the beginnings of two words of a title, in their order; neither is the first word of the title, both have
    five letters or more, and neither is a stop word. None if the title has no two such words.
    """
    telling = _telling(words[1:])
    if len(telling) < 2:
        return None
    first, second = sorted(rng.sample(range(len(telling)), 2))
    return f"{telling[first][: _BEGUN + 1]} {telling[second][:_BEGUN]}"


def with_a_slip(words: list[str], rng: random.Random) -> str | None:
    """Return the beginning of a title, ending with its first long word (five letters or more, no stop word) after the
    first word, with one typing error in that word; None if there is no such word.
    """
    places = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha() and not is_stop_word(word)]
    places = [at for at in places if at]
    if not places:
        return None
    at = places[0]
    slip, typed = rng.choice((added, left_out, changed, swapped)), words[at]
    while typed == words[at]:
        typed = slip(words[at], rng.randrange(1, len(words[at])), rng.choice(string.ascii_lowercase))
    return " ".join([*words[:at], typed])


TYPISTS: tuple[Typist, ...] = (in_another_order, from_a_later_word, with_a_slip)


def _telling(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) >= 5 and not is_stop_word(word)]


def main() -> int:
    """Print the shares of titles that are found, and the times; return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    rng = random.Random(2026)
    resources = fiches.resources()
    with tempfile.TemporaryDirectory() as folder:
        engine = _filled(Path(folder) / "sheets", resources)
        _print_cases(engine, resources, rng)
        engine.close()
        engine = _filled(Path(folder) / "many", list(_many(resources, rng)))
        _print_times(engine, resources, rng)
        engine.close()
    return 0


def _filled(folder: Path, resources: Iterable[Resource]) -> EmbeddedEngine:
    engine = EmbeddedEngine(folder, default_analyzer())
    with engine.writer(fresh=True) as writer:
        for resource in resources:
            writer.put(resource)
    return engine


def _words(title: str) -> list[str]:
    return re.findall(r"[^\W_]+", title.lower())


def _print_cases(engine: EmbeddedEngine, resources: list[Resource], rng: random.Random) -> None:
    every = [0, 0]
    print("| typed | cases | found |\n|---|---|---|")
    for number, typist in enumerate(TYPISTS):
        wanted = CASES // len(TYPISTS) + (number < CASES % len(TYPISTS))
        counted = found = 0
        for resource in rng.sample(resources, len(resources)):
            typed = typist(_words(resource.title), rng)
            if counted == wanted:
                break
            if typed is None:
                continue
            counted += 1
            ok = any(
                one.resource == resource.id or (one.kind is CompletionKind.PHRASE and one.text == resource.title)
                for one in engine.complete(typed, audience=Audience.VISITOR)
            )
            found += ok
            if not ok and "-v" in sys.argv:
                print(f"  {typed!r} for {resource.title!r}")
        every = [every[0] + counted, every[1] + found]
        print(f"| {typist.__name__.replace('_', ' ')} | {counted} | {100 * found / counted:.1f} % |")
    print(f"| all | {every[0]} | {100 * every[1] / every[0]:.1f} % |")


def _many(resources: list[Resource], rng: random.Random) -> Iterable[Resource]:
    """Yield `TITLES` resources without text: those given, then others, whose titles join halves of two given titles."""
    for number in range(TITLES):
        if number < len(resources):
            title = resources[number].title
        else:
            one, other = (rng.choice(resources).title.split() for _ in range(2))
            title = " ".join([*one[: len(one) // 2 + 1], *other[len(other) // 2 :]])
        yield _titled(f"r-{number}", title, resources[number % len(resources)])


def _titled(name: str, title: str, like: Resource) -> Resource:
    return Resource(
        id=name,
        url=None,
        title=title,
        body=None,
        summary=None,
        type=like.type,
        private=False,
        themes=like.themes,
        date=like.date,
        year=like.year,
        year_source=like.year_source,
    )


def _print_times(engine: EmbeddedEngine, resources: list[Resource], rng: random.Random) -> None:
    print(f"\n| over {TITLES} titles | p50 | p95 | longest |\n|---|---|---|---|")
    beginnings = [rng.choice(resources).title[: rng.randint(1, 20)] for _ in range(TIMED)]
    _print_time("as typed", engine, beginnings)
    for typist in TYPISTS:
        typed = (typist(_words(rng.choice(resources).title), rng) for _ in range(TIMED))
        _print_time(typist.__name__.replace("_", " "), engine, [text for text in typed if text])


def _print_time(name: str, engine: EmbeddedEngine, typed: list[str]) -> None:
    engine.complete("a", audience=Audience.VISITOR)
    times = []
    for text in typed:
        began = time.perf_counter()
        engine.complete(text, audience=Audience.VISITOR)
        times.append(1000 * (time.perf_counter() - began))
    p50, p95 = np.percentile(times, (50, 95))
    print(f"| {name} | {p50:.2f} ms | {p95:.2f} ms | {max(times):.2f} ms |")


if __name__ == "__main__":
    sys.exit(main())
