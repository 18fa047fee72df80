"""Routes of saved searches: what they have found, their private feeds, and news of them by e-mail."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app.accounts import rights
from search_app.export import Record, feeds
from search_app.members import Frequency, MembersStore, SavedSearch
from search_app.members.access import blueprint, member, members_only, resources
from search_app.members.private_feeds import close_feed, open_feed
from search_app.members.refresh import ids_of, refresh, request_of
from search_app.messages import quoted, typeset
from search_app.search import params
from search_app.web.context import site
from search_app.web.text import one_line
from search_app.web.urls import absolute, resource_address

MOST_SHOWN = 100
MAX_ARGUMENTS = 4000
"""Largest number of characters of the arguments of a search that is followed."""

FREQUENCIES: Mapping[Frequency, str] = {Frequency.DAILY: "chaque matin", Frequency.WEEKLY: "chaque lundi matin"}

_FOLLOWED = typeset("Vous suivez cette recherche : elle est dans « Mes recherches ».")


def members_store() -> MembersStore:
    """Return the store of saved searches of this site."""
    return site().stores.members


@blueprint.get("/recherches")
@members_only
def searches() -> ResponseReturnValue:
    """Show the member's saved searches, each with the number of new resources."""
    account = member()
    for search in members_store().searches(account.key):
        refresh(members_store(), site().engine, search, account.role)
    return render_template(
        "members/searches.html",
        searches=members_store().searches(account.key),
        mails=site().settings.mail is not None,
    )


@blueprint.post("/recherches")
@members_only
def save_search() -> ResponseReturnValue:
    """Save a search, given its `arguments` (the query string of the search page) and maybe its `name`. A search that is
    followed already is not saved again.
    """
    account, arguments = member(), request.form.get("arguments", "")
    if len(arguments) > MAX_ARGUMENTS:
        abort(400)
    asked = params.without_page(request_of(arguments, account.role))
    name = one_line(request.form.get("name", "")) or params.title_of(asked)
    arguments = params.query_string(asked).removeprefix("?")
    search_id = members_store().with_arguments(account.key, arguments)
    if search_id is None:
        generation = site().engine.status().generation
        search_id = members_store().save(account.key, name, arguments, ids_of(site().engine, asked), generation)
        flash(_FOLLOWED, "done")
    return redirect(url_for("keeping.search", search_id=search_id), 303)


@blueprint.post("/recherches/vues")
@members_only
def mark_seen() -> ResponseReturnValue:
    """Mark everything that the member's searches have found until now as seen."""
    members_store().mark_seen(member().key)
    return redirect(url_for("keeping.searches"), 303)


@blueprint.get("/recherches/<int(max=999999999):search_id>")
@members_only
def search(search_id: int) -> ResponseReturnValue:
    """Show the new resources of one saved search."""
    return _show(_own(search_id), token=None)


@blueprint.post("/recherches/<int(max=999999999):search_id>")
@members_only
def change_search(search_id: int) -> ResponseReturnValue:
    """Rename or delete a saved search, open or close its feed, or choose how often its news are mailed (`action`:
    rename, delete, open-feed, close-feed, mail).
    """
    saved = _own(search_id)
    anchor = None
    match request.form.get("action"):
        case "rename":
            name = one_line(request.form.get("name", ""))
            if name:
                members_store().rename(saved, name)
        case "delete":
            members_store().delete(saved)
            flash(typeset(f"Vous ne suivez plus {quoted(saved.name)}."), "done")
            return redirect(url_for("keeping.searches"), 303)
        case "open-feed":
            # Shown only in this response, since only a hash is stored.
            return _show(saved, token=open_feed(site().stores, member(), saved))
        case "close-feed":
            close_feed(site().stores, member(), saved)
        case "mail":
            flash(_choose_mail(saved, request.form.get("mail", "")), "mail")
            anchor = "courriel"
        case _:
            abort(400)
    return redirect(url_for("keeping.search", search_id=search_id, _anchor=anchor), 303)


@blueprint.get("/recherches/flux/<token>")
def feed(token: str) -> ResponseReturnValue:
    """Return the private feed of a saved search: resources found since it was saved. The token in the address gives
    access.
    """
    found = rights.by_feed(site().stores, token)
    if found is None:
        abort(404)
    account, saved = found
    refresh(members_store(), site().engine, saved, account.role)
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
    found = members_store().search(member().key, search_id)
    if found is None:
        abort(404)
    return found


def _choose_mail(saved: SavedSearch, frequency: str) -> str:
    """Record how often news of a search are mailed (`frequency` of the form), and return the French message to show."""
    if frequency and (site().settings.mail is None or frequency not in set(Frequency)):
        abort(400)
    chosen = Frequency(frequency) if frequency else None
    members_store().set_mail(saved, chosen)
    if chosen is None:
        return typeset("C’est noté : aucun courriel ne vous sera envoyé sur cette recherche.")
    return typeset(f"C’est noté : ce qui est nouveau vous sera envoyé {FREQUENCIES[chosen]}.")


def _show(saved: SavedSearch, *, token: str | None) -> ResponseReturnValue:
    account = member()
    refresh(members_store(), site().engine, saved, account.role)
    members_store().visit(saved)
    current = _own(saved.id)
    ids = [finding.resource for finding in members_store().fresh(current, MOST_SHOWN)]
    return render_template(
        "members/saved_search.html",
        search=current,
        path=url_for("pages.search") + (f"?{current.arguments}" if current.arguments else ""),
        name=params.title_of(request_of(current.arguments, account.role)),
        resources=list(resources(ids, account.role)),
        feed_address=absolute("keeping.feed", token=token) if token else None,
        has_feed=rights.has_feed(account, current),
        mails=site().settings.mail is not None,
        private_titles=site().settings.mail_private_titles,
    )


def _instant(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
