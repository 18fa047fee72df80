"""The mails that a site sends about one search, as if everything that it finds were new."""

from __future__ import annotations

import time

from indexer.resource import Audience
from search_app.mail import Order, OrderKind
from search_app.mail.letters import Letters
from search_app.mail.message import Mail
from search_app.mail.queue import OrderState
from search_app.members import Frequency
from search_app.members.refresh import ids_of, refresh, request_of
from tests.support.privacy_compare import Site

SEARCHES = (
    "",
    "q=coop%C3%A9rative",
    "q=note",
    "q=zanzibar",
    "theme=Arbitrages+budg%C3%A9taires",
    "theme=Mobilit%C3%A9+solidaire",
    "type=Note+confidentielle&type=Guide",
    "territory=D23&territory=R53",
    "year_from=1985&year_to=2009",
    "private=oui",
    "publication=oui&format=pdf",
)
"""Query strings of searches, some of which only private resources answer."""


def mails_to_a_visitor(site: Site, arguments: str) -> tuple[Mail | None, Mail | None]:
    """Return the mail that asks a visitor to confirm a search to follow, and the mail with all that it finds.

    Each is None if no such mail is sent. `arguments` is the query string of the search.
    """
    stores = site.app.extensions["archive"].stores
    key = stores.followers.ask(f"suivi-{arguments or 'tout'}@exemple.fr", arguments, Frequency.DAILY)
    follower = stores.followers.get(key)
    asked = _compose(site, OrderKind.CONFIRMATION, {"follower": key})
    assert stores.followers.confirm(follower)
    return asked, _news(site, key, "Recherche", arguments, Audience.VISITOR)


def mail_to_a_member(site: Site, arguments: str) -> Mail | None:
    """Return the mail with all that a member's search (a query string) finds, or None if no mail is sent."""
    stores = site.app.extensions["archive"].stores
    account = stores.accounts.get("veille@exemple.fr") or stores.accounts.add_invited("veille@exemple.fr", "member")
    return _news(site, account.key, "Ma veille", arguments, Audience.MEMBER)


def _news(site: Site, owner: str, name: str, arguments: str, reader: Audience) -> Mail | None:
    stores = site.app.extensions["archive"].stores
    number = stores.members.save(owner, name, arguments, (), None)
    saved = stores.members.by_id(number)
    stores.members.set_mail(saved, Frequency.DAILY)
    refresh(stores.members, site.engine, saved, reader)
    found = ids_of(site.engine, request_of(arguments, reader))
    assert len(stores.members.news(saved, 0.0, time.time())) == len(found), "all of it is news"
    return _compose(site, OrderKind.NEWS, {"search": number, "since": 0.0, "until": time.time()})


def _compose(site: Site, kind: OrderKind, payload: dict[str, object]) -> Mail | None:
    archive = site.app.extensions["archive"]
    order = Order(1, kind, "", payload, "essai", 0.0, 0, OrderState.WAITING, "")
    return Letters(archive.stores, archive.settings, lambda: site.engine).compose(order)
