"""Invitations and forgotten passwords: who gets a link to set a password, and what the link does. Used by the site and
by the command line.
"""

from __future__ import annotations

from dataclasses import dataclass

from search_app.accounts import rights
from search_app.accounts.email_address import key_of
from search_app.accounts.links import LinkPurpose, no_link
from search_app.accounts.password_policy import check_new_password
from search_app.accounts.store import Account
from search_app.errors import AccountError
from search_app.mail import OrderKind
from search_app.messages import typeset
from search_app.stores import Stores


@dataclass(frozen=True, slots=True)
class Invited:
    """An account, and the link for its owner.

    Attributes:
        account: the account.
        token: token of the link, to be handed over now; None if a mail will bring it.
    """

    account: Account
    token: str | None


def invite(stores: Stores, email: str, role: str, *, actor: str, by_mail: bool) -> Invited:
    """Create an account without a password, and a link with which its owner sets one.

    Args:
        stores: the stores of the site.
        email: address of the new account.
        role: ``member`` or ``staff``.
        actor: address of the account that invites, or `COMMAND_LINE`.
        by_mail: whether a mail brings the link.

    Raises:
        AccountError: the address or role cannot be used, or the account exists.
        StoreError: a file cannot be written.
    """
    with stores.audit.recording("account-invited", actor, role, subject=key_of(email)):
        account = stores.accounts.add_invited(email, role)
    return _link(stores, account, by_mail=by_mail)


def send_link(stores: Stores, email: str, *, actor: str, by_mail: bool) -> Invited:
    """Make a link with which the owner of an existing account sets a password; the current password works until the
    owner sets another.

    Args:
        stores: the stores of the site.
        email: address of the account.
        actor: address of the account that asks for it, or `COMMAND_LINE`.
        by_mail: whether a mail brings the link.

    Raises:
        AccountError: there is no such account, it is not active, or it is opened by single sign-on.
        StoreError: a file cannot be written.
    """
    account = stores.accounts.get(email)
    if account is None or not may_have_link(account):
        raise AccountError(_no_link_for(key_of(email)))
    with stores.audit.recording("password-link", actor, subject=account.email):
        return _link(stores, account, by_mail=by_mail)


def may_have_link(account: Account) -> bool:
    """Return whether an account may get a link now: it is active, and is not opened by single sign-on alone."""
    return account.active and (account.has_password or not account.single_sign_on)


def purpose_for(account: Account) -> LinkPurpose:
    """Return the purpose of a link for an account: an invitation if it has no password, since it was never used."""
    return LinkPurpose.RESET if account.has_password else LinkPurpose.INVITATION


def set_password_by_link(stores: Stores, token: str, password: str) -> Account:
    """Set the password of the account of a link, which ends all of its sessions, and record it in the audit log.

    Raises:
        AccountError: the link is not valid, or the password cannot be used.
        StoreError: a file cannot be written.
    """
    account = rights.by_link(stores, token)
    if account is None:
        raise AccountError(no_link())
    # Checked before hashing the password, which is slow on purpose.
    check_new_password(password, account.email)
    with stores.audit.recording("password-by-link", account.email):
        stores.links.redeem(token, password, account.email)
    return account


def _link(stores: Stores, account: Account, *, by_mail: bool) -> Invited:
    if by_mail:
        # The link itself is made when the mail is sent, so that it is never stored.
        stores.mails.add(OrderKind.INVITATION, account.email)
        return Invited(account, None)
    return Invited(account, stores.links.make(account, purpose_for(account)))


def _no_link_for(email: str) -> str:
    return (
        typeset("Aucun lien pour")
        + f" {email}"
        + typeset(" : ce compte n’existe pas, est désactivé, ou s’ouvre par l’authentification unique.")
    )
