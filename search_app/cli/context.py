"""The context of a command: its settings and how to open the engine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from indexer.settings import OWN_SYNONYMS, find_settings_file
from search_app.cli.output import say
from search_app.settings import SiteSettings, read_settings

if TYPE_CHECKING:
    from indexer.engine.embedded import EmbeddedEngine


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The settings of a command, and a function that opens the engine with them."""

    settings: SiteSettings
    open_engine: Callable[[], EmbeddedEngine]


def context_from(root: click.Context) -> CommandContext:
    """Return the context given by the options of `run.py` itself, the environment and the settings file.

    Args:
        root: the context of `run.py`, as click parsed it.

    Raises:
        SettingsError: a setting is invalid, or the given settings file cannot be read.
    """
    given = root.params
    file = find_settings_file(given["settings"])
    settings = read_settings(os.environ, file=file, corpus=given["corpus"], index=given["index"], data=given["data"])
    for warning in settings.warnings:
        say(warning)
    return CommandContext(settings, partial(open_engine, settings))


def open_engine(settings: SiteSettings, *, own_synonyms: bool = True) -> EmbeddedEngine:
    """Return the engine over the index folder of the settings.

    Args:
        settings: settings of the archive.
        own_synonyms: whether to read the archive's own synonyms.

    Raises:
        SynonymsError: the archive's own synonyms cannot be read.
    """
    # Imported here so that help and completion do not load the engine.
    from indexer.analysis import default_analyzer
    from indexer.engine.embedded import EmbeddedEngine
    from indexer.publications import PUBLICATION_CACHE, CachedPageTexts

    own = settings.data / OWN_SYNONYMS if own_synonyms else None
    texts = CachedPageTexts(settings.index / PUBLICATION_CACHE)
    return EmbeddedEngine(settings.index, default_analyzer(), own, placeholders=settings.private_titles, texts=texts)
