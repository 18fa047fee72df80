"""Erasing a person: an account with what it kept, and every trace of a person.

| what | where | `remove_account` | `erase_person` |
|---|---|---|---|
| account, tokens, sessions | accounts.sqlite | deleted | deleted |
| selection, saved searches, private feeds | shelf.sqlite | deleted | deleted |
| failed sign-ins, known networks | throttle.sqlite | – | deleted |
| actor and subject | audit.sqlite | – | a pseudonym |
| who asked for a job | jobs.sqlite | – | nobody |
| who made a correction | the history of corrections | – | nobody |

The log of searches names nobody: there is nothing to erase in it. A new store that names people belongs in this table
and in `erase_person`.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.corpus import Corrections
from search_app.accounts.email_address import key_of, names_of
from search_app.stores import Stores


@dataclass(frozen=True, slots=True)
class Erased:
    """What there was of a person.

    Attributes:
        account: whether there was an account.
        tokens: tokens that went with it.
        tries: rows of the throttle.
        entries: lines of the audit log that now hold a pseudonym.
        work: corrections and jobs that now name nobody.
    """

    account: bool
    tokens: int
    tries: int
    entries: int
    work: int


def remove_account(stores: Stores, email: str, *, actor: str) -> None:
    """Remove an account with all that it kept, and note it: both happen, or neither.

    Args:
        stores: those of the site.
        email: address of the account.
        actor: address of the account that asks for it, or `COMMAND_LINE`.

    Raises:
        AccountError: there is no such account.
        StoreError: a file cannot be written.
    """
    account = stores.accounts.get(email)
    with stores.audit.recording("account-removed", actor, subject=account.email if account else key_of(email)):
        _remove(stores, email)


def erase_person(stores: Stores, corrections: Corrections, email: str, *, actor: str) -> Erased:
    """Erase what is kept of a person, whether or not the account still exists, and note that without saying who it was.

    Args:
        stores: those of the site.
        corrections: what staff corrected.
        email: address of the account.
        actor: address of the account that asks for it, or `COMMAND_LINE`.

    Raises:
        StoreError: a file cannot be written. What was erased before stays erased, and the same call ends the work.
        JobError: likewise, the jobs cannot be written.
        CorpusError: likewise, the corrections cannot be written.
    """
    tokens = len(stores.tokens.of(email))
    account = stores.accounts.get(email) is not None
    if account:
        _remove(stores, email)
    names = names_of(email)
    erased = Erased(
        account,
        tokens,
        tries=stores.throttle.forget(key_of(email)),
        entries=sum(map(stores.audit.erase, names)),
        work=sum(corrections.forget_actor(name) + stores.jobs.forget_actor(name) for name in names),
    )
    stores.audit.record("account-erased", actor)
    return erased


def _remove(stores: Stores, email: str) -> None:
    account = stores.accounts.get(email)
    if account is not None:
        # First, since the account's key is known only as long as the account is there.
        stores.members.forget(account.key)
    stores.accounts.remove(email)
