"""The context of a command, and how a command is added to the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.settings import OWN_SYNONYMS
from search_app.cli.output import FrenchParser
from search_app.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The settings of a command, and how to open the engine that they name."""

    settings: SiteSettings
    open_engine: Callable[[], EmbeddedEngine]


Command = Callable[[CommandContext, argparse.Namespace], int]
"""A function that carries out a command and returns its exit status; `main` prints any `ArchiveError` it raises."""


class AddCommand(Protocol):
    """A function that adds a command to the command line and returns its parser."""

    def __call__(self, name: str, run: Command, help: str, examples: Sequence[str] = ()) -> FrenchParser:
        """Add command `name`, which `run` carries out and `help` (French) describes; examples are command lines."""
        ...


def open_engine(settings: SiteSettings) -> EmbeddedEngine:
    """Return the engine that settings name.

    Raises:
        SynonymsError: the archive's own synonyms cannot be read.
    """
    return EmbeddedEngine(
        settings.index, default_analyzer(), settings.data / OWN_SYNONYMS, placeholders=settings.private_titles
    )
