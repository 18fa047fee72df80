"""The stores of the data folder; only this module names their files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from indexer.storage.database import Database
from search_app.accounts.audit import Audit
from search_app.accounts.links import PasswordLinks
from search_app.accounts.secret_key import session_secret
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.inbox.store import Inbox
from search_app.jobs import Jobs
from search_app.mail import MailQueue
from search_app.members import Followers, Lists, MembersStore
from search_app.search.curated_store import CuratedStore
from search_app.search.log_store import SearchLog
from search_app.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of a site: objects that read and write the databases of its data folder.

    Attributes:
        accounts, sessions, tokens, links: accounts, open sessions, API tokens and links with which passwords are set;
            one file holds all four.
        throttle: counts of failed sign-ins.
        audit: the audit log.
        searches: the anonymous log of searches.
        curated: resources that staff put above the results of queries.
        members, lists, followers: saved searches, lists, and visitors who follow a search; one file holds all three.
        jobs: background jobs of staff.
        inbox: messages of readers.
        mails: mails to be sent.
    """

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    links: PasswordLinks
    throttle: Throttle
    audit: Audit
    searches: SearchLog
    curated: CuratedStore
    members: MembersStore
    lists: Lists
    followers: Followers
    jobs: Jobs
    inbox: Inbox
    mails: MailQueue

    def databases(self) -> tuple[Database, ...]:
        """Return the database of each file, once: several stores share the file of accounts, and that of members."""
        held = (
            *(self.accounts, self.throttle, self.audit, self.searches, self.curated, self.members),
            *(self.jobs, self.inbox, self.mails),
        )
        return tuple(store.database for store in held)


def open_stores(settings: SiteSettings) -> Stores:
    """Return the stores of a site; no file is opened or created before it is needed."""
    data = settings.data
    secret = partial(session_secret, data)
    return Stores(
        Accounts(data / "accounts.sqlite"),
        Sessions(data / "accounts.sqlite"),
        Tokens(data / "accounts.sqlite"),
        PasswordLinks(data / "accounts.sqlite", secret),
        Throttle(data / "throttle.sqlite", secret),
        Audit(data / "audit.sqlite", settings.audit_days),
        SearchLog(data / "searches.sqlite", settings.search_log_days),
        CuratedStore(data / "curated.sqlite"),
        MembersStore(data / "shelf.sqlite"),
        Lists(data / "shelf.sqlite"),
        Followers(data / "shelf.sqlite", secret),
        Jobs(data),
        Inbox(data / "inbox.sqlite", settings.inbox_days, secret),
        MailQueue(data / "mail.sqlite", secret),
    )
