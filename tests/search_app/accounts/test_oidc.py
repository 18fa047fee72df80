"""Which claims of a provider are accepted: a valid subject, an address verified in the same set of claims, a role."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.resource import Audience
from search_app.accounts.oidc import MAX_SUBJECT, Statements, UnsoundIdentityError, identity_of, subject_of
from search_app.settings import SignOn

SETTINGS = SignOn(
    "https://id.exemple.fr/", "archives", "secret", member_values=frozenset({"ami"}), staff_values=frozenset({"equipe"})
)
MINE, OTHER = "anne@exemple.fr", "secretariat@exemple.fr"


def read(token: dict[str, Any], more: dict[str, Any] | None = None) -> Any:
    return identity_of(
        Statements({"sub": "anne", **token}, None if more is None else {"sub": "anne", **more}), SETTINGS
    )


@pytest.mark.parametrize(
    ("token", "more", "email"),
    [
        ({"email": MINE, "email_verified": True}, None, MINE),
        ({"email": MINE, "email_verified": "true"}, None, MINE),
        ({}, {"email": MINE, "email_verified": True}, MINE),
        ({"email": MINE}, {"email": MINE, "email_verified": True}, MINE),
        # `email_verified` in one set of claims is not about the address in the other.
        ({"email": OTHER}, {"email": MINE, "email_verified": True}, MINE),
        ({"email": OTHER}, {"email_verified": True}, None),
        ({"email_verified": True}, {"email": OTHER}, None),
        ({"email": OTHER}, None, None),
        ({"email": OTHER, "email_verified": False}, {"email": MINE, "email_verified": True}, None),
        ({"email": OTHER, "email_verified": False}, {"email": OTHER}, None),
        ({"email": MINE, "email_verified": True}, {"email": OTHER, "email_verified": True}, MINE),
        ({"email": MINE, "email_verified": True}, {"email": OTHER, "email_verified": False}, MINE),
        ({"email": MINE, "email_verified": 1}, None, None),
        ({"email": MINE, "email_verified": "oui"}, None, None),
        ({"email": MINE, "email_verified": [True]}, None, None),
        ({"email": [MINE], "email_verified": True}, None, None),
        ({"email": "ſecretariat@exemple.fr", "email_verified": True}, None, None),
        ({"email": "", "email_verified": True}, None, None),
        ({"email": f" {OTHER}", "email_verified": True}, None, None),
        ({"email": f"{OTHER} ", "email_verified": True}, None, None),
        ({}, None, None),
    ],
)
def test_an_address_counts_with_its_own_verification(
    token: dict[str, Any], more: dict[str, Any] | None, email: str | None
) -> None:
    found = read(token, more)
    assert found.email == email
    assert bool(found.no_email) is (email is None)
    assert not found.no_email or found.no_email.endswith(".")


@pytest.mark.parametrize(
    "subject", ["", " ", "\t", "\u00a0", None, 7, ["anne"], {"a": 1}, True, "a\x00b", "a\nb", "\ud800", "x" * 256]
)
def test_what_is_no_subject(subject: object) -> None:
    """An invalid subject is refused, even if the user info contains the same one."""
    for more in (None, {"sub": subject, "email": MINE, "email_verified": True}):
        with pytest.raises(UnsoundIdentityError):
            identity_of(Statements({"sub": subject, "email": MINE, "email_verified": True}, more), SETTINGS)
    with pytest.raises(UnsoundIdentityError):
        identity_of(Statements({"email": MINE, "email_verified": True}), SETTINGS)


def test_subjects_are_told_apart_exactly() -> None:
    names = ["anne", "Anne", "anne ", "ANNE", "ａnne", "a" * MAX_SUBJECT]
    assert len({subject_of(name, SETTINGS) for name in names}) == len(names)
    assert read({}).subject == "https://id.exemple.fr anne"


@pytest.mark.parametrize(
    ("token", "more", "role"),
    [
        ({"roles": "ami"}, None, Audience.MEMBER),
        ({}, {"roles": ["ami", "equipe"]}, Audience.STAFF),
        ({"roles": []}, {"roles": "equipe"}, None),
        ({}, {}, None),
    ],
)
def test_a_role_comes_from_either_statement_about_the_subject(
    token: dict[str, Any], more: dict[str, Any] | None, role: Audience | None
) -> None:
    assert read(token, more).role is role
