"""The account page of a signed-in person: password, signing out everywhere, tokens and private feeds."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Audience
from search_app.about.models import audit_sentence
from search_app.accounts import TOKEN_DAYS
from search_app.accounts.password_policy import MIN_PASSWORD, check_new_password
from search_app.accounts.passwords import Refusal, try_password
from search_app.accounts.sessions import begin_session, current_account, wait_header
from search_app.accounts.store import Account
from search_app.accounts.tokens import MAX_LABEL
from search_app.errors import AccountError
from search_app.members import FEED_DAYS, SavedSearch
from search_app.members.private_feeds import close_feed, feeds_of, open_feed
from search_app.messages import said, typeset
from search_app.web.context import site
from search_app.web.urls import absolute

_DONE: Mapping[str, str] = {
    "mot-de-passe": typeset("Le mot de passe est changé ; les autres sessions et les flux privés sont fermés."),
    "jeton-revoque": "Le jeton est révoqué.",
    "flux-termine": "Ce flux privé n’existe plus.",
}
_ROLES: Mapping[Audience, str] = {Audience.MEMBER: "adhérent", Audience.STAFF: "équipe"}
_PASSWORDS_DIFFER = typeset("Les deux nouveaux mots de passe diffèrent : recommencez.")
_CURRENT_IS_ANOTHER = "Le mot de passe actuel n’est pas celui-ci."


blueprint = Blueprint("account", __name__, url_prefix="/compte")


@blueprint.before_request
def signed_in() -> ResponseReturnValue | None:
    """Before each request, redirect people who are not signed in to the sign-in form; return None for others."""
    if current_account() is None:
        return redirect(url_for("auth.sign_in", next=url_for("account.page")), 303)
    return None


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show the account page."""
    return _page(notice=_DONE.get(request.args.get("fait", "")))


@blueprint.post("/mot-de-passe")
def change_password() -> ResponseReturnValue:
    """Change the password; all other sessions and all private feeds end, this session continues."""
    account = _own()
    new = request.form.get("new", "")
    try:
        check_new_password(new, account.email)
    except AccountError as error:
        return _page(error=("new", said(error))), 400
    if new != request.form.get("again", ""):
        return _page(error=("again", _PASSWORDS_DIFFER)), 400
    # The current password is required and throttled, so that someone who finds an open session cannot take over the
    # account.
    found = try_password(site().stores, account.email, request.form.get("current", ""), request.remote_addr or "")
    if isinstance(found, Refusal):
        text = _CURRENT_IS_ANOTHER if found.status == 403 else found.text
        return _page(error=("current", text)), found.status, wait_header(found)
    with site().audit.recording("account-password", account.email):
        changed = site().accounts.set_password(account.email, new)
    begin_session(changed)
    return redirect(url_for("account.page", fait="mot-de-passe"), 303)


@blueprint.post("/deconnexion-partout")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions of this account, including this one, and all its private feeds."""
    account = _own()
    with site().audit.recording("sign-out-everywhere", account.email):
        site().accounts.end_sessions(account.email)
    session.clear()
    return redirect(url_for("auth.sign_in", fait="partout"), 303)


@blueprint.post("/jetons")
def make_token() -> ResponseReturnValue:
    """Create a token, and show it once."""
    account = _own()
    try:
        with site().audit.recording("token-made", account.email):
            token = site().stores.tokens.make(account.email, request.form.get("label", ""))
    except AccountError as error:
        return _page(error=("label", said(error))), 400
    return _page(token=token)


@blueprint.post("/jetons/revocation")
def revoke_token() -> ResponseReturnValue:
    """Revoke a token; it is no error if it no longer exists."""
    account, number = _own(), request.form.get("number", type=int)
    if number in {token.number for token in site().stores.tokens.of(account.email)}:
        with site().audit.recording("token-revoked", account.email, f"token {number}"):
            site().stores.tokens.revoke(account.email, number)
    return redirect(url_for("account.page", fait="jeton-revoque"), 303)


@blueprint.post("/flux/renouvellement")
def renew_feed() -> ResponseReturnValue:
    """Give a private feed a new address, and show it once."""
    search = _feed()
    if search is None:
        return redirect(url_for("account.page", fait="flux-termine"), 303)
    return _page(feed=search, address=absolute("keeping.feed", token=open_feed(site().stores, _own(), search)))


@blueprint.post("/flux/suppression")
def end_feed() -> ResponseReturnValue:
    """End a private feed; it is no error if it has ended already."""
    search = _feed()
    if search is not None:
        close_feed(site().stores, _own(), search)
    return redirect(url_for("account.page", fait="flux-termine"), 303)


def _feed() -> SavedSearch | None:
    """Return the saved search of this account whose feed the form names, or None if there is no such feed."""
    number = request.form.get("search", type=int)
    return next((search for search in feeds_of(site().stores, _own()) if search.id == number), None)


def _own() -> Account:
    account = current_account()
    assert account is not None, "`signed_in` lets nobody else in"  # noqa: S101
    return account


def _page(
    *,
    notice: str | None = None,
    error: tuple[str, str] | None = None,
    token: str | None = None,
    feed: SavedSearch | None = None,
    address: str | None = None,
) -> str:
    account = _own()
    return render_template(
        "accounts/account.html",
        role=_ROLES[account.role],
        tokens=site().stores.tokens.of(account.email),
        token=token,
        feeds=feeds_of(site().stores, account),
        renewed=feed,
        feed_address=address,
        feed_days=FEED_DAYS,
        notice=notice,
        error_field=error[0] if error else None,
        error=error[1] if error else None,
        min_password=MIN_PASSWORD,
        max_label=MAX_LABEL,
        days=TOKEN_DAYS,
        kept_of_actions=audit_sentence(site().settings.audit_days),
    )
