"""What an account may do now. Whatever lets someone in asks here, each time: session, password, token, feed, job.

Each way has its own proof (a secret, a password, a name) and its own end; what they share stands in `Account.active`:
an account that is disabled, or whose role the sign-on provider took away, opens nothing. The role is always that which
the account has now, never one that was noted when a token was made or a job was asked for.
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
    """The stores that decide on a person; `search_app.stores.Stores` has them."""

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
        """Return the tokens of the API."""
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
        """Return what members keep: their private feeds let in too."""
        ...


def by_session(stores: AccessStores, secret: str) -> Account | None:
    """Return the account that a session speaks for.

    Raises:
        StoreError: the accounts cannot be read.
    """
    session = stores.sessions.find(secret)
    if session is None or session.expired:
        return None
    account = _acting(stores, session.account)
    return account if account is not None and account.epoch == session.epoch else None


def by_password(stores: AccessStores, email: str, password: str) -> Account | None:
    """Return the account that a password opens, in the same time whatever the answer.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = stores.accounts.verify(email, password)
    return account if account is not None and account.active else None


def by_token(stores: AccessStores, secret: str) -> Account | None:
    """Return the account that a token of the API speaks for, and note the day of its use.

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
    """Return the account that a private feed speaks for and the search that it follows, and note the day of its use.

    Raises:
        StoreError: the accounts, or what members keep, cannot be read.
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
    """Return whether the private feed of a search serves: one that was not ended with all others, and not forgotten."""
    return search.feed is not None and search.feed.epoch == account.feed_epoch and not search.feed.expired


def may_work(stores: AccessStores, email: str) -> bool:
    """Return whether a job that this account asked for may be done now.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = stores.accounts.get(email)
    return account is not None and account.active and account.role is Audience.STAFF


def _acting(stores: AccessStores, key: str) -> Account | None:
    account = stores.accounts.by_key(key)
    return account if account is not None and account.active else None
