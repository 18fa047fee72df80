"""Searches as Atom feeds (RFC 4287). A public feed contains only the resources' own dates, no indexing dates."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from indexer.query import SearchRequest, Sort
from search_app.accounts.sessions import audience
from search_app.export.all_hits import records
from search_app.export.record import Record, abstract
from search_app.messages import typeset
from search_app.search import params
from search_app.web.context import site
from search_app.web.urls import absolute, resource_address

blueprint = Blueprint("feeds", __name__)
MOST_ENTRIES = 50
UNDATED = "1970-01-01T00:00:00Z"
"""Date of entries without a date, since Atom requires one."""

_SUMMARY = 600
_SUBTITLE = typeset(
    "Les ressources les plus récentes d’une recherche. Une ressource sans date y est placée en dernier ; la date de "
    "mise à jour que le format exige est alors le 1ᵉʳ janvier 1970."
)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry of a feed.

    Attributes:
        id: identifier that does not change if the site's address changes.
        updated: time of the last change to show, RFC 3339.
        published: the resource's own date, RFC 3339, or None if unknown.
        record: the resource.
        summary: its summary, or the beginning of its text.
    """

    id: str
    updated: str
    published: str | None
    record: Record
    summary: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """An Atom feed; `address` is the address of the feed, `page` that of the web page with the same resources."""

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    entries: tuple[FeedEntry, ...]

    @property
    def updated(self) -> str:
        """Return the latest `updated` of the entries, or `UNDATED` if there are none."""
        return max((entry.updated for entry in self.entries), default=UNDATED)


@blueprint.get("/flux.atom")
def search() -> ResponseReturnValue:
    """Return the newest resources of a search. Arguments are those of the search page; page and order are ignored."""
    reader = audience()
    asked = _unsorted(params.parse(request.args, reader))
    engine = site().engine
    newest = replace(asked, sort=Sort.NEWEST, per_page=MOST_ENTRIES, snippets=False)
    ids = [hit.id for hit in engine.search(newest).hits]
    feed = Feed(
        id=stable_id("flux.atom" + params.query_string(asked)),
        title=f"{site().settings.site_name} – {params.title_of(asked)}",
        subtitle=_SUBTITLE,
        address=absolute("feeds.search") + params.query_string(asked),
        page=absolute("pages.search") + params.query_string(replace(asked, sort=Sort.NEWEST)),
        entries=tuple(map(entry, records(engine, ids, reader, resource_address))),
    )
    return atom(feed)


# Also under the API, where programs may use a token and errors are JSON.
blueprint.add_url_rule("/api/v1/flux.atom", "api_search", search)


def entry(record: Record, *, updated: str | None = None) -> FeedEntry:
    """Return the entry of a resource, with the resource's own date unless `updated` is given."""
    own = own_date(record)
    urn = stable_id("ressources/" + record.resource.id)
    return FeedEntry(urn, updated or own or UNDATED, own, record, abstract(record.resource, _SUMMARY))


def own_date(record: Record) -> str | None:
    """Return the first instant of a resource's own date in RFC 3339, or None if it has no date."""
    if not record.date:
        return None
    year, month, day = (*record.date, 1, 1)[:3]
    return f"{year:04}-{month:02}-{day:02}T00:00:00Z"


def atom(feed: Feed) -> Response:
    """Return the response that holds a feed."""
    text = render_template("export/atom.xml", feed=feed)
    response = Response(text, content_type="application/atom+xml; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def stable_id(name: str) -> str:
    """Return a URN made from a name, such as ``ressources/guide``, and the address of the original site (not of this
    archive), so that it stays the same if the archive moves.
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site().settings.site_url}#{name}").urn


def arguments_of(asked: SearchRequest) -> str:
    """Return the query string of the feed of a search, beginning with ``?``: all arguments but sort and page."""
    return params.query_string(_unsorted(asked))


def _unsorted(asked: SearchRequest) -> SearchRequest:
    return replace(params.without_page(asked), sort=None)
