"""Output to the terminal: progress as a bar or as plain lines, results as text or JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from search_app import messages

if TYPE_CHECKING:
    from tqdm import tqdm

    from indexer.query import Hit, PageHit, SearchResponse
    from search_app.search.recognised import PagePlace

LINE_EVERY = 5.0
"""Seconds between two plain lines of progress."""

_BOLD, _PLAIN, _DIM = "\x1b[1m", "\x1b[0m", "\x1b[2m"


class ProgressBar:
    """Progress shown as a bar on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, stage: str, total: int, /) -> None:
        """Show a new bar for a stage of `total` steps; 0 if their number is unknown."""
        # Imported here since most commands show no bar.
        from tqdm import tqdm

        self.close()
        self._bar = tqdm(
            total=total or None, desc=stage, file=self._stream, leave=False, unit=" pages", dynamic_ncols=True
        )

    def advance(self, steps: int, /) -> None:
        """Move the bar forward by a number of steps."""
        if self._bar is not None:
            self._bar.update(steps)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class ProgressLines:
    """Progress without a terminal: a line for each stage, and one every few seconds.

    Args:
        stream: stream to write to.
        every: seconds between two lines.
    """

    def __init__(self, stream: TextIO, *, every: float = LINE_EVERY) -> None:
        self._stream = stream
        self._every = every
        self._stage, self._total, self._done = "", 0, 0
        self._said = time.monotonic()

    def begin(self, stage: str, total: int, /) -> None:
        """Print that a stage of `total` steps begins; 0 if their number is unknown."""
        self._stage, self._total, self._done = stage, total, 0
        self._said = time.monotonic()
        print(stage if not total else f"{stage} : {total}", file=self._stream, flush=True)

    def advance(self, steps: int, /) -> None:
        """Count the steps, and print the progress from time to time."""
        self._done += steps
        if time.monotonic() - self._said >= self._every:
            self._said = time.monotonic()
            of = f"{self._done} sur {self._total}" if self._total else str(self._done)
            print(f"{self._stage} : {of}", file=self._stream, flush=True)

    def close(self) -> None:
        """Do nothing: each line was written when it was printed."""


def progress_for(stream: TextIO) -> ProgressBar | ProgressLines:
    """Return a progress bar if the stream is a terminal, else plain lines."""
    return ProgressBar(stream) if stream.isatty() else ProgressLines(stream)


def say(text: str) -> None:
    """Print a message on standard error, since standard output carries only the result."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode(sys.stdout.encoding or "utf-8", "strict")
    except UnicodeEncodeError:  # a file name that is not valid text, or a terminal that cannot show French
        text = json.dumps(value)
    print(text)


def result_lines(response: SearchResponse, recognised: Set[PagePlace], *, colours: bool) -> Iterator[str]:
    """Yield the lines of a result list.

    Args:
        response: response of an engine.
        recognised: pages of publications, among those of the hits, whose text was recognised in an image (OCR).
        colours: whether to highlight matches and titles with terminal escapes.
    """
    from indexer.query import Matching
    from search_app.search.recognised import PagePlace

    bold, plain, dim = (_BOLD, _PLAIN, _DIM) if colours else ("", "", "")
    if response.corrected and response.did_you_mean:
        yield f"Rien pour ces mots ; voici les résultats pour « {response.did_you_mean} »."
    elif response.did_you_mean:
        yield f"Vouliez-vous dire « {response.did_you_mean} » ?"
    yield from response.messages
    if response.matching is Matching.MOST:
        yield (
            f"Ressources qui contiennent tous ces mots : {response.total_all} ; "
            "en voici aussi qui en contiennent l’essentiel."
            if response.total_all
            else "Aucune ressource ne contient tous ces mots : en voici qui en contiennent l’essentiel."
        )
    many = "s" if response.total > 1 else ""
    yield f"{response.total} ressource{many}" + (f", page {response.page}" if response.page > 1 else "")
    for hit in response.hits:
        yield ""
        yield f"{bold}{printable(hit.title)}{plain}"
        yield f"  {dim}{_facts(hit)}{plain}"
        if hit.snippet:
            pieces = (f"{bold}{printable(p.text)}{plain}" if p.matched else printable(p.text) for p in hit.snippet)
            yield "  " + "".join(pieces)
        for page in hit.pages:
            pieces = (f"{bold}{printable(p.text)}{plain}" if p.matched else printable(p.text) for p in page.snippet)
            passage = messages.typeset(" : ") + "".join(pieces) if page.snippet else ""
            automatic = PagePlace(hit.id, page.document, page.page) in recognised
            yield f"  {_page(page)}{passage}" + (f" {dim}({messages.RECOGNISED}){plain}" if automatic else "")
        others = hit.pages_total - len(hit.pages)
        if others > 0:
            yield f"  et {others} autre{'s' if others > 1 else ''} page{'s' if others > 1 else ''}"
        yield f"  {hit.url or hit.id}"


def _page(page: PageHit) -> str:
    """Return the French name of a page, with the number of its publication unless that is the first of the resource."""
    from search_app.web.text import page_in_words

    which = "" if page.document == 1 else f"document {page.document}, "
    return printable(which + page_in_words(page.page, page.label))


def _facts(hit: Hit) -> str:
    facts = [
        hit.type or messages.NO_VALUE["type"],
        str(hit.year) if hit.year else messages.NO_VALUE["year"],
        *(hit.themes or (messages.NO_VALUE["theme"],)),
    ]
    if hit.private:
        facts.append(messages.RESERVED)
    return " · ".join(map(printable, facts))


def printable(text: str) -> str:
    """Return text without control characters, which would let a page's title control the terminal."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or (c.isprintable() or c in "\u00a0\u202f"))
