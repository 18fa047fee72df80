"""Read what a page says about itself: its title, site, addresses, dates and author."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bs4.element import Tag

from indexer.parsing.captures import original
from indexer.parsing.dates.find import PartialDate, read_stamp
from indexer.parsing.html.linked_data import join_names, read_linked_data
from indexer.parsing.html.markup import attribute
from indexer.parsing.html.scan import PageScan
from indexer.parsing.site_name import split_site
from indexer.parsing.text import collapse, fold
from indexer.parsing.urls import without_tracking

#: Comments of browsers, SingleFile and monolith; HTTrack's comment leaves out the scheme.
_SAVED_FROM = re.compile(
    r"saved from url=\(\d+\)\s*(https?://\S+)|SingleFile.{0,60}?\burl:\s*(https?://\S+)"
    r"|Saved from (https?://\S+) (?:at|on|using) |Mirrored from (\S+) by HTTrack",
    re.IGNORECASE | re.DOTALL,
)
_SAVED_META = "savepage-url"
_PUBLISHED = frozenset(
    [
        "article:published_time",
        "og:published_time",
        "og:article:published_time",
        "article:published",
        "published_time",
        "datepublished",
        "date",
        "pubdate",
        "publishdate",
        "publish_date",
        "publication_date",
        "date.created",
        "created",
        "dc.date",
        "dc.date.issued",
        "dc.date.created",
        "dc.created",
        "dc.issued",
        "dcterms.date",
        "dcterms.issued",
        "dcterms.created",
        "dcterms.available",
        "citation_publication_date",
        "citation_date",
        "sailthru.date",
        "parsely-pub-date",
    ]
)
_AUTHORS = frozenset(
    ["author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author", "dc.contributor"]
)
_PUBLISHERS = frozenset(["dc.publisher", "dcterms.publisher", "citation_publisher", "publisher"])
_UNUSABLE = re.compile(r"\s*(?:javascript|mailto|data|tel|sms|about|file|blob|vbscript|ftp):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says about itself, mostly in its head.

    Attributes:
        title: `<title>` without the site's name.
        site_names: names that the page gives for its site, folded.
        base: address against which the page's links are resolved.
        canonical, shortlink, og_url: addresses, absolute.
        dates: machine-readable dates of publication, from JSON-LD and meta tags.
        saved: absolute address that a tool wrote into the file when it saved the page.
        author: the page's authors, or the organisation that publishes it.
    """

    title: str | None
    site_names: frozenset[str]
    base: str
    canonical: str | None
    shortlink: str | None
    og_url: str | None
    dates: tuple[PartialDate, ...]
    saved: str | None = None
    author: str | None = None

    def resolve(self, href: str) -> str | None:
        """Return a link as an absolute web address, or None for other links, such as `mailto:`."""
        return resolve(self.base, href)


def resolve(base: str, href: str) -> str | None:
    """Return a link as an absolute web address.

    Args:
        base: absolute address.
        href: the link as written.

    Returns:
        An http(s) address (that of the captured page where the link leads to a capture of a web archive), or None for
        `javascript:`, `mailto:` and the like, and for a fragment of the same page.
    """
    href = "".join(href.split("\n")).strip()
    if not href or href.startswith("#") or _UNUSABLE.match(href):
        return None
    try:
        address = urljoin(base, href)
        parts = urlsplit(address)
    except ValueError:
        return None
    return without_tracking(original(address)) if parts.scheme in ("http", "https") and parts.netloc else None


def read_head(scan_page: PageScan, *, base: str) -> Head:
    """Return what a page says about itself, from what the first pass noted.

    Args:
        scan_page: the first pass over the page.
        base: address to resolve links against where the page itself gives none.
    """
    metas: dict[str, str] = {}
    links: dict[str, str] = {}
    base_href = title = ""
    dates: list[PartialDate] = []
    authors: list[str] = []
    publishers: list[str] = []
    scripts: list[str] = []
    for tag in scan_page.noted:
        if tag.name == "meta":
            name = (attribute(tag, "property") or attribute(tag, "name") or attribute(tag, "itemprop")).strip().lower()
            content = attribute(tag, "content").strip()
            metas.setdefault(name, content)
            if name in _AUTHORS and content:
                authors.append(content)
            if name in _PUBLISHERS and content:
                publishers.append(content)
            if name in _PUBLISHED and (date := read_stamp(content)):
                dates.append(date)
        elif tag.name == "link":
            for rel in attribute(tag, "rel").lower().split():
                links.setdefault(rel, attribute(tag, "href").strip())
        elif tag.name == "base" and not base_href:
            base_href = attribute(tag, "href").strip()
        elif tag.name == "script":
            scripts.append(tag.get_text())
        elif tag.name == "title" and not title and not _in_drawing(tag):
            title = collapse(tag.get_text())
    saved = metas.get(_SAVED_META, "") or next(filter(None, map(_saved_from, scan_page.comments)), "")
    # The address to resolve links against, the most reliable first: a page saved to disk may not give its own.
    for candidate in (links.get("canonical", ""), metas.get("og:url", ""), saved):
        if candidate.startswith(("http://", "https://")) and (absolute := resolve(candidate, candidate)):
            base = absolute
            break
    against = resolve(base, base_href) or base
    names = {fold(metas[name]) for name in ("og:site_name", "application-name") if metas.get(name)}
    own, site = split_site(title, frozenset(names))
    if site:
        names.add(fold(site))
    canonical = resolve(base, links.get("canonical", ""))
    data = read_linked_data(scripts, title=own, address=canonical)
    return Head(
        title=own or None,
        site_names=frozenset(names - {""}),
        base=against,
        canonical=canonical,
        shortlink=resolve(base, links.get("shortlink", "")),
        og_url=resolve(base, metas.get("og:url", "")),
        dates=(data.published, *dates) if data.published else tuple(dates),
        saved=resolve(saved, saved) if saved else None,
        author=join_names(data.authors) or join_names(authors) or join_names([*data.publishers, *publishers]),
    )


def _saved_from(comment: str) -> str:
    match = _SAVED_FROM.search(comment)
    if match is None:
        return ""
    address: str = next(filter(None, match.groups()))
    return address if match.group(4) is None or "://" in address else "https://" + address


def _in_drawing(tag: Tag) -> bool:
    return tag.parent is not None and tag.parent.name in ("svg", "g", "symbol", "path")
