"""How well typing errors are corrected: `python -m bench.typos` prints, for each kind of edit, how many are.

A word of five letters or more is taken from a title, one random edit is made in it (by ear: all possible ones), and it
is searched alone and in its title. It counts as corrected if the page is among the first ten hits or, for a word alone,
which many pages may contain, if the best page for the correct word is. A suggestion (« Vouliez-vous dire ») counts too.
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
from indexer.query import SearchRequest
from indexer.resource import Audience

SAMPLE = 500


def added(word: str, at: int, letter: str) -> str:
    """Return the word with an added letter."""
    return word[:at] + letter + word[at:]


def left_out(word: str, at: int, letter: str) -> str:
    """Return the word without the letter at `at`."""
    return word[:at] + word[at + 1 :]


def changed(word: str, at: int, letter: str) -> str:
    """Return the word with another letter at `at`."""
    return word[:at] + letter + word[at + 1 :]


def swapped(word: str, at: int, letter: str) -> str:
    """Return the word with two neighbouring letters swapped."""
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


_SPELLINGS = (
    ("qu", "k"), ("ph", "f"), ("eau", "o"), ("au", "o"), ("ss", "s"), ("mm", "m"), ("nn", "n"), ("tt", "t"),
    ("ll", "l"), ("ff", "f"), ("pp", "p"), ("rr", "r"), ("cc", "k"), ("tion", "sion"), ("ent", "ant"), ("ance", "ence"),
    ("ci", "si"), ("ce", "se"), ("co", "ko"), ("ca", "ka"), ("th", "t"), ("rh", "r"), ("ai", "é"), ("gi", "ji"),
    ("ge", "je"), ("é", "er"), ("y", "i"), ("h", ""),
)  # fmt: skip
"""Spellings of sounds in French words, and how people who write by ear spell them."""


def by_ear(word: str, at: int, letter: str) -> str:
    """Return the word written by ear: with another spelling of the same sound."""
    for group, heard in _SPELLINGS:
        word = re.sub(group, heard, word, flags=re.IGNORECASE)
    return word


EDITS: tuple[Callable[[str, int, str], str], ...] = (added, left_out, changed, swapped, by_ear)


def main() -> int:
    """Print a table."""
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

        def ten(text: str) -> list[str]:
            response = engine.search(SearchRequest(Audience.VISITOR, text, snippets=False))
            if response.did_you_mean and not response.corrected:
                # The suggestion that the page links to.
                offered = engine.search(SearchRequest(Audience.VISITOR, response.did_you_mean, snippets=False))
                return [hit.id for hit in (*response.hits, *offered.hits)]
            return [hit.id for hit in response.hits]

        print(f"| {SAMPLE} words each | in its title | alone |\n|---|---|---|")
        for edit in EDITS:
            titled = alone = 0
            for resource in rng.sample(resources, SAMPLE):
                words = list(re.finditer(r"[^\W\d_]{5,}", resource.title))
                if edit is by_ear:
                    words = [word for word in words if by_ear(word.group(), 0, "") != word.group()]
                if not words:
                    titled, alone = titled + 1, alone + 1
                    continue
                word = rng.choice(words)
                typed = word.group()
                while typed == word.group():
                    typed = edit(word.group(), rng.randrange(len(word.group())), rng.choice(string.ascii_lowercase))
                title = resource.title[: word.start()] + typed + resource.title[word.end() :]
                titled += resource.id in ten(re.sub(r"[^\w\s'’-]", " ", title))
                meant = ten(word.group())
                alone += resource.id in (found := ten(typed)) or (bool(meant) and meant[0] in found)
            print(f"| {edit.__doc__} | {100 * titled / SAMPLE:.1f} % | {100 * alone / SAMPLE:.1f} % |")
        engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
