"""What an account may do now. Every way of access asks this module at each use: session, password, token, feed, link
and job; so does every mail with news of a search.

Each way has its own credential (a secret, a password, a name) and its own expiry. They share `Account.active`: an
account that is disabled, or whose role the sign-on provider revoked, gives no access. The role is always the current
role of the account, never the one at the time when a token was created or a job was requested.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from indexer.resource import Audience
from search_app.accounts.audit import Audit
from search_app.accounts.links import PasswordLinks
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Account, Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.members import Followers, Lists, MembersStore, NamedList, SavedSearch


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
    def links(self) -> PasswordLinks:
        """Return the links with which passwords are set."""
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
        """Return the store of saved searches, since the private feed of such a search gives access too."""
        ...

    @property
    def lists(self) -> Lists:
        """Return the lists of members, which may be shared by a link."""
        ...

    @property
    def followers(self) -> Followers:
        """Return the visitors who follow a search by e-mail."""
        ...


@dataclass(frozen=True, slots=True)
class Addressee:
    """The recipient of the news of a search, and the audience whose resources the news may be about."""

    email: str
    audience: Audience


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
    """Return the account if the password is right and the account is active, else None. Both take the same time.

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


def by_link(stores: AccessStores, secret: str) -> Account | None:
    """Return the account whose password a link may set, or None if it gives no access.

    Raises:
        StoreError: the accounts cannot be read.
    """
    link = stores.links.find(secret)
    return None if link is None else _acting(stores, link.account)


def by_share(stores: AccessStores, secret: str) -> NamedList | None:
    """Return the list that a shared link shows, or None.

    The link opens the list only: which of its resources are shown depends on the audience of the reader.

    Raises:
        StoreError: the accounts or the lists cannot be read.
    """
    found = stores.lists.by_share(secret)
    return found if found is not None and _acting(stores, found.account) is not None else None


def addressee_of(stores: AccessStores, search: SavedSearch) -> Addressee | None:
    """Return the recipient of the news of a search, or None if nobody follows it by e-mail any more, or the account
    gives no access.

    Raises:
        StoreError: the accounts or the followers cannot be read.
    """
    if search.mail is None:
        return None
    account = _acting(stores, search.account)
    if account is not None:
        return Addressee(account.email, account.role)
    follower = stores.followers.get(search.account)
    return Addressee(follower.email, Audience.VISITOR) if follower is not None and follower.confirmed else None


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
