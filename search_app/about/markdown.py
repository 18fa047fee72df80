"""Converts Markdown that staff write to safe HTML: no tags in the text, no images, no script addresses."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

_LOWEST = 6


def to_html(text: str, *, level: int = 2) -> str:
    """Return a text in CommonMark as HTML. Its headings are renumbered, so that no level is skipped.

    Args:
        text: the text; tags in it are shown as written, and pictures are left as links.
        level: level of its highest headings; the page's title has level 1.
    """
    parser = _parser()
    tokens = parser.parse(text)
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(level + levels.index(token.tag), _LOWEST)}"
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html


@cache
def _parser() -> MarkdownIt:
    # Addresses of scripts and files are refused by the library's own check of links.
    return MarkdownIt("commonmark", {"html": False}).disable("image")
