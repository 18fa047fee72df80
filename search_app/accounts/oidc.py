"""Maps the claims of a sign-on provider about a person to an account. Does not use HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.resource import Audience
from search_app.accounts.email_address import canonical, email_malformed
from search_app.accounts.rights import AccessStores
from search_app.accounts.store import Account
from search_app.control_characters import has_controls
from search_app.errors import AccountError
from search_app.messages import typeset
from search_app.settings import SignOn

_NO_ROLE = typeset(
    "Vous êtes bien identifié, mais aucun droit d’accès à cette archive n’est associé à votre identité : "
    "adressez-vous à l’équipe du réseau."
)
_NO_EMAIL = typeset("Le fournisseur d’identité n’a pas transmis votre adresse électronique : adressez-vous à l’équipe.")
_EMAIL_UNVERIFIED = typeset(
    "Votre adresse électronique n’est pas encore vérifiée chez le fournisseur d’identité : vérifiez-la, "
    "puis recommencez."
)
_EMAIL_UNCONFIRMED = typeset(
    "Le fournisseur d’identité ne confirme pas que cette adresse électronique est la vôtre : adressez-vous à l’équipe, "
    "qui peut lier votre compte à votre identité avec « python run.py user link »."
)
_EMAIL_OF_ANOTHER = typeset(
    "Un compte porte déjà cette adresse et s’ouvre par une autre identité : adressez-vous à l’équipe du réseau."
)
_ROLE_OF_ANOTHER = typeset(
    "Un compte porte déjà cette adresse avec un autre rôle que celui que donne le fournisseur d’identité : "
    "adressez-vous à l’équipe, qui peut accorder les deux avec « python run.py user role », ou lier le compte à votre "
    "identité avec « python run.py user link »."
)
_IDENTITY_DISABLED = typeset("Votre compte est désactivé : adressez-vous à l’équipe du réseau.")
_FIRST_STAFF = typeset(
    "Le premier compte de l’équipe se crée sur le serveur, avec « python run.py user add EMAIL --role staff » : "
    "connectez-vous une fois qu’il existe."
)


SIGN_ON = "single sign-on"
"""Actor, in the audit log, of changes that the provider's claims cause."""


MAX_SUBJECT = 255
"""Largest number of characters of a subject (OpenID Connect Core, section 2)."""


@dataclass(frozen=True, slots=True)
class Statements:
    """The claims of the provider about one person.

    Attributes:
        id_token: claims of the ID token, its signature verified.
        user_info: claims of the UserInfo response, or None if it was not requested.
    """

    id_token: Mapping[str, object]
    user_info: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """The identity of a person at the provider.

    Attributes:
        subject: issuer and subject identifier, which the provider never gives to another person.
        email: address in its canonical spelling, if the ID token or the UserInfo response contains it and also says
            that it is verified; else None.
        role: role that the claims give this person, or None.
        no_email: why there is no address (French).
    """

    subject: str
    email: str | None
    role: Audience | None
    no_email: str = ""


class UnsoundIdentityError(Exception):
    """The claims of the provider violate the protocol. The message is for the log."""


def identity_of(statements: Statements, settings: SignOn) -> ProviderIdentity:
    """Return the identity that the provider's claims describe.

    Args:
        statements: claims of the provider.
        settings: names the claim that holds the role, and its values.

    Raises:
        UnsoundIdentityError: there is no usable subject, or the UserInfo response is about another person.
    """
    token, more = statements.id_token, statements.user_info
    subject = subject_of(token.get("sub"), settings)
    if subject is None:
        raise UnsoundIdentityError("no usable subject")
    if more is not None and more.get("sub") != token.get("sub"):
        raise UnsoundIdentityError("user info of someone else")
    email, no_email = _email_of(statements)
    # Both sets of claims are about this subject, so either may hold the role.
    roles = role_values({**(more or {}), **token}, settings.role_claim)
    role = None
    if roles & settings.staff_values:
        role = Audience.STAFF
    elif roles & settings.member_values:
        role = Audience.MEMBER
    return ProviderIdentity(subject, email, role, no_email)


def subject_of(name: object, settings: SignOn) -> str | None:
    """Return issuer and subject as one string, to which accounts are bound; None if `name` is not a valid subject."""
    usable = isinstance(name, str) and name.strip() and len(name) <= MAX_SUBJECT and not has_controls(name)
    return f"{settings.issuer.rstrip('/')} {name}" if usable else None


