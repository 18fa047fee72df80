"""The stores of the data folder: which file each one is, named here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from search_app.accounts.audit import Audit
from search_app.accounts.secret_key import session_secret
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.jobs import Jobs
from search_app.members import MembersStore
from search_app.search.log_store import SearchLog
from search_app.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of a site.

    Attributes:
        accounts, sessions, tokens: who may come in; one file holds all three.
        throttle: failed sign-ins.
        audit: what was done, and by whom.
        searches: what people look for, without who they are.
        members: what members keep.
        jobs: long work that staff asked for.
    """

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    throttle: Throttle
    audit: Audit
    searches: SearchLog
    members: MembersStore
    jobs: Jobs


def open_stores(settings: SiteSettings) -> Stores:
    """Return the stores of a site; no file is opened or made before it is needed."""
    data = settings.data
    return Stores(
        Accounts(data / "accounts.sqlite"),
        Sessions(data / "accounts.sqlite"),
        Tokens(data / "accounts.sqlite"),
        Throttle(data / "throttle.sqlite", partial(session_secret, data)),
        Audit(data / "audit.sqlite", settings.audit_days),
        SearchLog(data / "searches.sqlite", settings.search_log_days),
        MembersStore(data / "shelf.sqlite"),
        Jobs(data),
    )
