"""What an account may do now. Whatever lets someone in asks here, each time: session, password, token, feed, job.

Each way has its own proof (a secret, a password, a name) and its own end; what they share stands in `Account.active`:
an account that is disabled, or whose role the sign-on provider took away, opens nothing. The role is always that which
the account has now, never one that was noted when a token was made or a job was asked for.
"""

from __future__ import annotations

from indexer.resource import Audience
from search_app.accounts.store import Account
from search_app.members import SavedSearch
from search_app.stores import Access


def by_session(access: Access, secret: str) -> Account | None:
    """Return the account that a session speaks for.

    Raises:
        StoreError: the accounts cannot be read.
    """
    session = access.sessions.find(secret)
    if session is None or session.expired:
        return None
    account = _acting(access, session.account)
    return account if account is not None and account.epoch == session.epoch else None


def by_password(access: Access, email: str, password: str) -> Account | None:
    """Return the account that a password opens, in the same time whatever the answer.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = access.accounts.verify(email, password)
    return account if account is not None and account.active else None


def by_token(access: Access, secret: str) -> Account | None:
    """Return the account that a token of the API speaks for, and note the day of its use.

    Raises:
        StoreError: the accounts cannot be read.
    """
    found = access.tokens.find(secret)
    if found is None or found.token.expired:
        return None
    account = _acting(access, found.account)
    if account is not None:
        access.tokens.note_use(found.token)
    return account


def by_feed(access: Access, secret: str) -> tuple[Account, SavedSearch] | None:
    """Return the account that a private feed speaks for and the search that it follows, and note the day of its use.

    Raises:
        StoreError: the accounts, or what members keep, cannot be read.
    """
    search = access.shelf.by_token(secret)
    if search is None:
        return None
    account = _acting(access, search.account)
    if account is None or not has_feed(account, search):
        return None
    access.shelf.note_feed_use(search)
    return account, search


def has_feed(account: Account, search: SavedSearch) -> bool:
    """Return whether the private feed of a search serves: one that was not ended with all others, and not forgotten."""
    return search.feed is not None and search.feed.epoch == account.feed_epoch and not search.feed.expired


def may_work(access: Access, email: str) -> bool:
    """Return whether a job that this account asked for may be done now.

    Raises:
        StoreError: the accounts cannot be read.
    """
    account = access.accounts.get(email)
    return account is not None and account.active and account.role is Audience.STAFF


def _acting(access: Access, key: str) -> Account | None:
    account = access.accounts.by_key(key)
    return account if account is not None and account.active else None
