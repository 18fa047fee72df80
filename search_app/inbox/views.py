"""The forms with which readers write to staff: « Signaler une erreur » on a resource, and « Contact »."""

from __future__ import annotations

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Resource
from search_app.about.store import CONTACT
from search_app.about.views import shown_text
from search_app.accounts.email_address import canonical
from search_app.accounts.sessions import audience, current_account
from search_app.control_characters import CONTROLS_BUT_SPACES, DIRECTION_MARKS
from search_app.errors import AccountError
from search_app.inbox.store import MAX_TEXT, TooManyMessagesError
from search_app.messages import said, typeset
from search_app.web.context import site
from search_app.web.urls import absolute

blueprint = Blueprint("inbox", __name__)

_UNSEEN = re.compile(f"[{CONTROLS_BUT_SPACES}{DIRECTION_MARKS}]")
_EMPTY = typeset("Votre message est vide : écrivez ce qui ne va pas, puis envoyez-le.")
_TOO_LONG = typeset(f"Votre message dépasse {MAX_TEXT} caractères : raccourcissez-le, puis envoyez-le.")
_ADDRESS = typeset("Corrigez votre adresse électronique, ou effacez-la : elle est facultative.")


@blueprint.get("/ressources/<resource_id>/signaler")
def report(resource_id: str) -> ResponseReturnValue:
    """Show the form to report an error about a resource."""
    return _form(_resource(resource_id), email=_own_address())


@blueprint.post("/ressources/<resource_id>/signaler")
def send_report(resource_id: str) -> ResponseReturnValue:
    """Store a message that reports an error about a resource."""
    return _send(_resource(resource_id))


@blueprint.get("/contact")
def contact() -> ResponseReturnValue:
    """Show how to reach the team, and the form."""
    return _form(None, email=_own_address())


@blueprint.post("/contact")
def send_message() -> ResponseReturnValue:
    """Store a message that was sent with the contact form."""
    return _send(None)


@blueprint.get("/contact/recu")
def received() -> ResponseReturnValue:
    """Show that a message was received, with a link back to the resource that the argument `ressource` names."""
    wanted = request.args.get("ressource", "")
    found = site().engine.get(wanted, audience=audience()) if wanted else None
    return render_template("inbox/received.html", resource=found)


def _resource(resource_id: str) -> Resource:
    found = site().engine.get(resource_id, audience=audience())
    if found is None:
        abort(404)
    return found


def _own_address() -> str:
    account = current_account()
    return account.email if account is not None else ""


def _send(resource: Resource | None) -> ResponseReturnValue:
    text = _UNSEEN.sub("", request.form.get("message", "").replace("\r\n", "\n")).strip()
    typed = request.form.get("email", "")
    done = redirect(url_for("inbox.received", ressource=None if resource is None else resource.id), 303)
    if request.form.get("site", ""):
        return done  # a field that no person sees: what fills it in is a program
    if not text:
        return _form(resource, text=text, email=typed, error=_EMPTY, wrong="message"), 400
    if len(text) > MAX_TEXT:
        return _form(resource, text=text, email=typed, error=_TOO_LONG, wrong="message"), 400
    try:
        email = canonical(typed) if typed.strip() else None
    except AccountError:
        return _form(resource, text=text, email=typed, error=_ADDRESS, wrong="email"), 400
    try:
        site().stores.inbox.add(
            text, resource=resource.id if resource else None, email=email, address=request.remote_addr or ""
        )
    except TooManyMessagesError as error:
        page = _form(resource, text=text, email=typed, error=said(error))
        return page, 429, {"Retry-After": str(error.wait)}
    return done


def _form(
    resource: Resource | None, *, text: str = "", email: str = "", error: str | None = None, wrong: str = ""
) -> str:
    return render_template(
        "inbox/form.html",
        resource=resource,
        introduction=shown_text(CONTACT) if resource is None else None,
        text=text,
        email=email,
        error=error,
        wrong=wrong,
        most=MAX_TEXT,
        canonical=absolute("inbox.contact"),
    )
