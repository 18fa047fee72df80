"""Recognise a site's own name, which it prints on every page."""

from __future__ import annotations

import re

from indexer.parsing.text import fold

# The two forms of the network's own name; the `og:site_name` or title of a page adds other names.
_NAME = re.compile(
    r"(?:rtes\s*[-–:|]\s*)?reseau des collectivites territoriales pour une economie (?:sociale et )?"
    r"solidaire(?:\s*\(?rtes\)?)?"
)


def is_site_name(text: str, names: frozenset[str] = frozenset()) -> bool:
    """Return whether a line consists of the site's name.

    Args:
        text: a line or an element's whole text.
        names: further names that the page gives for its site, folded.
    """
    if len(text) > 120:
        return False
    initial = fold(text[:1])
    if initial != "r" and not any(name.startswith(initial) for name in names):
        return False  # this is called for every line of every page
    folded = fold(text)
    return folded in names or _NAME.fullmatch(folded) is not None


def split_site(title: str, site_names: frozenset[str]) -> tuple[str, str | None]:
    """Split the site's name off a `<title>`, such as " | site".

    Args:
        title: the whole title.
        site_names: names that the page gives for its site, folded; these are also split off after a dash.

    Returns:
        The page's own title, and the site's name or None.
    """
    head, bar, site = title.rpartition("|")
    if bar and head.strip():
        return head.strip(), site.strip() or None
    for dash in (" - ", " – ", " — ", " :: "):
        head, mark, site = title.rpartition(dash)
        if mark and head.strip() and is_site_name(site, site_names):
            return head.strip(), site.strip()
    return title.strip(), None
