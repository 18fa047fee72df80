"""Routes of the members' selection, of saved searches, and of their private feeds."""

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

from indexer.query import SearchRequest, SearchResponse, Sort
from indexer.resource import Audience, Resource
from search_app.accounts import rights
from search_app.accounts.sessions import audience, current_account, safe_next
from search_app.accounts.store import Account
from search_app.export import FORMATS, Record, feeds
from search_app.export.all_hits import all_hits
from search_app.export.views import file_of
from search_app.members import MembersStore, SavedSearch
from search_app.members.private_feeds import close_feed, open_feed
from search_app.messages import typeset
from search_app.search import params
from search_app.web.context import site
from search_app.web.templating import here
from search_app.web.text import one_line
from search_app.web.urls import absolute, resource_address

blueprint = Blueprint("keeping", __name__)
MOST_SHOWN = 100
_MOST_ARGUMENTS = 4000


def install(app: Flask) -> None:
    """Add these routes, and the functions that other templates need."""
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
            "canonical_address": canonical_address,
        }


def members_store() -> MembersStore:
    """Return the members' store."""
    return site().stores.members


def is_selected(resource_id: str) -> bool:
    """Return whether the reader has selected a resource; the selection is read once per request."""
    account = current_account()
    if account is None:
        return False
    if "selected" not in g:
        g.selected = frozenset(members_store().selected(account.key))
    return resource_id in g.selected


def this_search(response: SearchResponse) -> SearchRequest:
    """Return the search in this request's arguments, as `response` answered it."""
    asked, _ = params.salvage(request.args, audience())
    return params.as_shown(asked, response)


def canonical_address() -> str:
    """Return the canonical address of this list; for a search, without order and page size."""
    endpoint = request.endpoint or "pages.search"
    if endpoint != "pages.search":
        return absolute(endpoint)
    asked, _ = params.salvage(request.args, audience())
    return absolute(endpoint) + params.query_string(params.canonical(asked))


def members_only(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Decorate a view so that readers who are not signed in are redirected to the sign-in page."""

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
    """Show the member's selection."""
    ids = members_store().selected(_member().key)
    found = list(_resources(ids, audience()))
    return render_template("members/selection.html", resources=found, gone=len(ids) - len(found))


@blueprint.post("/selection")
@members_only
def change_selection() -> ResponseReturnValue:
    """Change the selection: add or remove a resource, or remove all (`action`: add, remove, empty)."""
    account, resource_id = _member(), request.form.get("resource", "")
    match request.form.get("action"):
        case "add":
            found = site().engine.get(resource_id, audience=audience())
            if found is None:
                abort(404)
            members_store().select(
                account.key, found.id
            )  # for members, the id of a placeholder leads to the resource, which has another id
        case "remove":
            members_store().deselect(account.key, resource_id)
        case "empty":
            members_store().deselect(account.key)
        case _:
            abort(400)
    return _back("keeping.selection")


@blueprint.get("/selection/export.<any(csv, bib, ris, jsonl):ending>")
@members_only
def export_selection(ending: str) -> ResponseReturnValue:
    """Export the selection as a file."""
    return file_of(members_store().selected(_member().key), ending, "Ma sélection")


# Saved searches


@blueprint.get("/recherches")
@members_only
def searches() -> ResponseReturnValue:
    """Show the member's saved searches, each with the number of new resources."""
    account = _member()
    for search in members_store().searches(account.key):
        _refresh(search, account.role)
    return render_template(
        "members/searches.html", searches=[(one, _path(one)) for one in members_store().searches(account.key)]
    )


@blueprint.post("/recherches")
@members_only
def save_search() -> ResponseReturnValue:
    """Save a search, given its `name` and its `arguments` (the query string of the search page)."""
    account, arguments = _member(), request.form.get("arguments", "")
    if len(arguments) > _MOST_ARGUMENTS:
        abort(400)
    asked = params.without_page(_request(arguments, account.role))
    name = one_line(request.form.get("name", "")) or params.title_of(asked)
    generation = site().engine.status().generation
    found = _ids(asked)
    search_id = members_store().save(account.key, name, params.query_string(asked).removeprefix("?"), found, generation)
    return redirect(url_for("keeping.search", search_id=search_id), 303)


@blueprint.get("/recherches/<int(max=999999999):search_id>")
@members_only
def search(search_id: int) -> ResponseReturnValue:
    """Show the new resources of one saved search."""
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
                members_store().rename(saved, name)
        case "delete":
            members_store().delete(saved)
            return redirect(url_for("keeping.searches"), 303)
        case "open-feed":
            # Shown only in this response, since only a hash is stored.
            return _show(saved, token=open_feed(site().stores, _member(), saved))
        case "close-feed":
            close_feed(site().stores, _member(), saved)
        case _:
            abort(400)
    return redirect(url_for("keeping.search", search_id=search_id), 303)


@blueprint.get("/recherches/flux/<token>")
def feed(token: str) -> ResponseReturnValue:
    """Return the private feed of a saved search: resources found since it was saved. The token in the address gives
    access.
    """
    found = rights.by_feed(site().stores, token)
    if found is None:
        abort(404)
    account, saved = found
    _refresh(saved, account.role)
    entries = []
    for finding in members_store().since_saved(saved, feeds.MOST_ENTRIES):
        resource = site().engine.get(finding.resource, audience=account.role)
        if resource is not None:
            record = Record(resource, resource_address(resource.id))
            entries.append(feeds.entry(record, updated=_instant(finding.first)))
    response = feeds.atom(
        feeds.Feed(
            id=feeds.stable_id(f"recherches/{saved.id}"),
            title=typeset("Nouveautés :") + f" {saved.name}",
            subtitle="Les ressources que cette recherche a trouvées depuis son enregistrement, les dernières en tête.",
            address=absolute("keeping.feed", token=token),
            page=absolute("keeping.search", search_id=saved.id),
            entries=tuple(entries),
        )
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _own(search_id: int) -> SavedSearch:
    found = members_store().search(_member().key, search_id)
    if found is None:
        abort(404)
    return found


def _show(saved: SavedSearch, *, token: str | None) -> ResponseReturnValue:
    account = _member()
    _refresh(saved, account.role)
    members_store().visit(saved)
    current = _own(saved.id)
    ids = [finding.resource for finding in members_store().fresh(current, MOST_SHOWN)]
    return render_template(
        "members/saved_search.html",
        search=current,
        path=_path(current),
        name=params.title_of(_request(current.arguments, account.role)),
        resources=list(_resources(ids, account.role)),
        feed_address=absolute("keeping.feed", token=token) if token else None,
        has_feed=rights.has_feed(account, current),
    )


def _refresh(saved: SavedSearch, reader: Audience) -> None:
    """Run a saved search again and record its hits, unless no new generation was published since the last time."""
    generation = site().engine.status().generation
    if generation != saved.generation:
        members_store().note(saved, _ids(_request(saved.arguments, reader)), generation)


def _ids(asked: SearchRequest) -> list[str]:
    # Newest first, so that resources beyond MAX_REACH are old ones.
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
