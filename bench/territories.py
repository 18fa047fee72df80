"""Measures the recognition of territories on labelled passages: `python -m bench.territories [--wrong]`.

Prints precision and recall, time for each resource of the demonstration archive, and memory; with `--wrong`, also every
territory that is missed or wrongly found.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.errors import PageError
from indexer.parsing.node import PageKind
from indexer.parsing.page import parse_page

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
LABELLED = ROOT / "tests" / "indexer" / "territories"
EXAMPLE = ROOT / "corpus" / "exemple"
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«•])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A labelled passage.

    Attributes:
        text: the passage.
        codes: codes of the territories that it names.
        doubtful: codes of territories that count neither as found nor as wrong.
    """

    text: str
    codes: frozenset[str]
    doubtful: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How well the territories of passages are recognised.

    Attributes:
        right: number of territories that are found and labelled.
        found: number of territories that are found.
        wanted: number of territories that are labelled.
        wrong: a line for each fault: ``+`` and a code that is wrongly found, or ``-`` and one that is missed.
    """

    right: int
    found: int
    wanted: int
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        """Return the share of the found names that are right."""
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        """Return the share of the labelled names that were found."""
        return self.right / max(self.wanted, 1)


def digest(passage: str) -> str:
    """Return the digest by which a passage is recorded if its text is not in the project."""
    return hashlib.blake2b(" ".join(passage.split()).encode(), digest_size=12).hexdigest()


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each of which may be a labelled passage."""
    for paragraph in text.split("\n"):
        for sentence in _SENTENCE.split(paragraph.strip()):
            yield " ".join(sentence.split())


def passages(name: str) -> list[Passage]:
    """Return the passages of a file; those of texts that are not at hand are left out.

    Args:
        name: name of a file in the folder `LABELLED`. Each line holds where the passage is from, the passage or its
            digest, and its codes; a question mark before a code makes it doubtful.
    """
    rows = [line.split("\t") for line in (LABELLED / name).read_text("utf-8").splitlines()]
    outside = {source for source, _, _ in rows if source.startswith("shared:")}
    held: dict[str, str] = {}
    for source in outside:
        held |= _digests(SHARED / source.removeprefix("shared:"))
    found = []
    for source, written, codes in rows:
        text = held.get(written) if source in outside else written
        if text is not None:
            sure = frozenset(code for code in codes.split() if code[0] != "?")
            found.append(Passage(text, sure, frozenset(code[1:] for code in codes.split() if code[0] == "?")))
    return found


@cache
def _digests(path: Path) -> dict[str, str]:
    return {digest(one): one for one in _of(path)}


def _of(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                held = json.loads(line)
                for name, text in held.items():
                    if isinstance(text, str) and name not in ("id", "url"):
                        yield from sentences(text)
        return
    kind = PageKind.EXPORT if path.suffix == ".txt" else PageKind.HTML
    try:
        page = parse_page(path.read_bytes(), kind, base="https://archive.example", profile=None)
    except PageError:
        return
    for node in page.nodes:
        for text in (node.title, node.summary, node.body):
            yield from sentences(text or "")


def score(labelled: list[Passage]) -> Score:
    """Return how well the territories of labelled passages are recognised."""
    from indexer.territories import recogniser

    reader, right, found, wanted = recogniser(), 0, 0, 0
    wrong: list[str] = []
    for one in labelled:
        codes = {mention.code for mention in reader.mentions(one.text)} - one.doubtful
        right += len(codes & one.codes)
        found += len(codes)
        wanted += len(one.codes)
        wrong += [f"+{code} {one.text}" for code in sorted(codes - one.codes)]
        wrong += [f"-{code} {one.text}" for code in sorted(one.codes - codes)]
    return Score(right, found, wanted, tuple(wrong))


def main() -> None:
    """Print precision and recall, times and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="print every fault")
    shown = parser.parse_args().wrong
    texts = [(path, list(_of(path))) for path in sorted(EXAMPLE.glob("*.html"))]
    before = _memory()
    start = time.perf_counter()
    from indexer.territories import recogniser

    reader = recogniser()
    print(f"loading: {(time.perf_counter() - start) * 1000:.0f} ms, {_memory() - before:.1f} MB")
    for name in ("passages.tsv", "fresh.tsv"):
        if (LABELLED / name).is_file():
            one = score(labelled := passages(name))
            print(f"{name}: {len(labelled)} passages, precision {one.precision:.3f}, recall {one.recall:.3f}")
            for line in one.wrong if shown else ():
                print("   ", line[:220])
    spent = []
    for _, found in texts:
        text = "\n".join(found)
        start = time.perf_counter()
        reader.mentions(text)
        spent.append(((time.perf_counter() - start) * 1000, len(text)))
    mean = sum(ms for ms, _ in spent) / len(spent)
    size = sum(n for _, n in spent) // len(spent)
    print(f"time: mean {mean:.2f} ms, worst {max(spent)[0]:.2f} ms a resource of {size} characters")
    print(f"peak of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _memory() -> float:
    """Return the memory that this process has now (RSS), in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
