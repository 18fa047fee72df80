"""What an account may do now. Every way of access asks this module each time: session, password, token, feed, job.

Each way has its own credential (a secret, a password, a name) and its own expiry. They share `Account.active`: an
account that is disabled, or whose role the sign-on provider revoked, gives no access. The role is always the current
role of the account, never the one at the time when a token was created or a job was requested.
"""

from __future__ import annotations

from typing import Protocol

from indexer.resource import Audience
from search_app.accounts.audit import Audit
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Account, Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.members import MembersStore, SavedSearch


class AccessStores(Protocol):
    """The stores that access decisions need; `search_app.stores.Stores` implements it."""

    @property
    def accounts(self) -> Accounts:
        """Return the accounts."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Return the sessions."""
        ...

    @property
    def tokens(self) -> Tokens:
        """Return the API tokens."""
        ...

    @property
    def throttle(self) -> Throttle:
        """Return the count of failed sign-ins."""
        ...

    @property
    def audit(self) -> Audit:
        """Return the audit log."""
        ...

    @property
    def members(self) -> MembersStore:
        """Return the members' store, since private feeds give access too."""
        ...


def by_session(stores: AccessStores, secret: str) -> Account | None:
    """Return the account of a session, or None if the secret gives no access.

    Raises:
        StoreError: the accounts cannot be read.
    """
    session = stores.sessions.find(secret)
    if session is None or session.expired:
        return None
    account = _acting(stores, session.account)
    return account if account is not None and account.epoch == session.epoch else None


def by_password(stores: AccessStores, email: str, password: str) -> Account | None:
    """Return the account if the password is right and the account is active, else None; the time taken is the same.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = stores.accounts.verify(email, password)
    return account if account is not None and account.active else None


def by_token(stores: AccessStores, secret: str) -> Account | None:
    """Return the account of an API token, and record the day of its use; None if the token gives no access.

    Raises:
        StoreError: the accounts cannot be read.
    """
    found = stores.tokens.find(secret)
    if found is None or found.token.expired:
        return None
    account = _acting(stores, found.account)
    if account is not None:
        stores.tokens.note_use(found.token)
    return account


def by_feed(stores: AccessStores, secret: str) -> tuple[Account, SavedSearch] | None:
    """Return the account and the saved search of a private feed, and record the day of its use; None if it gives no
    access.

    Raises:
        StoreError: the accounts or the members' store cannot be read.
    """
    search = stores.members.by_token(secret)
    if search is None:
        return None
    account = _acting(stores, search.account)
    if account is None or not has_feed(account, search):
        return None
    stores.members.note_feed_use(search)
    return account, search


def has_feed(account: Account, search: SavedSearch) -> bool:
    """Return whether the private feed of a search is valid: not ended together with all feeds of the account, and not
    expired.
    """
    return search.feed is not None and search.feed.epoch == account.feed_epoch and not search.feed.expired


def may_work(stores: AccessStores, email: str) -> bool:
    """Return whether a job requested by the account with this address may run now.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = stores.accounts.get(email)
    return account is not None and account.active and account.role is Audience.STAFF


def _acting(stores: AccessStores, key: str) -> Account | None:
    account = stores.accounts.by_key(key)
    return account if account is not None and account.active else None
