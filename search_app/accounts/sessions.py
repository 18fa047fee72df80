"""Signing in and out, and the account of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, g, get_flashed_messages, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Audience
from search_app.accounts import rights
from search_app.accounts.passwords import Refusal, try_password
from search_app.accounts.store import Account
from search_app.messages import typeset
from search_app.web.context import site

blueprint = Blueprint("auth", __name__)

_SESSION = "id"
"""Key, in the signed session cookie, of the secret that identifies the session."""

_DONE: Mapping[str, str] = {
    "mot-de-passe": typeset("Votre mot de passe est enregistré ; les sessions ouvertes sont fermées. Connectez-vous."),
    "bienvenue": typeset("Votre mot de passe est enregistré : connectez-vous."),
    "partout": "Toutes vos sessions sont fermées, celle-ci comprise.",
}
ADDRESS = "address"
"""Category of flashed messages that hold an e-mail address, to fill in the sign-in form that is shown next."""
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_MAX_NEXT = 2000


def current_account() -> Account | None:
    """Return the account for this request, from the API token or the session; None for a visitor.

    Raises:
        StoreError: accounts cannot be read. Further calls in the same request return None, so that the error page can
            be shown.
    """
    if "account" not in g:
        g.account = None
        g.account = _account_of_session()
    account: Account | None = g.account
    return account


def audience() -> Audience:
    """Return the audience of this request, which every call of the engine needs."""
    account = current_account()
    return Audience.VISITOR if account is None else account.role


def safe_next(target: str | None) -> str:
    r"""Return `target` if it is an address of this site to which a redirect is safe, else the address of the search
    page.

    Browsers take ``//host`` and ``/\\host`` for another site, and remove control characters first.
    """
    home = url_for("pages.search")
    if not target or len(target) > _MAX_NEXT or not target.startswith("/") or _UNSAFE.search(target):
        return home
    try:
        parts = urlsplit(target)
    except ValueError:
        return home
    if parts.scheme or parts.netloc or target.startswith("//"):
        return home
    # Redirecting to the sign-in or sign-out page makes no sense.
    if parts.path.startswith(url_for("auth.sign_in")) or parts.path == url_for("auth.sign_out"):
        return home
    return target


@blueprint.get("/connexion")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form."""
    target = safe_next(request.args.get("next"))
    if current_account() is not None:
        return redirect(target, 303)
    known = get_flashed_messages(category_filter=[ADDRESS])
    return sign_in_page(target, email=str(known[-1]) if known else "", notice=_DONE.get(request.args.get("fait", "")))


@blueprint.post("/connexion")
def open_session() -> ResponseReturnValue:
    """Sign in; a wrong address and a wrong password get the same response in the same time."""
    target = safe_next(request.form.get("next"))
    email = request.form.get("email", "")
    found = try_password(site().stores, email, request.form.get("password", ""), request.remote_addr or "")
    if isinstance(found, Refusal):
        return *sign_in_page(target, email=email, error=found.text, status=found.status), wait_header(found)
    site().audit.record("sign-in", found.email)
    begin_session(found)
    return redirect(target, 303)


def wait_header(refusal: Refusal) -> dict[str, str]:
    """Return the Retry-After header for an attempt that came too early; empty for one refused for another reason."""
    return {"Retry-After": str(refusal.wait)} if refusal.status == 429 else {}


def sign_in_page(
    target: str, *, email: str = "", error: str | None = None, notice: str | None = None, status: int = 200
) -> tuple[str, int]:
    """Return the sign-in page and its HTTP status.

    Args:
        target: address of this site to which signing in leads.
        email: address already filled in.
        error: why the attempt failed (French).
        notice: what was just done (French), such as a change of password.
        status: HTTP status.
    """
    sign_on = site().settings.sign_on
    page = render_template(
        "accounts/sign_in.html",
        next=target,
        sign_in_next=target,
        email=email,
        error=error,
        notice=notice,
        mails=site().settings.mail is not None,
        sign_on=sign_on.name if sign_on else None,
    )
    return page, status


@blueprint.post("/deconnexion")
def sign_out() -> ResponseReturnValue:
    """Sign out: the session ends on the server, so that copies of its cookie become useless too."""
    account, secret = current_account(), _secret()
    if account is not None and secret is not None:
        with site().audit.recording("sign-out", account.email):
            site().stores.sessions.end(secret)
    session.clear()
    return redirect(url_for("pages.search"), 303)


def begin_session(account: Account) -> None:
    """Begin a session of an account, and end the current one, of which nothing is kept, not even the CSRF token.

    Raises:
        StoreError: the session cannot be stored; nobody is signed in.
    """
    secret = site().stores.sessions.begin(account, instead_of=_secret())
    session.clear()
    session.permanent = True
    session[_SESSION] = secret
    g.account = account


def carries_session() -> bool:
    """Return whether the cookie holds a session secret, valid or not."""
    return _SESSION in session


def _secret() -> str | None:
    secret = session.get(_SESSION)
    return secret if isinstance(secret, str) else None


def _account_of_session() -> Account | None:
    secret = _secret()
    return None if secret is None else rights.by_session(site().stores, secret)
