"""The worst query that a search for one finds: `python -m bench.worst [--folder DIR] [--seconds 120] [--limit 50]`.

Ten thousand pages, as people's own site would answer them: the whole of a request is timed, from arguments to page,
and beside it the engine alone. Queries grow from a grammar of all that can be typed and chosen: common, rare and
unknown words, prefixes, wildcards, phrases with and without a distance, compounds, acronyms, fields, years, brackets,
operators, filters, orders, far pages. The worst of many random ones are bettered by hill climbing: part of one is
changed, and the change is kept if it costs more. Each time is the best of several, so that the machine's own noise
does not count. Ends with status 1 if the worst costs more than `--limit` median ones.

The pages are made by the maker of practical sheets beside the checkout, where it is; otherwise by this program. They
are indexed once, in `--folder`.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from bench import fiches
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.errors import RequestError
from indexer.pipeline import import_paths, index_corpus
from indexer.progress import Silent
from indexer.query.lexer import FIELD_ALIASES
from indexer.resource import Audience
from search_app import create_app
from search_app.search.params import parse
from search_app.settings import SiteSettings
from search_app.web.request_limits import MAX_ADDRESS

PAGES = 10_000
SAMPLE = 200
"""Ordinary queries of which the median is taken."""
ELITE = 12
"""Queries that hill climbing starts from."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What queries are made of."""

    common: tuple[str, ...]
    rare: tuple[str, ...]
    types: tuple[str, ...]
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genome:
    """A query: its parts, joined by spaces, and its other arguments."""

    parts: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The arguments of the address."""
        return [("q", " ".join(self.parts)), *self.arguments]


@dataclass
class Grammar:
    """Makes and changes queries at random."""

    words: Vocabulary
    rng: random.Random
    makers: tuple[Callable[[], str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.makers = (
            self.common,
            lambda: self.rng.choice(self.words.rare),
            self.unknown,
            self.prefix,
            self.wildcard,
            self.phrase,
            lambda: f"{self.phrase()}~{self.rng.choice((1, 5, 20, 100))}",
            lambda: self.rng.choice("-’./_·").join(self.some(self.common, 30)),
            lambda: self.rng.choice(("ESS", "SCIC", "SCOP", "PTCE", "CAE", "AMAP", "IAE", "DLA", "SPASER")),
            lambda: f"{self.rng.choice(tuple(FIELD_ALIASES))}:{self.part()}",
            lambda: f"annee:{self.rng.choice(('..2020', '2001..', '1990..2030', '2015', 'aucune'))}",
            lambda: f"({' '.join(self.some(self.part, 4))})",
            lambda: f"({' OU '.join(self.some(self.part, 6))})",
            lambda: f"-{self.part()}",
            lambda: self.rng.choice(("OU", "ET", "SAUF", "(", ")", '"', "*")),
        )

    def common(self) -> str:
        """A word that many resources hold."""
        # The commonest come first.
        place = min(int(self.rng.expovariate(1 / 15)), len(self.words.common) - 1)
        return self.words.common[place]

    def unknown(self) -> str:
        """A rare word with a letter wrong."""
        word = self.rng.choice(self.words.rare)
        at = self.rng.randrange(len(word))
        return word[:at] + self.rng.choice("aeiourstz") + word[at + 1 :]

    def prefix(self) -> str:
        """The beginning of a word."""
        return self.common()[: self.rng.randint(1, 4)] + "*"

    def wildcard(self) -> str:
        """Letters between stars and question marks."""
        letters = [self.rng.choice("aeiourstnl") for _ in range(self.rng.randint(1, 5))]
        return self.rng.choice(("*", "?", "")) + self.rng.choice(("*", "?", "**")).join(letters) + "*"

    def phrase(self) -> str:
        """Common words in quotes."""
        return f'"{" ".join(self.some(self.common, 20))}"'

    def some(self, make: Callable[[], T], most: int) -> list[T]:
        """Several of what `make` makes."""
        return [make() for _ in range(self.rng.randint(2, most))]

    def part(self) -> str:
        """Any part of a query."""
        return self.rng.choice(self.makers[:9] if self.rng.random() < 0.7 else self.makers)()

    def argument(self) -> tuple[str, str]:
        """A filter, an order, a page."""
        name, values = self.rng.choice(
            (
                ("sort", ("relevance", "title", "-date", "date")),
                ("per_page", ("100", "50")),
                ("page", ("2", "50", "100")),
                ("type", (*self.words.types, "none", "inconnu")),
                ("theme", (*self.words.themes, "none", "inconnu")),
                ("year", ("2015", "2020", "none", str(self.rng.randint(1900, 2100)))),
                ("year_from", ("1990",)),
                ("private", ("oui", "non")),
            )
        )
        return name, self.rng.choice(values)

    def made(self) -> Genome:
        """A query."""
        kind = self.rng.choice((self.part, *self.makers))
        return Genome(
            tuple(kind() if self.rng.random() < 0.7 else self.part() for _ in range(self.rng.randint(1, 40))),
            tuple(self.argument() for _ in range(self.rng.choice((0, 0, 1, 2, 5, 60)))),
        )

    def changed(self, genome: Genome) -> Genome:
        """A query a few steps away."""
        parts, arguments = list(genome.parts), list(genome.arguments)
        for _ in range(self.rng.choice((1, 1, 2, 5))):
            at = self.rng.randrange(len(parts) + 1)
            match self.rng.randrange(7):
                case 0:
                    parts.insert(at, self.part())
                case 1:
                    parts[at : at + 1] = [self.part()]
                case 2 if len(parts) > 1:
                    del parts[at : at + 1]
                case 3:
                    parts[at:at] = [self.rng.choice(parts), self.rng.choice(("OU", "ET", ""))]
                case 4:
                    arguments.append(self.argument())
                case 5 if arguments:
                    arguments.pop(self.rng.randrange(len(arguments)))
                case _:
                    self.rng.shuffle(parts)
        return Genome(tuple(parts) or (self.part(),), tuple(arguments))


class Clock:
    """Times queries, as a member: both halves of the archive are searched."""

    def __init__(self, settings: SiteSettings) -> None:
        self.engine = EmbeddedEngine(settings.index, default_analyzer())
        # Visitors' pages: the time of a session's check is no cost of a query.
        self.client = create_app(settings, self.engine).test_client()

    def engine_alone(self, genome: Genome) -> float | None:
        """Milliseconds of the engine; None where the arguments are refused."""
        try:
            request = parse(MultiDict(genome.pairs()), Audience.MEMBER)
        except RequestError:
            return None
        self._forget()
        began = time.perf_counter()
        self.engine.search(request)
        return (time.perf_counter() - began) * 1000

    def page(self, genome: Genome) -> float | None:
        """Milliseconds of the search page."""
        address = f"/?{urlencode(genome.pairs())}"
        if len(address) > MAX_ADDRESS:
            return None
        self._forget()
        began = time.perf_counter()
        response = self.client.get(address)
        took = (time.perf_counter() - began) * 1000
        if response.status_code >= 500:
            raise SystemExit(f"status {response.status_code}: {address}")
        return took

    def _forget(self) -> None:
        for audience in (Audience.MEMBER, Audience.VISITOR):
            searcher = self.engine.current_generation().view(audience).searcher
            searcher.forget()
            searcher.precomputed.speller.forget()


def best_of(time_it: Callable[[Genome], float | None], genome: Genome, times: int) -> float:
    """The best of several times; -1 where the query is refused."""
    return min((-1.0 if took is None else took) for took in (time_it(genome) for _ in range(times)))


def worst_of(time_it: Callable[[Genome], float | None], grammar: Grammar, seconds: float) -> tuple[float, Genome, int]:
    """The costliest query found, its time and how many were tried."""
    began, tried = time.monotonic(), 0
    pool: list[tuple[float, Genome]] = []
    while time.monotonic() - began < seconds / 3:
        genome = grammar.made()
        pool.append((best_of(time_it, genome, 1), genome))
        tried += 1
    pool = sorted(pool, key=lambda pair: -pair[0])[:ELITE]
    pool = [(best_of(time_it, genome, 3), genome) for _, genome in pool]
    while time.monotonic() - began < seconds:
        at = grammar.rng.randrange(len(pool))
        genome = grammar.changed(pool[at][1])
        took = best_of(time_it, genome, 1)
        tried += 1
        if took > pool[at][0] and (took := best_of(time_it, genome, 3)) > pool[at][0]:
            pool[at] = took, genome
    _, genome = max(pool, key=lambda pair: pair[0])
    return best_of(time_it, genome, 7), genome, tried


def archive(folder: Path) -> SiteSettings:
    """The archive of this bench, indexed if it is not yet."""
    settings = SiteSettings(folder / "corpus", folder / "index", folder / "data")
    engine = EmbeddedEngine(settings.index, default_analyzer())
    pages = folder / "pages"
    if not pages.exists():
        maker = fiches.FICHES / "make_pages.py"
        if maker.is_file():
            subprocess.run([sys.executable, str(maker), str(pages), "--count", str(PAGES)], check=True)
        else:
            write_pages(pages)
        import_paths(settings, [pages], theme=None, progress=Silent(), engine=engine)
    index_corpus(settings, engine, full=False, progress=Silent())
    return settings


def write_pages(folder: Path) -> None:
    """Pages of made-up words, as frequent as words are (G. K. Zipf, 1949)."""
    rng = random.Random(1)
    syllables = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "é", "on", "ir")]
    words = ["".join(rng.choice(syllables) for _ in range(rng.randint(1, 5))) for _ in range(40_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for number in range(PAGES):
        text = rng.choices(words, weights, k=500)
        target = folder / f"{number // 1000:02}" / f"page-{number}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        private = "Oui" if number % 5 == 0 else "Non"
        target.write_text(
            f'<link rel="canonical" href="https://archive.example/{number}"><article><h2>{" ".join(text[:6])}</h2>'
            f"<div><div>Catégorie</div><div>{text[7]}</div></div><div><p>{' '.join(text[8:])}</p></div>"
            f"<div><div>Ressource privée</div><div>{private}</div></div></article>",
            "utf-8",
        )


def vocabulary(engine: EmbeddedEngine) -> Vocabulary:
    """The words of the archive by how many resources hold them."""
    searcher = engine.current_generation().members.searcher
    forms = sorted(searcher.alive_forms(), key=lambda form: -form.holding)
    words = [form.exact for form in forms if re.fullmatch(r"[^\W\d_]+", form.exact)]
    return Vocabulary(
        common=tuple(words[:400]),
        rare=tuple(word for word in words[2000:12_000] if len(word) > 4),
        types=tuple(searcher.types[0]),
        themes=tuple(engine.search(parse(MultiDict(), Audience.MEMBER)).facets.theme[i].value for i in range(3)),
    )


def ordinary(words: Vocabulary, rng: random.Random) -> list[Genome]:
    """Queries as people ask them."""
    if fiches.available():
        return [Genome((query.text,)) for query in rng.sample(fiches.queries(), SAMPLE)]
    return [Genome(tuple(rng.sample(words.common[30:], rng.randint(1, 4)))) for _ in range(SAMPLE)]


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description="The worst query that a search for one finds.")
    parser.add_argument(
        "--folder", type=Path, help="where the archive is kept between runs (default: built for this run)"
    )
    parser.add_argument("--seconds", type=float, default=120, help="of each of the two searches")
    parser.add_argument("--limit", type=float, default=50, help="median queries that the worst may cost")
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        clock = Clock(archive(args.folder or Path(temporary)))
        words = vocabulary(clock.engine)
        asked = ordinary(words, random.Random(args.seed))
        worst_ratio = 0.0
        print("| timed | median | worst | ratio | queries tried |\n|---|---|---|---|---|", flush=True)
        told = []
        for name, time_it in (("engine", clock.engine_alone), ("page", clock.page)):
            time_it(asked[0])
            median = statistics.median(best_of(time_it, genome, 3) for genome in asked)
            took, genome, tried = worst_of(time_it, Grammar(words, random.Random(args.seed)), args.seconds)
            worst_ratio = max(worst_ratio, took / median)
            print(f"| {name} | {median:.1f} ms | {took:.1f} ms | {took / median:.1f} × | {tried} |", flush=True)
            told.append(f"{name}: {genome.pairs()}")
    print("\n" + "\n".join(told))
    return 1 if worst_ratio > args.limit else 0


if __name__ == "__main__":
    sys.exit(main())
