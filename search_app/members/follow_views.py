"""Routes for visitors who follow a search by e-mail, and for ending mails about a search, also those to members.

Programs that check mails for viruses request every address in them. So requesting a page changes nothing: following is
confirmed, and mails are ended, only by sending a form or by the POST request that RFC 8058 defines for mail programs.
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Audience
from search_app.accounts.email_address import canonical
from search_app.accounts.secret_key import session_secret
from search_app.errors import AccountError
from search_app.mail import OrderKind, TooManyRequestsError
from search_app.mail.addresses import EndTokens
from search_app.members import Frequency
from search_app.members.followers import UNCONFIRMED_HOURS
from search_app.members.refresh import ids_of, request_of
from search_app.members.views import FREQUENCIES, MAX_ARGUMENTS, members_store
from search_app.messages import said
from search_app.search import params
from search_app.web.context import site

blueprint = Blueprint("following", __name__)


def install(app: Flask) -> None:
    """Add the routes to an app."""
    app.register_blueprint(blueprint)
    # Mail programs send this form without session and CSRF token; the signed token in the address replaces both.
    app.extensions["csrf"].exempt(end_mails)


def visitors_may_follow() -> bool:
    """Return whether visitors may follow searches by e-mail on this site."""
    settings = site().settings
    return settings.mail is not None and settings.mail_visitors


@blueprint.get("/suivre")
def follow() -> ResponseReturnValue:
    """Show the form to follow, by e-mail, the search in the request's arguments."""
    _open()
    asked = params.without_page(params.salvage(request.args, Audience.VISITOR)[0])
    return _form(params.query_string(asked).removeprefix("?"))


@blueprint.post("/suivre")
def ask() -> ResponseReturnValue:
    """Have a mail sent that asks to confirm following a search. The response does not depend on whether the address is
    known.
    """
    _open()
    arguments, typed = request.form.get("arguments", ""), request.form.get("email", "")
    frequency = request.form.get("mail", "")
    if len(arguments) > MAX_ARGUMENTS or frequency not in set(Frequency):
        abort(400)
    done = redirect(url_for("following.asked"), 303)
    if request.form.get("site", ""):
        return done  # a field that no person sees: what fills it in is a program
    arguments = params.query_string(params.without_page(request_of(arguments, Audience.VISITOR))).removeprefix("?")
    try:
        email = canonical(typed)
    except AccountError as error:
        return _form(arguments, email=typed, frequency=frequency, error=said(error)), 400
    stores = site().stores
    key = stores.followers.ask(email, arguments, Frequency(frequency))
    try:
        stores.mails.request(OrderKind.CONFIRMATION, email, {"follower": key}, address=request.remote_addr or "")
    except TooManyRequestsError as error:
        stores.followers.delete(key)
        page = _form(arguments, email=typed, frequency=frequency, error=said(error))
        return page, 429, {"Retry-After": str(error.wait)}
    return done


@blueprint.get("/suivre/demande")
def asked() -> ResponseReturnValue:
    """Show a page which says that a mail will ask for a confirmation."""
    _open()
    return render_template("members/follow_asked.html", hours=UNCONFIRMED_HOURS)


@blueprint.get("/suivre/<token>")
def confirmation(token: str) -> ResponseReturnValue:
    """Show the page to which a confirmation mail links, with a button to confirm following the search."""
    return _confirmation(token)


@blueprint.post("/suivre/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Record that a visitor confirms following a search; resources that it finds now do not count as new."""
    _open()
    stores = site().stores
    follower = stores.followers.by_token(token)
    if follower is None:
        abort(404)
    if not follower.confirmed:
        asked = request_of(follower.arguments, Audience.VISITOR)
        found, generation = ids_of(site().engine, asked), site().engine.status().generation
        if stores.followers.confirm(follower):
            number = members_store().save(follower.key, params.title_of(asked), follower.arguments, found, generation)
            saved = members_store().by_id(number)
            if saved is not None:
                members_store().set_mail(saved, follower.frequency)
    return redirect(url_for("following.confirmation", token=token), 303)


@blueprint.get("/courriels/fin/<token>")
def end_page(token: str) -> ResponseReturnValue:
    """Show the page to which a mail about a search links, with a button to end such mails."""
    return _end_page(_search_of(token), token)


@blueprint.post("/courriels/fin/<token>")
def end_mails(token: str) -> ResponseReturnValue:
    """End mails about a search (RFC 8058); it is no error if they have ended already."""
    number = _search_of(token)
    saved = members_store().by_id(number)
    if saved is not None and not site().stores.followers.delete(saved.account):
        members_store().end_mail(number)
    return _end_page(number, token)


def _open() -> None:
    if not visitors_may_follow():
        abort(404)


def _confirmation(token: str) -> Response:
    _open()
    follower = site().stores.followers.by_token(token)
    if follower is None:
        abort(404)
    title = params.title_of(request_of(follower.arguments, Audience.VISITOR))
    return _unstored(render_template("members/follow_confirm.html", follower=follower, title=title, token=token))


def _search_of(token: str) -> int:
    number = EndTokens(partial(session_secret, site().settings.data)).read(token)
    if number is None:
        abort(404)
    return number


def _end_page(number: int, token: str) -> Response:
    saved = members_store().by_id(number)
    return _unstored(render_template("members/end_mails.html", ended=saved is None or saved.mail is None, token=token))


def _unstored(page: str) -> Response:
    """Return the response with an HTML page whose address has a secret token, so that caches and search engines do not
    store it.
    """
    response = Response(page)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _form(arguments: str, *, email: str = "", frequency: str = Frequency.WEEKLY, error: str | None = None) -> str:
    return render_template(
        "members/follow.html",
        arguments=arguments,
        title=params.title_of(request_of(arguments, Audience.VISITOR)),
        email=email,
        frequency=frequency,
        frequencies=FREQUENCIES,
        error=error,
        hours=UNCONFIRMED_HOURS,
    )
