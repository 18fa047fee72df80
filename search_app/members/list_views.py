"""Routes of members' lists: the current one, called the selection, and all others; and of lists shared by a link."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Response, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import RequestError
from indexer.resource import Audience, Resource
from search_app.accounts import rights
from search_app.accounts.sessions import audience, current_account, safe_next
from search_app.control_characters import CONTROLS_BUT_SPACES, DIRECTION_MARKS
from search_app.export.views import file_of
from search_app.members.access import blueprint, member, members_only
from search_app.members.lists import MAX_NAME, MAX_NOTE, Lists, NamedList
from search_app.members.schema import DEFAULT_LIST
from search_app.messages import quoted, said, typeset
from search_app.web.context import site
from search_app.web.text import number, one_line
from search_app.web.urls import absolute

MOST_OF_LABEL = 40
"""Largest number of characters of a list's name on a button."""

_UNSEEN = re.compile(f"[{CONTROLS_BUT_SPACES}{DIRECTION_MARKS}]")
_NO_NAME = typeset("Donnez un nom à la liste, puis recommencez.")


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A resource of a list, and the note on it."""

    resource: Resource
    note: str


def lists() -> Lists:
    """Return the store of members' lists of this site."""
    return site().stores.lists


def current_list() -> NamedList | None:
    """Return the reader's current list, or None; it is read once per request."""
    account = current_account()
    if account is None:
        return None
    if "current_list" not in g:
        g.current_list = lists().current(account.key)
    found: NamedList | None = g.current_list
    return found


def is_selected(resource_id: str) -> bool:
    """Return whether a resource is in the reader's current list, which is read once per request."""
    account = current_account()
    if account is None:
        return False
    if "selected" not in g:
        g.selected = frozenset(lists().selected(account.key))
    return resource_id in g.selected


def select_label(chosen: bool, *, inside_quotes: bool = False) -> str:
    """Return the label of the button that adds a resource to the current list, or removes it.

    Args:
        chosen: whether the resource is in the list.
        inside_quotes: whether the page puts the label in guillemets, so that a name in it needs other quotation marks.
    """
    current = current_list()
    if current is None or current.name == DEFAULT_LIST:
        return "Retirer de ma sélection" if chosen else "Ajouter à ma sélection"
    named = quoted(current.name, MOST_OF_LABEL, inside=inside_quotes)
    return f"{'Retirer de' if chosen else 'Ajouter à'} {named}"


# The current list


@blueprint.get("/selection")
@members_only
def selection() -> ResponseReturnValue:
    """Show the member's current list."""
    return _page(current_list())


@blueprint.post("/selection")
@members_only
def change_selection() -> ResponseReturnValue:
    """Change the current list: add or remove a resource, or remove all (`action`: add, remove, empty).

    A script that asks for JSON gets the new label of the button, and a sentence for screen readers.
    """
    account, resource_id, action = member(), request.form.get("resource", ""), request.form.get("action")
    match action:
        case "add":
            found = site().engine.get(resource_id, audience=audience())
            if found is None:
                abort(404)
            # Visitors may see a placeholder in place of a private resource; for members, the placeholder's id leads to
            # the resource, which has another id.
            count = lists().select(account.key, found.id)
        case "remove":
            count = lists().deselect(account.key, resource_id)
        case "empty":
            count = lists().deselect(account.key)
        case _:
            abort(400)
    if request.accept_mimetypes.best == "application/json":
        return _told(action, count)
    target = request.form.get("next")
    return redirect(safe_next(target) if target else url_for("keeping.selection"), 303)


@blueprint.get("/selection/export.<any(csv, bib, ris, jsonl):ending>")
@members_only
def export_selection(ending: str) -> ResponseReturnValue:
    """Send the current list as a file; `ending` names the format: csv, bib, ris or jsonl."""
    return _file(current_list(), ending)


# All lists


@blueprint.post("/selection/listes")
@members_only
def create_list() -> ResponseReturnValue:
    """Create a list with the `name` in the form; it becomes the current list, to which resources are added."""
    name = one_line(request.form.get("name", ""))
    if not name:
        return _page(current_list(), error=_NO_NAME), 400
    try:
        list_id = lists().create(member().key, name)
    except RequestError as error:
        return _page(current_list(), error=said(error)), 400
    return redirect(url_for("keeping.one_list", list_id=list_id), 303)


@blueprint.get("/selection/<int(max=999999999):list_id>")
@members_only
def one_list(list_id: int) -> ResponseReturnValue:
    """Show one of the member's lists."""
    return _page(_own(list_id))


