"""What members keep over visits: a selection of resources, and searches whose news they follow. Knows nothing of Flask.

All of it stands in one SQLite file of the data folder, under the account's key, and goes with the account: `forget`.
"""

from search_app.members.store import FEED_DAYS, MembersStore, PrivateFeed, SavedSearch

__all__ = ["FEED_DAYS", "MembersStore", "PrivateFeed", "SavedSearch"]
