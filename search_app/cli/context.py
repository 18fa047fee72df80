"""The context of a command: its settings and how to open the engine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.settings import OWN_SYNONYMS, find_settings_file
from search_app.cli.output import say
from search_app.settings import OPENSEARCH, SiteSettings, read_secret, read_settings

if TYPE_CHECKING:
    from indexer.analysis import Analyzer
    from indexer.engine import StoredEngine
    from indexer.publications import CachedPageTexts


@dataclass(frozen=True, slots=True)
class CommandContext:
    """The settings of a command, and a function that opens the engine with them."""

    settings: SiteSettings
    open_engine: Callable[[], StoredEngine]


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


def open_engine(settings: SiteSettings, *, own_synonyms: bool = True) -> StoredEngine:
    """Return the engine that the settings choose.

    Args:
        settings: settings of the archive.
        own_synonyms: whether to read the archive's own synonyms.

    Raises:
        SynonymsError: the archive's own synonyms cannot be read.
        SettingsError: a file that the settings name cannot be read.
    """
    # Imported here so that help and completion do not load the engine.
    from indexer.analysis import default_analyzer
    from indexer.publications import PUBLICATION_CACHE, CachedPageTexts

    own = settings.data / OWN_SYNONYMS if own_synonyms else None
    texts = CachedPageTexts(settings.index / PUBLICATION_CACHE)
    analyzer = default_analyzer()
    if settings.engine == OPENSEARCH:
        return _cluster_engine(settings, analyzer, own, texts)
    from indexer.engine.embedded import EmbeddedEngine

    return EmbeddedEngine(settings.index, analyzer, own, placeholders=settings.private_titles, texts=texts)


def _cluster_engine(
    settings: SiteSettings, analyzer: Analyzer, own: Path | None, texts: CachedPageTexts
) -> StoredEngine:
    from indexer.engine.opensearch import Access, Cluster, OpenSearchEngine

    named = settings.cluster
    password = read_secret(named.password_file, f"écrivez-y le mot de passe de {named.user}") if named.user else ""
    files = [Path(path) if path else None for path in (named.ca, named.certificate, named.key)]
    access = Access(named.hosts, named.user, password, *files)
    cluster = Cluster(access, named.prefix, named.shards, named.replicas)
    return OpenSearchEngine(cluster, analyzer, own, placeholders=settings.private_titles, texts=texts)
