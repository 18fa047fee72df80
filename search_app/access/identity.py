"""From what a sign-on provider says of a person to an account here. Knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.errors import AccountError, StoreError
from indexer.resource import Audience
from indexer.settings import SignOn
from search_app.access.files import Access
from search_app.accounts import Account, known_email
from search_app.messages import access as messages

SIGN_ON = "single sign-on"
"""The actor of what the provider's word changes."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as the provider knows them.

    Attributes:
        subject: issuer and the name that it never gives to another.
        email: folded address.
        verified: whether the provider says in so many words that the address is theirs.
        role: what the claims make of them here, or None.
    """

    subject: str
    email: str
    verified: bool
    role: Audience | None


def identity_of(claims: Mapping[str, object], settings: SignOn) -> Identity:
    """Read claims whose signature was checked.

    Args:
        claims: of the ID token, or of it and the user info.
        settings: which claim tells the role, and how.

    Raises:
        AccountError: there is no address, or the provider says that it is not verified.
    """
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str):
        raise AccountError(messages.NO_EMAIL)
    if verified is not None and not _true(verified):
        raise AccountError(messages.EMAIL_UNVERIFIED)
    roles = role_values(claims, settings.role_claim)
    role = None
    if roles & settings.staff_values:
        role = Audience.STAFF
    elif roles & settings.member_values:
        role = Audience.MEMBER
    return Identity(f"{settings.issuer.rstrip('/')} {claims['sub']}", known_email(email), _true(verified), role)


def role_values(claims: Mapping[str, object], name: str) -> frozenset[str]:
    """The values of a claim: one or a list, under its whole name or by a path with dots; none if it is missing."""
    value: object = claims
    if name in claims:
        value = claims[name]
    else:
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    found = value if isinstance(value, list | tuple) else [value]
    return frozenset(one for one in found if isinstance(one, str))


def admit(access: Access, identity: Identity) -> Account:
    """The account of an identity: the one bound to it, or one made now. Its role becomes what the provider says.

    An account that has this address already is bound to the identity only if the provider has verified the address;
    otherwise anyone who can write an address into a profile there could take an account here.

    Args:
        access: accounts and audit log.
        identity: who signs in.

    Raises:
        StoreError: a file cannot be used.
        AccountError: this identity may not come in; the message is for the person.
    """
    try:
        return _admit(access, identity)
    except StoreError:
        raise
    except AccountError:
        known = access.accounts.by_subject(identity.subject)
        access.audit.record("sign-in-failed", SIGN_ON, subject=known.email if known else "")
        raise


def _admit(access: Access, identity: Identity) -> Account:
    accounts = access.accounts
    account = accounts.by_subject(identity.subject)
    if identity.role is None:
        if account is not None:
            # The role was taken away: what was opened under it is over.
            accounts.end_sessions(account.email)
        raise AccountError(messages.NO_ROLE)
    namesake = account or accounts.get(identity.email)
    if namesake is not None and namesake.disabled:
        raise AccountError(messages.IDENTITY_DISABLED)
    if identity.role is Audience.STAFF and not any(one.role is Audience.STAFF for one in accounts.all()):
        # Whoever can set claims must not be able to found the staff.
        raise AccountError(messages.FIRST_STAFF)
    if namesake is None:
        with access.audit.recording("account-added", SIGN_ON, identity.role, subject=identity.email):
            return accounts.add_without_password(identity.email, identity.role, identity.subject)
    if account is None:
        if namesake.single_sign_on or not identity.verified:
            raise AccountError(messages.EMAIL_OF_ANOTHER)
        with access.audit.recording("account-bound", SIGN_ON, subject=namesake.email):
            account = accounts.bind(namesake.email, identity.subject)
    if account.role is identity.role:
        return account
    with access.audit.recording("account-role", SIGN_ON, identity.role, subject=account.email):
        return accounts.set_role(account.email, identity.role)


def _true(value: object) -> bool:
    # Some providers send it as text.
    return value is True or value == "true"
