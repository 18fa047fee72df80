"""How well misspellings are corrected: `python -m bench.typos` prints the share for each of six kinds.

A word of five letters or more is taken from a title, one random edit is made in it (by ear: all possible ones), and it
is searched alone and in its title. Spaces are put into a word, or left out between two words. A misspelling counts as
corrected if the page with the title is among the first ten hits or, for a word alone, which many pages may contain, if
the best page for the correct word is. Hits of a suggestion (« Vouliez-vous dire ») count too. An edit that makes
another word of the archive is left out, since nothing shows that it is a misspelling. The last lines count suggestions
for correctly spelled texts: titles, and development queries.
"""

from __future__ import annotations

import random
import re
import string
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import fiches
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience, Resource

SAMPLE = 300
TITLES = 1_000


def added(word: str, at: int, letter: str) -> str:
    """Return the word with `letter` inserted at offset `at`."""
    return word[:at] + letter + word[at:]


def left_out(word: str, at: int, letter: str) -> str:
    """Return the word without its letter at offset `at`; `letter` is not used."""
    return word[:at] + word[at + 1 :]


def changed(word: str, at: int, letter: str) -> str:
    """Return the word with `letter` in place of its letter at offset `at`."""
    return word[:at] + letter + word[at + 1 :]


def swapped(word: str, at: int, letter: str) -> str:
    """Return the word with the letters at `at` and after it swapped; `letter` is not used."""
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


_SPELLINGS = (
    ("qu", "k"), ("ph", "f"), ("eau", "o"), ("au", "o"), ("ss", "s"), ("mm", "m"), ("nn", "n"), ("tt", "t"),
    ("ll", "l"), ("ff", "f"), ("pp", "p"), ("rr", "r"), ("cc", "k"), ("tion", "sion"), ("ent", "ant"), ("ance", "ence"),
    ("ci", "si"), ("ce", "se"), ("co", "ko"), ("ca", "ka"), ("th", "t"), ("rh", "r"), ("ai", "é"), ("gi", "ji"),
    ("ge", "je"), (r"é\b", "er"), ("é", "e"), ("y", "i"), (r"(?<![cps])h", ""),
)  # fmt: skip
"""Spellings of sounds in French words, and how people who write by ear spell them."""


def by_ear(word: str, at: int, letter: str) -> str:
    """Return the word written by ear: with other spellings of its sounds. `at` and `letter` are not used."""
    for group, heard in _SPELLINGS:
        word = re.sub(group, heard, word, flags=re.IGNORECASE)
    return word


def apart(word: str, at: int, letter: str) -> str:
    """Return the word with a space inside, chosen by `at`, two letters or more from either end; `letter` is unused."""
    at = 2 + at % (len(word) - 3)
    return word[:at] + " " + word[at:]


EDITS: tuple[Callable[[str, int, str], str], ...] = (added, left_out, changed, swapped, by_ear, apart)


def run_together(title: str, rng: random.Random) -> tuple[str, str, int, int] | None:
    """Return two neighbouring words of a title as they are and without their space, and their offsets; None if the
    title has no two such words.
    """
    pairs = list(re.finditer(r"(?<![\w'’-])[^\W\d_]{4,} [^\W\d_]{4,}(?![\w'’-])", title))
    if not pairs:
        return None
    pair = rng.choice(pairs)
    return pair.group(), pair.group().replace(" ", ""), pair.start(), pair.end()


def misspelt(title: str, edit: Callable[[str, int, str], str], rng: random.Random) -> tuple[str, str, int, int] | None:
    """Return a word of a title, its misspelling and its offsets, or None if no word can be misspelt in this way."""
    if edit is apart and rng.random() < 0.5:
        return run_together(title, rng)
    words = list(re.finditer(r"[^\W\d_]{5,}", title))
    if edit is by_ear:
        words = [word for word in words if by_ear(word.group(), 0, "") != word.group()]
    if not words:
        return None
    word = rng.choice(words)
    typed = word.group()
    while typed == word.group():
        typed = edit(word.group(), rng.randrange(len(word.group())), rng.choice(string.ascii_lowercase))
    return word.group(), typed, word.start(), word.end()


def main() -> int:
    """Print the share of each kind that is corrected, and return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    rng = random.Random(2026)
    resources = fiches.resources()
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), default_analyzer())
        with engine.writer(fresh=True) as writer:
            for resource in resources:
                writer.put(resource)
        _print_misspellings(engine, resources, rng)
        _print_right_words(engine, resources, rng)
        engine.close()
    return 0


def _search(engine: EmbeddedEngine, text: str) -> SearchResponse:
    return engine.search(SearchRequest(Audience.VISITOR, text, snippets=False))


def _ten(engine: EmbeddedEngine, text: str) -> list[str]:
    """Return the ids of the first ten hits of a query, then of those of the suggested correction, if there is one."""
    response = _search(engine, text)
    hits = list(response.hits)
    if response.did_you_mean and not response.corrected:
        hits += _search(engine, response.did_you_mean).hits
    return [hit.id for hit in hits]


def _print_misspellings(engine: EmbeddedEngine, resources: list[Resource], rng: random.Random) -> None:
    print("| kind | words | in its title | alone |\n|---|---|---|---|")
    every = [0, 0, 0]
    for edit in EDITS:
        counted = titled = alone = 0
        for resource in rng.sample(resources, len(resources)):
            if counted == SAMPLE:
                break
            found = misspelt(resource.title, edit, rng)
            if found is None:
                continue
            word, typed, start, end = found
            response = _search(engine, typed)
            if " " not in typed and response.total and response.did_you_mean is None:
                continue  # another word of the archive
            counted += 1
            title = resource.title[:start] + typed + resource.title[end:]
            titled += resource.id in _ten(engine, re.sub(r"[^\w\s'’-]", " ", title))
            meant, hits = _ten(engine, word), _ten(engine, typed)
            alone += resource.id in hits or (bool(meant) and meant[0] in hits)
        for place, count in enumerate((counted, titled, alone)):
            every[place] += count
        print(f"| {edit.__name__} | {counted} | {100 * titled / counted:.1f} % | {100 * alone / counted:.1f} % |")
    print(f"| all | {every[0]} | {100 * every[1] / every[0]:.1f} % | {100 * every[2] / every[0]:.1f} % |")


def _print_right_words(engine: EmbeddedEngine, resources: list[Resource], rng: random.Random) -> None:
    titles = [re.sub(r"[^\w\s'’-]", " ", resource.title) for resource in rng.sample(resources, TITLES)]
    queries = [query.text for query in fiches.queries()]
    for name, texts in (("titles", titles), ("development queries", queries)):
        offers = [text for text in texts if _search(engine, text).did_you_mean]
        print(f"Suggestions for {len(texts)} {name}: {len(offers)}")


if __name__ == "__main__":
    sys.exit(main())
