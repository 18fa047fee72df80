"""The terminal: a command line that speaks French, progress as a bar or as plain lines, results as text or JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TextIO

from tqdm import tqdm

from indexer.query import Hit, Matching, SearchResponse
from search_app import messages

LINE_EVERY = 5.0
"""Seconds between two plain lines of progress."""

_BOLD, _PLAIN, _DIM = "\x1b[1m", "\x1b[0m", "\x1b[2m"

_MESSAGES = (
    (r"the following arguments are required: (.*)", "il manque : {}."),
    (r"unrecognized arguments: (.*)", "argument inconnu : {}."),
    (
        r"argument (.*?): invalid choice: '?(.*?)'? \(choose from (.*)\)",
        "{} : « {} » n’est pas possible ; choisissez parmi {}.",
    ),
    (r"argument (.*?): expected one argument", "{} attend une valeur."),
    (r"argument (.*?): expected at least one argument", "{} attend au moins une valeur."),
    (r"argument (.*?): (\d+ à \d+) only: '?(.*?)'?", "{0} : « {2} » n’est pas un nombre de {1}."),
    (r"argument (.*?): day only: '?(.*?)'?", "{} : « {} » n’est pas un jour : écrivez par exemple 2024-02-16."),
    (r"argument (.*?): invalid \w+ value: '?(.*?)'?", "{} : « {} » n’est pas un nombre."),
    (r"argument (.*?): not allowed with argument (.*)", "{} ne va pas avec {}."),
    (r"argument (.*?): ignored explicit argument '?(.*?)'?", "{} ne prend pas de valeur (« {} »)."),
    (r"ambiguous option: (.*?) could match (.*)", "option ambiguë : {} peut être {}."),
)


class FrenchParser(argparse.ArgumentParser):
    """An argument parser whose help and errors are French. Wrong usage exits with status 2."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **{"add_help": False, "allow_abbrev": False, **options})  # type: ignore[arg-type]
        self._positionals.title = "arguments"
        self._optionals.title = "options"
        self.add_argument("-h", "--help", action="help", help="montre cette aide")

    def format_usage(self) -> str:
        """Return the usage line, in French."""
        return super().format_usage().replace("usage:", "usage :", 1)

    def format_help(self) -> str:
        """Return the help, in French."""
        return super().format_help().replace("usage:", "usage :", 1)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and stop."""
        self.exit(2, f"{self.format_usage()}{self.prog} : {in_french(message)}\n")


def number(low: int, high: int) -> Callable[[str], int]:
    """Return the type of an argument that is a whole number within bounds."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text[:9]) <= high):
            raise argparse.ArgumentTypeError(f"{low} à {high} only: {text!r}")
        return int(text)

    return read


def in_french(message: str) -> str:
    """Return a message of argparse in French."""
    for pattern, french in _MESSAGES:
        found = re.fullmatch(pattern, message)
        if found:
            return french.format(*found.groups())
    return message


class ProgressBar:
    """Progress on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, stage: str, total: int, /) -> None:
        """Open a bar for a stage."""
        self.close()
        self._bar = tqdm(
            total=total or None, desc=stage, file=self._stream, leave=False, unit=" pages", dynamic_ncols=True
        )

    def advance(self, steps: int, /) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(steps)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class ProgressLines:
    """Progress where there is no terminal: a line a stage, and one every few seconds.

    Args:
        stream: where to.
        every: seconds between two lines.
    """

    def __init__(self, stream: TextIO, *, every: float = LINE_EVERY) -> None:
        self._stream = stream
        self._every = every
        self._stage, self._total, self._done = "", 0, 0
        self._said = time.monotonic()

    def begin(self, stage: str, total: int, /) -> None:
        """Say that a stage begins."""
        self._stage, self._total, self._done = stage, total, 0
        self._said = time.monotonic()
        print(stage if not total else f"{stage} : {total}", file=self._stream, flush=True)

    def advance(self, steps: int, /) -> None:
        """Say how far it is, from time to time."""
        self._done += steps
        if time.monotonic() - self._said >= self._every:
            self._said = time.monotonic()
            of = f"{self._done} sur {self._total}" if self._total else str(self._done)
            print(f"{self._stage} : {of}", file=self._stream, flush=True)

    def close(self) -> None:
        """Do nothing: nothing is held."""


def progress_for(stream: TextIO) -> ProgressBar | ProgressLines:
    """Return a bar on a terminal, lines elsewhere."""
    return ProgressBar(stream) if stream.isatty() else ProgressLines(stream)


def say(text: str) -> None:
    """Print a message for people on standard error, so that standard output carries the result alone."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on standard output."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode(sys.stdout.encoding or "utf-8", "strict")
    except UnicodeEncodeError:  # a file name that is no text, or a terminal that cannot show French
        text = json.dumps(value)
    print(text)


def result_lines(response: SearchResponse, *, colours: bool) -> Iterator[str]:
    """Yield the lines of a result list.

    Args:
        response: what an engine answered.
        colours: whether matches and titles are set off, as a terminal can show.
    """
    bold, plain, dim = (_BOLD, _PLAIN, _DIM) if colours else ("", "", "")
    if response.corrected and response.did_you_mean:
        yield f"Rien pour ces mots ; voici les résultats pour « {response.did_you_mean} »."
    elif response.did_you_mean:
        yield f"Vouliez-vous dire « {response.did_you_mean} » ?"
    yield from response.messages
    if response.matching is Matching.MOST:
        yield "Peu de ressources contiennent tous ces mots : en voici qui en contiennent au moins la moitié."
    many = "s" if response.total > 1 else ""
    yield f"{response.total} ressource{many}" + (f", page {response.page}" if response.page > 1 else "")
    for hit in response.hits:
        yield ""
        yield f"{bold}{printable(hit.title)}{plain}"
        yield f"  {dim}{_facts(hit)}{plain}"
        if hit.snippet:
            pieces = (f"{bold}{printable(p.text)}{plain}" if p.matched else printable(p.text) for p in hit.snippet)
            yield "  " + "".join(pieces)
        yield f"  {hit.url or hit.id}"


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
    """Return text without control characters: a page's title must not drive a terminal."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or (c.isprintable() or c in "\u00a0\u202f"))
