"""Sign-in with a password: throttled, checked and recorded."""

from __future__ import annotations

from dataclasses import dataclass

from search_app.accounts import rights
from search_app.accounts.audit import UNKNOWN
from search_app.accounts.email_address import email_unseen, key_of, unseen_character
from search_app.accounts.rights import AccessStores
from search_app.accounts.store import Account
from search_app.messages import typeset

_FAILED = "Adresse ou mot de passe incorrect."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt to sign in failed.

    Attributes:
        text: French sentence, which does not depend on whether the account exists.
        status: HTTP status.
        wait: seconds before the next attempt.
    """

    text: str
    status: int
    wait: int


def try_password(stores: AccessStores, email: str, password: str, address: str) -> Account | Refusal:
    """Return the account if the password is right, else the reason for the refusal.

    An account that does not exist is handled exactly like one that does (counting, hashing, lookup, recording), so that
    the time taken is the same.

    Args:
        stores: accounts, throttle and audit log.
        email: as typed.
        password: as typed.
        address: network address of the client.

    Raises:
        StoreError: one of the files cannot be used; nobody can sign in.
    """
    attempt = stores.throttle.begin(key_of(email), address)
    if attempt.wait:
        if attempt.first:
            _note(stores, "sign-in-blocked", email, address)
        return Refusal(_sign_in_blocked(attempt.wait), 429, attempt.wait)
    account = rights.by_password(stores, email, password)
    if account is None:
        _note(stores, "sign-in-failed", email, address)
        wait = stores.throttle.wait_after(attempt)
        # This depends only on the text typed, so it says nothing about whether the account exists.
        unseen = unseen_character(email)
        text = _sign_in_failed(wait) + (f" {email_unseen(ord(unseen))}" if unseen else "")
        return Refusal(text, 403, wait)
    stores.throttle.succeeded(attempt)
    return account


def _note(stores: AccessStores, action: str, email: str, address: str) -> None:
    # Only the address of an existing account is recorded: text typed in that field may be a password.
    account = stores.accounts.get(email)
    stores.audit.record(
        action, UNKNOWN, f"origin {stores.throttle.origin(address)}", subject=account.email if account else ""
    )


def _sign_in_failed(wait: int) -> str:
    """Return the French message for a wrong address or password, with the seconds to wait before the next attempt."""
    return _FAILED if not wait else typeset(f"{_FAILED} Prochain essai possible dans {_duration(wait)}.")


def _sign_in_blocked(wait: int) -> str:
    """Return the French message for too many attempts. It says nothing about the account, which was not looked up."""
    return typeset(
        f"Trop d’essais : par sécurité, celui-ci n’a pas été examiné. Réessayez dans {_duration(wait)} ; "
        "si vous avez oublié le mot de passe, adressez-vous à l’équipe du réseau."
    )


def _duration(seconds: int) -> str:
    """Return a duration in French words, in seconds or, from a minute, in minutes rounded up."""
    if seconds < 60:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
