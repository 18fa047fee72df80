"""Management of accounts by staff. Staff never know a password: each person sets it with a link, which a mail brings
or, without a mail server, the page shows once.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from search_app.accounts.links import INVITATION_DAYS, RESET_HOURS
from search_app.accounts.recovery import Invited, invite, may_have_link, send_link
from search_app.errors import AccountError
from search_app.messages import said, typeset
from search_app.staff.desk import actor, blueprint
from search_app.web.context import site
from search_app.web.urls import absolute

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
    """Create an account without a password, and invite its owner to set one."""
    email, role = request.form.get("email", ""), request.form.get("role", "")
    try:
        invited = invite(site().stores, email, role, actor=actor(), by_mail=_by_mail())
    except AccountError as error:
        return _page(error=said(error), email=email), 400
    return _page(invited=invited)


@blueprint.post("/comptes/changer")
def change_account() -> ResponseReturnValue:
    """Change the role of an account, disable or enable it, or give its owner a link to set a password (`action`:
    member, staff, disable, enable, link).
    """
    account = site().accounts.get(request.form.get("email", ""))
    if account is None:
        abort(404)
    action = request.form.get("action", "")
    if account.email == actor():
        return _page(error=_NOT_YOURSELF), 400
    if action == "link":
        try:
            return _page(invited=send_link(site().stores, account.email, actor=actor(), by_mail=_by_mail()))
        except AccountError as error:
            return _page(error=said(error)), 400
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


def _page(*, error: str | None = None, email: str = "", invited: Invited | None = None) -> str:
    return render_template(
        "staff/accounts.html",
        accounts=site().accounts.all(),
        me=actor(),
        error=error,
        email=email,
        invited=invited,
        link=None if invited is None or invited.token is None else absolute("recovery.choose", token=invited.token),
        may_have_link=may_have_link,
        days=INVITATION_DAYS,
        hours=RESET_HOURS,
    )


def _by_mail() -> bool:
    return site().settings.mail is not None