@blueprint.post("/selection/<int(max=999999999):list_id>")
@members_only
def change_list(list_id: int) -> ResponseReturnValue:
    """Change a list (`action`: choose, rename, delete, empty, share, unshare), or a resource in it (note, move,
    remove).
    """
    one, resource_id, anchor = _own(list_id), request.form.get("resource", ""), None
    match request.form.get("action"):
        case "choose":
            lists().choose(one)
        case "rename":
            name = one_line(request.form.get("name", ""))
            if not name:
                return _page(one, error=_NO_NAME), 400
            lists().rename(one, name)
        case "delete":
            lists().delete(one)
            flash(typeset(f"La liste {quoted(one.name)} est supprimée."), "done")
            return redirect(url_for("keeping.selection"), 303)
        case "empty":
            lists().deselect(one.account, None, one)
            flash(typeset(f"La liste {quoted(one.name)} est vide."), "done")
        case "share":
            with site().audit.recording("list-shared", member().email, f"list {one.id}"):
                token = lists().share(one)
            # Shown only in this response, since only a hash is stored.
            return _page(_own(list_id), token=token)
        case "unshare":
            with site().audit.recording("list-unshared", member().email, f"list {one.id}"):
                lists().unshare(one)
            anchor = "partage"
        case "note":
            lists().note(one, resource_id, _text(request.form.get("note", "")))
            anchor = f"choix-{resource_id}"
        case "move":
            target = _own(request.form.get("target", 0, type=int))
            try:
                lists().move(one, target, resource_id)
            except RequestError as error:
                return _page(one, error=said(error)), 400
            flash(typeset(f"Déplacée dans {quoted(target.name)}."), "done")
        case "remove":
            lists().deselect(one.account, resource_id, one)
        case _:
            abort(400)
    return redirect(url_for("keeping.one_list", list_id=list_id, _anchor=anchor), 303)


@blueprint.get("/selection/<int(max=999999999):list_id>/export.<any(csv, bib, ris, jsonl):ending>")
@members_only
def export_list(list_id: int, ending: str) -> ResponseReturnValue:
    """Send one of the member's lists as a file; `ending` names the format: csv, bib, ris or jsonl."""
    return _file(_own(list_id), ending)


# Lists shared by a link


@blueprint.get("/listes/<token>")
def shared_list(token: str) -> ResponseReturnValue:
    """Show the resources of a shared list that the reader may see; nothing tells whether the list has others."""
    one = _shared(token)
    return _personal(
        Response(render_template("members/shared_list.html", list=one, items=_items(one, audience()), token=token))
    )


@blueprint.get("/listes/<token>/export.<any(csv, bib, ris, jsonl):ending>")
def export_shared_list(token: str, ending: str) -> ResponseReturnValue:
    """Send the resources of a shared list that the reader may see as a file; `ending` names the format, such as csv."""
    one = _shared(token)
    notes = {item.resource.id: item.note for item in _items(one, audience())}
    return _personal(file_of(notes, ending, one.name, notes=notes))


def _shared(token: str) -> NamedList:
    found = rights.by_share(site().stores, token)
    if found is None:
        abort(404)
    return found


def _personal(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _items(one: NamedList, reader: Audience) -> list[ShownItem]:
    shown = []
    for item in lists().items(one):
        found = site().engine.get(item.resource, audience=reader)
        # Visitors may know titles of private resources (RTES_PRIVATE=title), but not that they are in a list.
        if found is not None and (reader.sees_private or not found.private):
            shown.append(ShownItem(found, item.note))
    return shown


def _file(one: NamedList | None, ending: str) -> Response:
    notes = {} if one is None else {item.resource: item.note for item in lists().items(one)}
    return file_of(notes, ending, DEFAULT_LIST if one is None else one.name, notes=notes)


def _own(list_id: int) -> NamedList:
    found = lists().get(member().key, list_id)
    if found is None:
        abort(404)
    return found


def _page(one: NamedList | None, *, token: str | None = None, error: str | None = None) -> str:
    account = member()
    items = [] if one is None else _items(one, account.role)
    current = current_list()
    return render_template(
        "members/list.html",
        list=one,
        name=DEFAULT_LIST if one is None else one.name,
        is_current=one is None or (current is not None and current.id == one.id),
        lists=lists().of(account.key),
        items=items,
        gone=0 if one is None else one.size - len(items),
        share_address=absolute("keeping.shared_list", token=token) if token else None,
        error=error,
        MAX_NAME=MAX_NAME,
        MAX_NOTE=MAX_NOTE,
    )


def _told(action: str | None, count: int) -> Response:
    g.pop("current_list", None)
    chosen = action == "add"
    current = current_list()
    name = DEFAULT_LIST if current is None else current.name
    many = "s" if count > 1 else ""
    response = jsonify(
        {
            "chosen": chosen,
            "label": select_label(chosen),
            "count": count,
            "said": typeset(
                f"{'Ajoutée à' if chosen else 'Retirée de'} {quoted(name)} : {number(count)} ressource{many}."
            ),
        }
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _text(typed: str) -> str:
    return _UNSEEN.sub("", typed.replace("\r\n", "\n")).strip()
