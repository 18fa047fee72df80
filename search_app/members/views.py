"""What signed-in members keep: pages of the selection and of saved searches, and the private feeds of their news."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from indexer.query.request import SearchRequest, Sort
from indexer.resource import Audience, Resource
from search_app.accounts import rights
from search_app.accounts.sessions import audience, current_account, safe_next
from search_app.accounts.store import Account
from search_app.export import FORMATS, Record, feeds
from search_app.export.all_hits import all_hits
from search_app.export.views import file_of
from search_app.members import SavedSearch, Shelf
from search_app.messages import shelf as messages
from search_app.search import params
from search_app.web.context import site
from search_app.web.templating import here
from search_app.web.text import one_line
from search_app.web.urls import absolute, resource_address

blueprint = Blueprint("keeping", __name__)
MOST_SHOWN = 100
_MOST_ARGUMENTS = 4000


def install(app: Flask) -> None:
    """Add these pages, and what other pages show of them."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(
        arguments=params.query_string, feed_arguments=feeds.arguments_of, search_name=params.title_of
    )

    @app.context_processor
    def kept() -> dict[str, object]:
        return {
            "is_selected": is_selected,
            "this_search": this_search,
            "formats": tuple(FORMATS.values()),
            "home_address": lambda: absolute("pages.search"),
        }


def shelf() -> Shelf:
    """Where it all is kept."""
    return site().access.shelf


def is_selected(resource_id: str) -> bool:
    """Whether the one who asks selected a resource; the selection is read once a request."""
    account = current_account()
    if account is None:
        return False
    if "selected" not in g:
        g.selected = frozenset(shelf().selected(account.key))
    return resource_id in g.selected


def this_search() -> SearchRequest:
    """The search of the address that is answered, without its page."""
    asked, _ = params.salvage(request.args, audience())
    return params.without_page(asked)


