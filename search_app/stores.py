"""The files of the data folder on access, and what reads them: named here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from indexer.errors import AccountError
from search_app.accounts.audit import Audit
from search_app.accounts.email_address import fits, key_of, names_of
from search_app.accounts.secret_key import session_secret
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.members import Shelf
from search_app.search.log_store import SearchLog
from search_app.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Access:
    """Accounts, what is counted and noted of them, and what members keep."""

    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    throttle: Throttle
    audit: Audit
    searches: SearchLog
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Erased:
    """What there was of a person.

    Attributes:
        account: whether there was an account.
        tokens: tokens that went with it.
        tries: rows of the throttle.
        entries: lines of the audit log that now hold a pseudonym.
    """

    account: bool
    tokens: int
    tries: int
    entries: int


def open_access(settings: SiteSettings) -> Access:
    """All of them; no file is opened or made before it is needed."""
    data = settings.data
    return Access(
        Accounts(data / "accounts.sqlite"),
        Sessions(data / "accounts.sqlite"),
        Tokens(data / "accounts.sqlite"),
        Throttle(data / "throttle.sqlite", partial(session_secret, data)),
        Audit(data / "audit.sqlite", settings.audit_days),
        SearchLog(data / "searches.sqlite", settings.search_log_days),
        Shelf(data / "shelf.sqlite"),
    )


def addresses_that_no_longer_fit(settings: SiteSettings) -> tuple[str, ...]:
    """Return the addresses of accounts that would not be taken today; none if the file cannot be read."""
    path = settings.data / "accounts.sqlite"
    try:
        return tuple(account.email for account in Accounts(path).all() if not fits(account.email))
    except AccountError:
        return ()


def remove_account(access: Access, email: str) -> None:
    """Remove an account, its tokens, and what it kept: selection, saved searches and their feeds.

    Raises:
        AccountError: there is no such account, or a file cannot be written.
    """
    account = access.accounts.get(email)
    if account is not None:
        # First, since the account's key is known only as long as the account is there.
        access.shelf.forget(account.key)
    access.accounts.remove(email)


def erase_traces(access: Access, email: str) -> Erased:
    """Erase what is kept of a person, whether or not the account still exists.

    Searches hold nothing of anyone, so there is nothing to erase there.

    Args:
        access: the files.
        email: address of the account.

    Raises:
        AccountError: a file cannot be written; what was erased before stays erased, and the same call ends the work.
    """
    tokens = len(access.tokens.of(email))
    account = access.accounts.get(email) is not None
    if account:
        remove_account(access, email)
    return Erased(account, tokens, access.throttle.forget(key_of(email)), sum(map(access.audit.erase, names_of(email))))
