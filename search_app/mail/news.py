"""Orders the mails about new results of saved searches, when such mails are due."""

from __future__ import annotations

import time
from collections.abc import Callable

from indexer.engine import Engine
from search_app.accounts import rights
from search_app.mail.queue import OrderKind
from search_app.members.refresh import refresh
from search_app.members.store import SavedSearch
from search_app.settings import SiteSettings
from search_app.stores import Stores


def order_news(
    stores: Stores,
    settings: SiteSettings,
    engine: Callable[[], Engine],
    *,
    clock: Callable[[], float] = time.time,
) -> int:
    """Order a mail for each saved search that is due for one and has new results; return the number of mails ordered.

    The span of time that a mail is about is recorded first, then the mail is ordered under a name made of that span,
    then the span is recorded as ordered. So wherever the process is killed, the next run orders the same mail under the
    same name, and the queue accepts each name only once.

    Args:
        stores: the stores of the site (saved searches, queue of mails…).
        settings: settings of the site.
        engine: opens the engine; called only if any saved search is due for a mail.
        clock: returns seconds since 1970.

    Raises:
        EngineError: the engine cannot answer.
        StoreError: a file cannot be used.
    """
    due = stores.members.mail_due()
    if not due:
        return 0
    opened = engine()
    return sum(_order(stores, settings, opened, saved, clock) for saved in due)


def _order(
    stores: Stores, settings: SiteSettings, engine: Engine, saved: SavedSearch, clock: Callable[[], float]
) -> bool:
    addressee = rights.addressee_of(stores, saved)
    if addressee is None or not (addressee.audience.sees_private or settings.mail_visitors):
        # What is found meanwhile stays news, should the person get the right back.
        stores.members.news_ordered(saved, saved.mail_since)
        return False
    refresh(stores.members, engine, saved, addressee.audience)
    until = stores.members.news_begin(saved, clock())
    ordered = False
    if stores.members.news(saved, saved.mail_since, until):
        payload = {"search": saved.id, "since": saved.mail_since, "until": until}
        ordered = stores.mails.add(OrderKind.NEWS, "", payload, key=f"news-{saved.id}-{until!r}")
    stores.members.news_ordered(saved, until)
    return ordered
