"""The pages of a forgotten password, and of the links that set one.

A request for a link only writes the address to the queue of mails; whether the address has an account is looked up when
mails are sent. So neither the response nor the time that it takes tells whether there is an account.
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app.accounts import rights
from search_app.accounts.email_address import canonical
from search_app.accounts.links import RESET_HOURS
from search_app.accounts.password_policy import MIN_PASSWORD
from search_app.accounts.recovery import set_password_by_link
from search_app.accounts.sessions import ADDRESS
from search_app.errors import AccountError
from search_app.mail import OrderKind, TooManyRequestsError
from search_app.messages import said, typeset
from search_app.web.context import site

blueprint = Blueprint("recovery", __name__)

_DIFFER = typeset("Les deux mots de passe diffèrent : recommencez.")


@blueprint.get("/mot-de-passe")
def forgotten() -> ResponseReturnValue:
    """Show the form for a forgotten password, or whom to ask if the site sends no mails."""
    return _form(done="fait" in request.args)


@blueprint.post("/mot-de-passe")
def ask() -> ResponseReturnValue:
    """Order a mail with a link, which is sent if the address turns out to have an account."""
    typed = request.form.get("email", "")
    if site().settings.mail is None:
        return _form(), 404
    try:
        email = canonical(typed)
    except AccountError as error:
        return _form(email=typed, error=said(error)), 400
    try:
        site().stores.mails.request(OrderKind.RESET, email, address=request.remote_addr or "")
    except TooManyRequestsError as error:
        return _form(email=typed, error=said(error)), 429, {"Retry-After": str(error.wait)}
    return redirect(url_for("recovery.forgotten", fait="demande"), 303)


@blueprint.get("/mot-de-passe/<token>")
def choose(token: str) -> ResponseReturnValue:
    """Show the form that sets a password. This does not use up the link, since mail scanners open links too."""
    return _choice(token)


@blueprint.post("/mot-de-passe/<token>")
def set_password(token: str) -> ResponseReturnValue:
    """Set the password; all sessions of the account end, and the person is led to the sign-in form."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _choice(token, error=("again", _DIFFER))
    owner = rights.by_link(site().stores, token)
    invited = owner is not None and not owner.has_password
    try:
        email = set_password_by_link(site().stores, token, new).email
    except AccountError as error:
        return _choice(token, error=("new", said(error)))
    flash(email, ADDRESS)
    return redirect(url_for("auth.sign_in", fait="bienvenue" if invited else "mot-de-passe"), 303)


def _form(*, email: str = "", error: str | None = None, done: bool = False) -> str:
    return render_template(
        "accounts/forgotten.html",
        mails=site().settings.mail is not None,
        email=email,
        error=error,
        done=done,
        hours=RESET_HOURS,
    )


def _choice(token: str, *, error: tuple[str, str] | None = None) -> Response:
    account = rights.by_link(site().stores, token)
    page = render_template(
        "accounts/choose_password.html",
        owner=account,
        token=token,
        error_field=error[0] if error else None,
        error=error[1] if error else None,
        min_password=MIN_PASSWORD,
        mails=site().settings.mail is not None,
    )
    status = 404 if account is None else 400 if error else 200
    response = Response(page, status)
    if account is not None:
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    return response
