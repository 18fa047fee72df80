"""Choosing the resources that are shown above the results of a query."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import RequestError
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource
from search_app.messages import quoted, said, typeset
from search_app.search.curated_store import MAX_QUERY, MOST_RESOURCES
from search_app.staff.desk import actor, blueprint, record
from search_app.web.context import site

_OFFERED = 10
"""Number of results of a query that are offered to choose from."""
_HISTORY = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A resource that is, or may be, chosen for a query.

    Attributes:
        id: id of the resource.
        title: its title, or its id if it is no longer in the archive.
        private: whether only members see it.
        gone: whether it is no longer in the archive.
    """

    id: str
    title: str
    private: bool
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ChosenFor:
    """The resources chosen for a query."""

    query: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the resources chosen for a query, as the page shows it.

    Attributes:
        number: number of the change.
        at: its time.
        actor: e-mail address of the account that made it, or empty.
        query: the query.
        before, after: the resources chosen before and after it.
        undoable: whether it can be undone: the choice was not changed again.
    """

    number: int
    at: str
    actor: str
    query: str
    before: tuple[Choice, ...]
    after: tuple[Choice, ...]
    undoable: bool


@blueprint.get("/selections")
def curated_list() -> ResponseReturnValue:
    """Show the resources chosen for each query; with a query in the arguments, also the form to choose some for it."""
    return _page(" ".join(request.args.get("q", "").split())[:MAX_QUERY])


@blueprint.post("/selections")
def choose_curated() -> ResponseReturnValue:
    """Choose resources for a query; none removes the choice."""
    query = " ".join(request.form.get("q", "").split())
    if len(query) > MAX_QUERY:
        return _page("", error=typeset(f"Une recherche a {MAX_QUERY} caractères au plus : raccourcissez-la.")), 400
    wanted = [one.strip() for one in (*request.form.getlist("resource"), request.form.get("other", "")) if one.strip()]
    ids = [_id_of(one) for one in wanted]
    for typed, resource_id in zip(wanted, ids, strict=True):
        if _resource(resource_id) is None and resource_id not in _held(query):
            message = typeset("Aucune ressource n’est à l’adresse") + f" {quoted(typed)}. Copiez celle de sa page."
            return _page(query, error=message, other=request.form.get("other", "")), 400
    try:
        site().stores.curated.choose(query, ids, actor=actor())
    except RequestError as error:
        return _page(query, error=said(error), other=request.form.get("other", "")), 400
    record("curated-edit", f"{len(set(ids))} ressources")
    done = "C’est enregistré : visible dès la prochaine recherche." if ids else "Plus rien n’est choisi pour elle."
    flash(typeset(done), "done")
    return redirect(url_for("staff.curated_list"), 303)


@blueprint.post("/selections/annuler")
def undo_curated() -> ResponseReturnValue:
    """Undo a change of the choice for a query, unless the choice was changed again."""
    number = request.form.get("number", "")
    if number.isascii() and number.isdecimal() and site().stores.curated.undo(int(number[:9]), actor=actor()):
        record("curated-undo", number[:9])
        flash(typeset("Le changement est annulé."), "done")
    else:
        flash(typeset("Ce changement ne peut plus être annulé : un autre l’a suivi."), "error")
    return redirect(url_for("staff.curated_list"), 303)


def _page(query: str, *, error: str | None = None, other: str = "") -> str:
    store = site().stores.curated
    held = tuple(map(_choice, _held(query)))
    return render_template(
        "staff/curated.html",
        query=query,
        held=held,
        offered=_offered(query, held),
        chosen=tuple(ChosenFor(one.query, tuple(map(_choice, one.resources))) for one in store.chosen()),
        changes=tuple(
            Change(
                change.number,
                change.at,
                change.actor,
                change.query,
                tuple(map(_choice, change.before)),
                tuple(map(_choice, change.after)),
                change.undoable,
            )
            for change in store.history(_HISTORY)
        ),
        most=MOST_RESOURCES,
        error=error,
        other=other,
    )


def _held(query: str) -> tuple[str, ...]:
    chosen = site().stores.curated.find(query) if query else None
    return chosen.resources if chosen is not None else ()


def _offered(query: str, held: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Return the resources to choose from for a query: those now chosen for it, then the first results of the query."""
    engine = site().engine
    if not query or engine.status().generation is None:
        return held
    response = engine.search(SearchRequest(Audience.STAFF, query, per_page=_OFFERED, snippets=False))
    ids = {choice.id for choice in held}
    return (*held, *(Choice(hit.id, hit.title, hit.private) for hit in response.hits if hit.id not in ids))


def _resource(resource_id: str) -> Resource | None:
    engine = site().engine
    return None if engine.status().generation is None else engine.get(resource_id, audience=Audience.STAFF)


def _choice(resource_id: str) -> Choice:
    found = _resource(resource_id)
    if found is None:
        return Choice(resource_id, resource_id, private=False, gone=True)
    return Choice(found.id, found.title, found.private)


def _id_of(typed: str) -> str:
    """Return the id in the typed address of a resource's page; return any other text unchanged."""
    try:
        path = urlsplit(typed).path
    except ValueError:
        return typed
    _, pages, rest = path.partition("/ressources/")
    return unquote(rest.partition("/")[0]) if pages else typed
