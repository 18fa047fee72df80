"""The context of a command, and how a command is added to the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.analysis.analyzer import default_analyzer
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.settings import OWN_SYNONYMS, Settings
from search_app.cli.output import FrenchParser


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The settings of a command, and how to open the engine that they name."""

    settings: Settings
    open_engine: Callable[[], EmbeddedEngine]


Command = Callable[[CommandContext, argparse.Namespace], int]
"""A function that carries out a command and returns its exit status; `main` prints any `ArchiveError` it raises."""


class AddCommand(Protocol):
    """A function that adds a command to the command line and returns its parser."""

    def __call__(self, name: str, run: Command, help: str, examples: Sequence[str] = ()) -> FrenchParser:
        """Add command `name`, which `run` carries out and `help` (French) describes; examples are command lines."""
        ...


def open_engine(settings: Settings) -> EmbeddedEngine:
    """Return the engine that settings name.

    Raises:
        SynonymsError: the archive's own synonyms cannot be read.
    """
    return EmbeddedEngine(
        settings.index, default_analyzer(), settings.data / OWN_SYNONYMS, stubs=settings.private_titles
    )
