"""What members keep over visits: a selection of resources, and searches whose news they follow.

All of it stands in one SQLite file of the data folder, under the account's key, and goes with the account
(`search_app.erasure`). `views` are Flask's; `private_feeds` and `store` know nothing of it.
"""

from search_app.members.store import FEED_DAYS, MembersStore, PrivateFeed, SavedSearch

__all__ = ["FEED_DAYS", "MembersStore", "PrivateFeed", "SavedSearch"]