def members_only(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A view for those who are signed in; others are led to sign in first, whatever they asked for."""

    @wraps(view)
    def guarded(**arguments: str | int) -> ResponseReturnValue:
        if current_account() is None:
            back = here() if request.method in {"GET", "HEAD"} else None
            return redirect(url_for("auth.sign_in", next=back), 303)
        return view(**arguments)

    return guarded


def _member() -> Account:
    account = current_account()
    if account is None:
        abort(404)
    return account


# The selection


@blueprint.get("/selection")
@members_only
def selection() -> ResponseReturnValue:
    """The member's selection."""
    ids = shelf().selected(_member().key)
    found = list(_resources(ids, audience()))
    return render_template("members/selection.html", resources=found, gone=len(ids) - len(found))


@blueprint.post("/selection")
@members_only
def change_selection() -> ResponseReturnValue:
    """Add a resource to the selection, or remove it, or all (`action`: add, remove, empty)."""
    account, resource_id = _member(), request.form.get("resource", "")
    match request.form.get("action"):
        case "add":
            found = site().engine.get(resource_id, audience=audience())
            if found is None:
                abort(404)
            shelf().select(account.key, found.id)  # the address that a visitor had leads a member to another id
        case "remove":
            shelf().deselect(account.key, resource_id)
        case "empty":
            shelf().deselect(account.key)
        case _:
            abort(400)
    return _back("keeping.selection")


@blueprint.get("/selection/export.<any(csv, bib, ris, jsonl):ending>")
@members_only
def export_selection(ending: str) -> ResponseReturnValue:
    """The selection as a file."""
    return file_of(shelf().selected(_member().key), ending, "Ma sélection")


# Saved searches


@blueprint.get("/recherches")
@members_only
def searches() -> ResponseReturnValue:
    """The member's saved searches, each with how many resources are new in it."""
    account = _member()
    for search in shelf().searches(account.key):
        _look(search, account.role)
    return render_template(
        "members/searches.html", searches=[(one, _path(one)) for one in shelf().searches(account.key)]
    )


@blueprint.post("/recherches")
@members_only
def save_search() -> ResponseReturnValue:
    """Save a search: its `name`, and its `arguments` as in the address of the search page."""
    account, arguments = _member(), request.form.get("arguments", "")
    if len(arguments) > _MOST_ARGUMENTS:
        abort(400)
    asked = params.without_page(_request(arguments, account.role))
    name = one_line(request.form.get("name", "")) or params.title_of(asked)
    generation = site().engine.status().generation
    found = _ids(asked)
    search_id = shelf().save(account.key, name, params.query_string(asked).removeprefix("?"), found, generation)
    return redirect(url_for("keeping.search", search_id=search_id), 303)


@blueprint.get("/recherches/<int(max=999999999):search_id>")
@members_only
def search(search_id: int) -> ResponseReturnValue:
    """What is new in one saved search."""
    return _show(_own(search_id), token=None)


@blueprint.post("/recherches/<int(max=999999999):search_id>")
@members_only
def change_search(search_id: int) -> ResponseReturnValue:
    """Rename or delete a saved search, open or close its feed (`action`: rename, delete, open-feed, close-feed)."""
    saved = _own(search_id)
    match request.form.get("action"):
        case "rename":
            name = one_line(request.form.get("name", ""))
            if name:
                shelf().rename(saved, name)
        case "delete":
            shelf().delete(saved)
            return redirect(url_for("keeping.searches"), 303)
        case "open-feed":
            # Told in this answer alone: only a hash is kept.
            return _show(saved, token=open_feed(_member(), saved))
        case "close-feed":
            close_feed(_member(), saved)
        case _:
            abort(400)
    return redirect(url_for("keeping.search", search_id=search_id), 303)


@blueprint.get("/recherches/flux/<token>")
def feed(token: str) -> ResponseReturnValue:
    """The private feed of a saved search: what it found since it was saved. The address is the key to it."""
    found = rights.by_feed(site().access, token)
    if found is None:
        abort(404)
    account, saved = found
    _look(saved, account.role)
    entries = []
    for sighting in shelf().since_saved(saved, feeds.MOST_ENTRIES):
        resource = site().engine.get(sighting.resource, audience=account.role)
        if resource is not None:
            record = Record(resource, resource_address(resource.id))
            entries.append(feeds.entry(record, updated=_instant(sighting.first)))
    response = feeds.atom(
        feeds.Feed(
            id=feeds.stable_id(f"recherches/{saved.id}"),
            title=messages.news_of(saved.name),
            subtitle=messages.FEED_SUBTITLE,
            address=absolute("keeping.feed", token=token),
            page=absolute("keeping.search", search_id=saved.id),
            entries=tuple(entries),
        )
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def feeds_of(account: Account) -> tuple[SavedSearch, ...]:
    """The saved searches of an account that have a private feed, by name."""
    return tuple(search for search in shelf().searches(account.key) if rights.has_feed(account, search))


def open_feed(account: Account, saved: SavedSearch) -> str:
    """Give a search of this account a new private address, note it, and return its token.

    Raises:
        AccountError: it cannot be kept or noted; the address before, if any, still serves.
    """
    with site().audit.recording("feed-opened", account.email, f"search {saved.id}"):
        return shelf().open_feed(saved, account.feed_epoch)


def close_feed(account: Account, saved: SavedSearch) -> None:
    """Take the private address of a search of this account away, and note it.

    Raises:
        AccountError: it cannot be taken away or noted.
    """
    with site().audit.recording("feed-closed", account.email, f"search {saved.id}"):
        shelf().close_feed(saved)


def feed_address(token: str) -> str:
    """The private address that a token makes."""
    return absolute("keeping.feed", token=token)


def _own(search_id: int) -> SavedSearch:
    found = shelf().search(_member().key, search_id)
    if found is None:
        abort(404)
    return found


def _show(saved: SavedSearch, *, token: str | None) -> ResponseReturnValue:
    account = _member()
    _look(saved, account.role)
    shelf().visit(saved)
    current = _own(saved.id)
    ids = [sighting.resource for sighting in shelf().fresh(current, MOST_SHOWN)]
    return render_template(
        "members/saved_search.html",
        search=current,
        path=_path(current),
        name=params.title_of(_request(current.arguments, account.role)),
        resources=list(_resources(ids, account.role)),
        feed_address=feed_address(token) if token else None,
        has_feed=rights.has_feed(account, current),
    )


def _look(saved: SavedSearch, reader: Audience) -> None:
    """See what a search finds now; where nothing was indexed since the last look, that is known already."""
    generation = site().engine.status().generation
    if generation != saved.generation:
        shelf().note(saved, _ids(_request(saved.arguments, reader)), generation)


def _ids(asked: SearchRequest) -> list[str]:
    # Newest first, so that what is beyond reach is what is old.
    return [hit.id for hit in all_hits(site().engine, replace(asked, sort=Sort.NEWEST)).hits]


def _request(arguments: str, reader: Audience) -> SearchRequest:
    asked, _ = params.salvage(MultiDict(parse_qsl(arguments)), reader)
    return asked


def _path(saved: SavedSearch) -> str:
    return url_for("pages.search") + (f"?{saved.arguments}" if saved.arguments else "")


def _resources(ids: tuple[str, ...] | list[str], reader: Audience) -> Iterator[Resource]:
    for resource_id in ids:
        found = site().engine.get(resource_id, audience=reader)
        if found is not None:
            yield found


def _instant(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _back(endpoint: str) -> Response:
    target = request.form.get("next")
    return redirect(safe_next(target) if target else url_for(endpoint), 303)
