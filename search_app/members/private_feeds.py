"""Private feeds of saved searches: which an account has, opening and closing one, with its line in the audit log."""

from __future__ import annotations

from search_app.accounts.rights import AccessStores, has_feed
from search_app.accounts.store import Account
from search_app.members.store import SavedSearch


def feeds_of(stores: AccessStores, account: Account) -> tuple[SavedSearch, ...]:
    """Return the saved searches of an account that have a private feed, by name.

    Raises:
        StoreError: what members keep cannot be read.
    """
    return tuple(search for search in stores.members.searches(account.key) if has_feed(account, search))


def open_feed(stores: AccessStores, account: Account, saved: SavedSearch) -> str:
    """Give a search of this account a new private address, note it, and return its token.

    Raises:
        StoreError: it cannot be kept or noted; the address before, if any, still serves.
    """
    with stores.audit.recording("feed-opened", account.email, f"search {saved.id}"):
        return stores.members.open_feed(saved, account.feed_epoch)


def close_feed(stores: AccessStores, account: Account, saved: SavedSearch) -> None:
    """Take the private address of a search of this account away, and note it.

    Raises:
        StoreError: it cannot be taken away or noted.
    """
    with stores.audit.recording("feed-closed", account.email, f"search {saved.id}"):
        stores.members.close_feed(saved)
