"""What members store: lists of resources, and saved searches whose new hits they follow; and visitors who follow a
search by e-mail.

All of it is stored in one SQLite file of the data folder, under the account's key, and deleted with the account
(`search_app.erasure`). `pages`, `access`, `views`, `list_views` and `follow_views` need Flask; all other modules do
not.
"""

from search_app.members.followers import Follower, Followers
from search_app.members.lists import Item, Lists, NamedList
from search_app.members.store import FEED_DAYS, Frequency, MembersStore, PrivateFeed, SavedSearch

__all__ = [
    "FEED_DAYS",
    "Follower",
    "Followers",
    "Frequency",
    "Item",
    "Lists",
    "MembersStore",
    "NamedList",
    "PrivateFeed",
    "SavedSearch",
]