def _email_of(statements: Statements) -> tuple[str | None, str]:
    """Return the verified address, or None and why there is none.

    An address is accepted only if `email_verified` is true in the same set of claims, since the other set may be about
    another address.
    """
    stated = [one for one in (statements.id_token, statements.user_info) if one and one.get("email") is not None]
    if not stated:
        return None, _NO_EMAIL
    statement = next((one for one in stated if one.get("email_verified") is not None), stated[0])
    email, verified = statement["email"], statement.get("email_verified")
    if not isinstance(email, str):
        return None, _NO_EMAIL
    # Some providers send the boolean as text.
    if verified is not True and verified != "true":
        return None, _EMAIL_UNVERIFIED if verified is not None else _EMAIL_UNCONFIRMED
    if email != email.strip():
        # Spaces around an address are tolerated when typed by people, not in signed claims.
        return None, email_malformed(email)
    try:
        return canonical(email), ""
    except AccountError as error:
        return None, str(error)


def role_values(claims: Mapping[str, object], name: str) -> frozenset[str]:
    """Return the values of a claim that is a string or a list, found by its full name or by a dotted path; empty if
    there is none.
    """
    value: object = claims
    if name in claims:
        value = claims[name]
    else:
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    found = value if isinstance(value, list | tuple) else [value]
    return frozenset(one for one in found if isinstance(one, str))


def admit(stores: AccessStores, identity: ProviderIdentity) -> Account:
    """Return the account of an identity: the one bound to it, or one that is now bound to it.

    Accounts are bound permanently, by issuer and subject. An account that is not bound yet is found by its address, if
    the provider has verified the address and gives the same role. Otherwise a new owner of an address would receive, or
    change, the role of its former owner. The role of a bound account is updated to the one that the provider gives.

    Args:
        stores: accounts and audit log.
        identity: identity of the person who signs in.

    Raises:
        StoreError: a file cannot be used.
        AccountError: this identity may not sign in; the message is for the person.
    """
    try:
        return _admit(stores, identity)
    except AccountError:
        known = stores.accounts.by_subject(identity.subject)
        stores.audit.record("sign-in-failed", SIGN_ON, subject=known.email if known else "")
        raise


def _admit(stores: AccessStores, identity: ProviderIdentity) -> Account:
    account = stores.accounts.by_subject(identity.subject)
    if identity.role is None:
        if account is not None and not account.lapsed:
            # The provider gives no role any more: end sessions, tokens and feeds of the account.
            with stores.audit.recording("account-lapsed", SIGN_ON, subject=account.email):
                stores.accounts.lapse(account.email)
        raise AccountError(_NO_ROLE)
    if account is not None and account.disabled:
        raise AccountError(_IDENTITY_DISABLED)
    if account is None:
        return _tied(stores, identity, identity.role)
    if account.role is identity.role and not account.lapsed:
        return account
    _refuse_first_staff(stores, identity.role)
    with stores.audit.recording("account-role", SIGN_ON, identity.role, subject=account.email):
        return stores.accounts.set_role(account.email, identity.role)


def _tied(stores: AccessStores, identity: ProviderIdentity, role: Audience) -> Account:
    """Bind the account with the identity's address to the identity, or create an account."""
    accounts, email = stores.accounts, identity.email
    if email is None:
        raise AccountError(identity.no_email)
    _refuse_first_staff(stores, role)
    account = accounts.get(email)
    if account is None:
        with stores.audit.recording("account-added", SIGN_ON, role, subject=email):
            return accounts.add_without_password(email, role, identity.subject)
    if account.single_sign_on:
        raise AccountError(_EMAIL_OF_ANOTHER)
    if not account.active:
        raise AccountError(_IDENTITY_DISABLED)
    if account.role is not role:
        raise AccountError(_ROLE_OF_ANOTHER)
    with stores.audit.recording("account-bound", SIGN_ON, subject=account.email):
        return accounts.bind(account.email, identity.subject)


def _refuse_first_staff(stores: AccessStores, role: Audience) -> None:
    if role is Audience.STAFF and not any(one.role is Audience.STAFF for one in stores.accounts.all()):
        # Someone who can set claims at the provider must not be able to create the first staff account.
        raise AccountError(_FIRST_STAFF)
