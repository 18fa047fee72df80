"""Adds the members' pages to the site, and functions about members to the templates of all pages."""

from __future__ import annotations

from flask import Flask, current_app, g, request

from indexer.errors import ArchiveError
from indexer.query import SearchRequest, SearchResponse
from search_app.accounts.sessions import audience, current_account
from search_app.export import FORMATS, feeds
from search_app.members import access, follow_views, list_views, views
from search_app.members.lists import NamedList
from search_app.members.refresh import count_new
from search_app.search import params
from search_app.web.context import site
from search_app.web.urls import absolute


def install(app: Flask) -> None:
    """Add the members' pages to an app, and the functions of this module to its templates."""
    app.register_blueprint(access.blueprint)
    follow_views.install(app)
    app.jinja_env.filters.update(
        arguments=params.query_string, feed_arguments=feeds.arguments_of, search_name=params.title_of
    )

    @app.context_processor
    def kept() -> dict[str, object]:
        return {
            "is_selected": list_views.is_selected,
            "select_label": list_views.select_label,
            "current_list": list_views.current_list,
            "list_in_menu": list_in_menu,
            "news_in_menu": news_in_menu,
            "followed_search": followed_search,
            "visitors_may_follow": follow_views.visitors_may_follow,
            "MAIL_FREQUENCIES": views.FREQUENCIES,
            "this_search": this_search,
            "formats": tuple(FORMATS.values()),
            "canonical_address": canonical_address,
        }


def this_search(response: SearchResponse) -> SearchRequest:
    """Return the search in this request's arguments, requiring all words or most of them, as `response` did."""
    asked, _ = params.salvage(request.args, audience())
    return params.as_shown(asked, response)


def canonical_address() -> str:
    """Return the canonical address of the current page, without arguments; on the search page, that of the search,
    without order and page size.
    """
    endpoint = request.endpoint or "pages.search"
    if endpoint != "pages.search":
        return absolute(endpoint)
    asked, _ = params.salvage(request.args, audience())
    return absolute(endpoint) + params.query_string(params.canonical(asked))


def followed_search(asked: SearchRequest) -> int | None:
    """Return the number of the reader's saved search that equals `asked`, or None."""
    account = current_account()
    if account is None:
        return None
    return site().stores.members.with_arguments(account.key, params.query_string(asked).removeprefix("?"))


def list_in_menu() -> NamedList | None:
    """Return the reader's current list for the menu; None if there is none, or it cannot be read."""
    try:
        return list_views.current_list()
    except ArchiveError as error:
        current_app.logger.error("liste illisible : %s", error)
        return None


def news_in_menu() -> int:
    """Return how many new resources the reader's saved searches have, for the menu; 0 if they cannot be counted."""
    account = current_account()
    if account is None:
        return 0
    if "news" not in g:
        g.news = 0
        try:
            g.news = count_new(site().stores.members, site().engine, account.key, account.role)
        except ArchiveError as error:
            # An error page has a menu too.
            current_app.logger.error("nouveautés impossibles à compter : %s", error)
    count: int = g.news
    return count
