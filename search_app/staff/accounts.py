"""Management of accounts by staff. Staff never choose a password for someone: one is generated, and shown once."""

from __future__ import annotations

import secrets

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app.accounts.email_address import key_of
from search_app.accounts.store import Account
from search_app.errors import AccountError
from search_app.messages import said, typeset
from search_app.staff.desk import actor, blueprint
from search_app.web.context import site

_PASSWORD_BYTES = 12
_NOT_YOURSELF = typeset(
    "On ne change pas ici son propre rôle, et on ne ferme pas son propre compte : "
    "demandez à quelqu’un d’autre de l’équipe."
)


@blueprint.get("/comptes")
def account_list() -> ResponseReturnValue:
    """Show all accounts."""
    return _page()


@blueprint.post("/comptes")
def add_account() -> ResponseReturnValue:
    """Create an account, and show its generated password once."""
    email, role, password = request.form.get("email", ""), request.form.get("role", ""), _password()
    try:
        with site().audit.recording("account-added", actor(), role, subject=key_of(email)):
            account = site().accounts.add(email, role, password)
    except AccountError as error:
        return _page(error=said(error), email=email), 400
    return _page(made=account, password=password)


@blueprint.post("/comptes/changer")
def change_account() -> ResponseReturnValue:
    """Change the role of an account, disable or enable it, or generate a new password."""
    account = site().accounts.get(request.form.get("email", ""))
    if account is None:
        abort(404)
    action = request.form.get("action", "")
    if account.email == actor() and action != "password":
        return _page(error=_NOT_YOURSELF), 400
    if action == "password":
        password = _password()
        with site().audit.recording("account-password", actor(), subject=account.email):
            account = site().accounts.set_password(account.email, password)
        return _page(made=account, password=password)
    if action in {"member", "staff"}:
        with site().audit.recording("account-role", actor(), action, subject=account.email):
            site().accounts.set_role(account.email, action)
    elif action in {"disable", "enable"}:
        with site().audit.recording(f"account-{action}d", actor(), subject=account.email):
            site().accounts.set_disabled(account.email, action == "disable")
    else:
        abort(400)
    flash(typeset("Le compte est modifié ; ses sessions ouvertes sont terminées."), "done")
    return redirect(url_for("staff.account_list"), 303)


def _page(
    *, error: str | None = None, email: str = "", made: Account | None = None, password: str | None = None
) -> str:
    return render_template(
        "staff/accounts.html",
        accounts=site().accounts.all(),
        me=actor(),
        error=error,
        email=email,
        made=made,
        password=password,
    )


def _password() -> str:
    return secrets.token_urlsafe(_PASSWORD_BYTES)
