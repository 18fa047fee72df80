"""Messages of readers, for staff to deal with."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.engine import Engine
from indexer.errors import IndexMissingError
from indexer.resource import Audience, Resource
from search_app.inbox import Inbox, Message
from search_app.messages import typeset
from search_app.staff.desk import actor, blueprint, record
from search_app.web.context import site

_MOST_OPEN, _MOST_CLOSED = 200, 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, and the resource that it is about; None if it is about none, or if the resource is no longer there."""

    message: Message
    resource: Resource | None


@blueprint.get("/messages")
def message_list() -> ResponseReturnValue:
    """Show the messages that staff have to deal with, and the latest ones that they dealt with."""
    inbox = _inbox()
    return render_template(
        "staff/messages.html",
        total=inbox.open_count(),
        open=_entries(inbox.messages(closed=False, limit=_MOST_OPEN)),
        closed=_entries(inbox.messages(closed=True, limit=_MOST_CLOSED)),
        days=site().settings.inbox_days,
    )


@blueprint.post("/messages/<int:number>")
def change_message(number: int) -> ResponseReturnValue:
    """Close, reopen or delete a message (`action`: close, reopen, delete)."""
    inbox = _inbox()
    match request.form.get("action"):
        case "close":
            done, said = inbox.close(number, actor()), "Le message est rangé parmi les messages traités."
        case "reopen":
            done, said = inbox.reopen(number), "Le message est de nouveau à traiter."
        case "delete":
            done, said = inbox.delete(number), "Le message est effacé."
        case _:
            abort(400)
    if done:
        record(f"message-{request.form['action']}", str(number))
        flash(typeset(said), "done")
    else:
        flash(typeset("Ce message a été traité, rouvert ou effacé entre-temps par quelqu’un d’autre."), "error")
    return redirect(url_for("staff.message_list"), 303)


def _inbox() -> Inbox:
    return site().stores.inbox


def _entries(messages: tuple[Message, ...]) -> list[Entry]:
    engine = site().engine
    return [Entry(message, _about(engine, message.resource)) for message in messages]


def _about(engine: Engine, resource_id: str | None) -> Resource | None:
    if resource_id is None:
        return None
    try:
        return engine.get(resource_id, audience=Audience.STAFF)
    except IndexMissingError:
        return None
