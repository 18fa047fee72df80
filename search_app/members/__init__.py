"""What members store: a selection of resources, and saved searches whose new hits they follow.

It is stored in one SQLite file of the data folder, by the account's key, and deleted with the account
(`search_app.erasure`). `views` needs Flask; `private_feeds` and `store` do not.
"""

from search_app.members.store import FEED_DAYS, MembersStore, PrivateFeed, SavedSearch

__all__ = ["FEED_DAYS", "MembersStore", "PrivateFeed", "SavedSearch"]
