"""Erasure of personal data: removing an account with its data, and erasing every trace of a person.

| what | where | `remove_account` | `erase_person` |
|---|---|---|---|
| account, tokens, sessions | accounts.sqlite | deleted | deleted |
| lists, saved searches, private feeds | shelf.sqlite | deleted | deleted |
| searches that an address follows without an account | shelf.sqlite | – | deleted |
| mails to be sent, or that could not be delivered | mail.sqlite | deleted | deleted |
| failed sign-ins, networks of successful ones | throttle.sqlite | – | deleted |
| actor and subject | audit.sqlite | – | a pseudonym |
| who started a background job | jobs.sqlite | – | nobody |
| who chose a resource to show above the results of a query | curated.sqlite | – | nobody |
| who made a correction or a batch of them | the history of corrections | – | nobody |
| messages with the address to answer to | inbox.sqlite | – | deleted |
| who dealt with a message | inbox.sqlite | – | nobody |

The log of searches names nobody, so nothing is erased from it. A new store that names people must be added to this
table and to `erase_person`.
"""

from __future__ import annotations

from dataclasses import dataclass

from indexer.corpus import Corrections
from search_app.accounts.email_address import key_of, names_of
from search_app.stores import Stores


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a person.

    Attributes:
        account: whether the person had an account.
        tokens: number of API tokens deleted with the account.
        tries: number of rows deleted from the throttle of sign-ins: failed ones, and networks of successful ones.
        entries: number of audit entries that now hold a pseudonym.
        work: number of corrections, choices for queries, jobs and dealt-with messages that no longer name the person.
        messages: number of messages of the person that were deleted.
        followed: number of searches that the address followed, or asked to follow, without an account.
        mails: number of mails to the person that were deleted from the queue.
    """

    account: bool
    tokens: int
    tries: int
    entries: int
    work: int
    messages: int = 0
    followed: int = 0
    mails: int = 0


def remove_account(stores: Stores, email: str, *, actor: str) -> None:
    """Remove an account with all its data, and record the removal in the audit log: both happen, or neither.

    Args:
        stores: the stores of the site.
        email: address of the account to remove.
        actor: address of the account that asks for the removal, or `COMMAND_LINE`.

    Raises:
        AccountError: there is no such account.
        StoreError: a file cannot be written.
    """
    account = stores.accounts.get(email)
    with stores.audit.recording("account-removed", actor, subject=account.email if account else key_of(email)):
        _remove(stores, email)


def erase_person(stores: Stores, corrections: Corrections, email: str, *, actor: str) -> Erased:
    """Erase everything stored about a person, with or without an account, and record the erasure without naming the
    person.

    Args:
        stores: the stores of the site.
        corrections: the corrections by staff, whose history names people.
        email: e-mail address of the person.
        actor: address of the account that asks for the erasure, or `COMMAND_LINE`.

    Raises:
        StoreError: a file cannot be written. What was erased until then stays erased; calling this again erases the
            rest.
        JobError: the jobs cannot be written; calling this again erases the rest.
        CorpusError: the corrections cannot be written; calling this again erases the rest.
    """
    tokens = len(stores.tokens.of(email))
    account = stores.accounts.get(email) is not None
    names = names_of(email)
    mails = sum(map(stores.mails.forget, names))
    if account:
        _remove(stores, email)
    erased = Erased(
        account,
        tokens,
        tries=stores.throttle.forget(key_of(email)),
        entries=sum(map(stores.audit.erase, names)),
        work=sum(corrections.forget_actor(name) + _forget_work(stores, name) for name in names),
        messages=sum(map(stores.inbox.forget_author, names)),
        followed=sum(map(stores.followers.forget, names)),
        mails=mails,
    )
    stores.audit.record("account-erased", actor)
    return erased


def _forget_work(stores: Stores, name: str) -> int:
    return sum(store.forget_actor(name) for store in (stores.jobs, stores.curated, stores.inbox))


def _remove(stores: Stores, email: str) -> None:
    account = stores.accounts.get(email)
    if account is not None:
        # First, because the key of the account is lost once the account is deleted.
        stores.members.forget(account.key)
        stores.mails.forget(account.email)
    stores.accounts.remove(email)
