"""Markdown that staff write, as HTML that is safe to show: no HTML of theirs, no images, no script addresses."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

_HIGHEST = 6


def to_html(text: str) -> str:
    """Return a text in CommonMark as HTML. Its headings begin at the second level: the first is the page's title.

    Args:
        text: the text; tags in it are shown as written, and pictures are left as links.
    """
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, _HIGHEST)}"
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html


@cache
def _parser() -> MarkdownIt:
    # Addresses of scripts and files are refused by the library's own check of links.
    return MarkdownIt("commonmark", {"html": False}).disable("image")
