"""Finds the theme of an address, and the text that staff wrote for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from indexer.analysis import theme_key
from indexer.errors import CorpusError
from indexer.pipeline import corrections_of
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource
from search_app.browse.addresses import theme_slug
from search_app.browse.store import ThemeText, ThemeTexts
from search_app.errors import StoreError
from search_app.search.params import NONE
from search_app.web.context import site

_log = logging.getLogger(__name__)


def theme_at(slug: str, reader: Audience) -> str | None:
    """Return the name of the theme whose page has this slug as the last part of its address; None if no resource that
    the reader may see has such a theme.

    Raises:
        EngineError: the engine cannot answer.
    """
    facets = site().engine.search(SearchRequest(reader, per_page=1, snippets=False)).facets
    return next((one.value for one in facets.theme if one.value != NONE and theme_slug(one.value) == slug), None)


def renamed_to(slug: str) -> str | None:
    """Return the current name of the theme that had an address with this slug before it was renamed, or None.

    Raises:
        CorpusError: the corrections cannot be read.
    """
    return next((name for key, name in _renames().items() if theme_slug(key) == slug), None)


def text_of(theme: str) -> ThemeText:
    """Return the text that staff wrote for a theme, under its current or a former name.

    Raises:
        StoreError: the text cannot be read.
        CorpusError: the corrections cannot be read.
    """
    texts = ThemeTexts(site().settings.data)
    found = texts.read(theme_slug(theme))
    if not found:
        former = sorted(key for key, name in _renames().items() if theme_key(name) == theme_key(theme))
        found = next(filter(None, (texts.read(theme_slug(key)) for key in former)), found)
    return found


def shown_text(theme: str) -> ThemeText:
    """Return the text that staff wrote for a theme; empty if it cannot be read, so that the page still works."""
    try:
        return text_of(theme)
    except (StoreError, CorpusError) as error:
        _log.warning("page de thème illisible : %s", error)
        return ThemeText()


def picked(text: ThemeText, reader: Audience) -> tuple[Resource, ...]:
    """Return the picked resources that the reader may see.

    Raises:
        EngineError: the engine cannot answer.
    """
    found = (site().engine.get(one, audience=reader) for one in text.resources)
    return tuple(one for one in found if one is not None)


def _renames() -> Mapping[str, str]:
    return corrections_of(site().settings).renames()
