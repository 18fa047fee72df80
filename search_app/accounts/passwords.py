"""One try at a password: throttled, checked, noted."""

from __future__ import annotations

from dataclasses import dataclass

from search_app.accounts import rights
from search_app.accounts.audit import UNKNOWN
from search_app.accounts.email_address import key_of, unseen_character
from search_app.accounts.store import Account
from search_app.messages import access as messages
from search_app.stores import Access


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a try failed.

    Attributes:
        text: French sentence; nothing in it depends on whether the account exists.
        status: HTTP status.
        wait: seconds before the next try.
    """

    text: str
    status: int
    wait: int


def try_password(access: Access, email: str, password: str, address: str) -> Account | Refusal:
    """The account if the password is right.

    For an account that does not exist all is done as for one that does: counted, hashed, looked up, noted.

    Args:
        access: accounts, throttle and audit log.
        email: as typed.
        password: as typed.
        address: network address of the one who tries.

    Raises:
        AccountError: one of the files cannot be used; nobody is let in.
    """
    attempt = access.throttle.begin(key_of(email), address)
    if attempt.wait:
        if attempt.first:
            _note(access, "sign-in-blocked", email, address)
        return Refusal(messages.sign_in_blocked(attempt.wait), 429, attempt.wait)
    account = rights.by_password(access, email, password)
    if account is None:
        _note(access, "sign-in-failed", email, address)
        wait = access.throttle.wait_after(attempt)
        # Of what was typed, and not of an account: it is said whether there is one or not.
        unseen = unseen_character(email)
        text = messages.sign_in_failed(wait) + (f" {messages.email_unseen(ord(unseen))}" if unseen else "")
        return Refusal(text, 403, wait)
    access.throttle.succeeded(attempt)
    return account


def _note(access: Access, action: str, email: str, address: str) -> None:
    # Only an account's own address is noted: what is typed in that box may be a password.
    account = access.accounts.get(email)
    access.audit.record(
        action, UNKNOWN, f"origin {access.throttle.origin(address)}", subject=account.email if account else ""
    )
