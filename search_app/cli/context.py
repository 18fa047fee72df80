"""What every command is given, and how it makes itself known to the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from indexer.engine.embedded.engine import EmbeddedEngine
from search_app.cli.output import FrenchParser
from search_app.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Wiring:
    """What `run.py` wires together: the settings, and how to open the engine that they name."""

    settings: SiteSettings
    open_engine: Callable[[], EmbeddedEngine]


Run = Callable[[Wiring, argparse.Namespace], int]
"""A command: takes what is wired and its arguments, returns an exit status."""


class AddCommand(Protocol):
    """Adds a command to the command line and gives its parser, to which arguments are added."""

    def __call__(self, name: str, run: Run, help: str, examples: Sequence[str] = ()) -> FrenchParser:
        """Add command `name`, which `run` carries out and `help` (French) describes; examples are command lines."""
        ...


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode(sys.stdout.encoding or "utf-8", "strict")
    except UnicodeEncodeError:  # a file name that is no text, or a terminal that cannot show French
        text = json.dumps(value)
    print(text)
