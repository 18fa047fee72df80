"""Code that the members' pages share: their blueprint, and checks of who may see the pages and resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Audience, Resource
from search_app.accounts.sessions import current_account
from search_app.accounts.store import Account
from search_app.web.context import site
from search_app.web.templating import here

blueprint = Blueprint("keeping", __name__)


def members_only(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Decorate a view so that readers who are not signed in are redirected to the sign-in page."""

    @wraps(view)
    def guarded(**arguments: str | int) -> ResponseReturnValue:
        if current_account() is None:
            back = here() if request.method in {"GET", "HEAD"} else None
            return redirect(url_for("auth.sign_in", next=back), 303)
        return view(**arguments)

    return guarded


def member() -> Account:
    """Return the account of the signed-in member; respond with 404 if nobody is signed in."""
    account = current_account()
    if account is None:
        abort(404)
    return account


def resources(ids: Sequence[str], reader: Audience) -> Iterator[Resource]:
    """Yield the resources with the given ids that a reader may see, in order.

    Raises:
        EngineError: the engine cannot answer.
    """
    for resource_id in ids:
        found = site().engine.get(resource_id, audience=reader)
        if found is not None:
            yield found
