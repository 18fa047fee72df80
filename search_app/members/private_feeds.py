"""Private feeds of saved searches: list, open and close feeds; the audit log records openings and closings."""

from __future__ import annotations

from search_app.accounts.rights import AccessStores, has_feed
from search_app.accounts.store import Account
from search_app.members.store import SavedSearch


def feeds_of(stores: AccessStores, account: Account) -> tuple[SavedSearch, ...]:
    """Return the saved searches of an account that have a private feed, ordered by name.

    Raises:
        StoreError: the members' store cannot be read.
    """
    return tuple(search for search in stores.members.searches(account.key) if has_feed(account, search))


def open_feed(stores: AccessStores, account: Account, saved: SavedSearch) -> str:
    """Open a new private feed of a saved search, record that in the audit log, and return the token of its address.

    Raises:
        StoreError: the feed cannot be stored or recorded; the former feed, if any, stays valid.
    """
    with stores.audit.recording("feed-opened", account.email, f"search {saved.id}"):
        return stores.members.open_feed(saved, account.feed_epoch)


def close_feed(stores: AccessStores, account: Account, saved: SavedSearch) -> None:
    """End the private feed of an account's saved search, and record the end in the audit log.

    Raises:
        StoreError: the end cannot be stored or recorded.
    """
    with stores.audit.recording("feed-closed", account.email, f"search {saved.id}"):
        stores.members.close_feed(saved)
