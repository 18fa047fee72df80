"""Valid addresses, and the one spelling of each: no Unicode folding makes two mailboxes one account."""

from __future__ import annotations

import sqlite3
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.accounts import store as accounts_module
from search_app.accounts.email_address import canonical, fits, key_of, names_of, spellings
from search_app.accounts.store import Accounts
from search_app.errors import AccountError

PASSWORD = "un mot de passe solide"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Anne.Martin@Exemple.FR", "anne.martin@exemple.fr"),
        ("  anne@exemple.fr ", "anne@exemple.fr"),
        ("anne+tri@sous.exemple.fr", "anne+tri@sous.exemple.fr"),
        ("o'brien@exemple.fr", "o'brien@exemple.fr"),
        ("anne@Écoles.fr", "anne@xn--coles-9ra.fr"),
        ("anne@XN--coles-9ra.fr", "anne@xn--coles-9ra.fr"),
        ("contact@straße.fr", "contact@xn--strae-oqa.fr"),
        ("contact@strasse.fr", "contact@strasse.fr"),
        ("a@ος.gr", "a@xn--0xag.gr"),
        ("a@οσ.gr", "a@xn--0xai.gr"),
        ("a@еxemple.fr", "a@xn--xemple-2of.fr"),  # a Cyrillic е is encoded, so it is not mistaken for a Latin one
    ],
)
def test_the_one_spelling(typed: str, kept: str) -> None:
    assert canonical(typed) == kept == canonical(kept) == key_of(typed)
    assert fits(kept)
    assert kept in spellings(typed)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ſecretariat@exemple.fr", "sans accent"),
        ("\u212aarl@exemple.fr", "sans accent"),
        ("élise@exemple.fr", "sans accent"),
        ("ａnne@exemple.fr", "sans accent"),
        ("аnne@exemple.fr", "sans accent"),  # Cyrillic
        ("anne@ſtrasse.fr", "nom de domaine"),
        ("anne@\u212aarl.fr", "nom de domaine"),
        ("anne@ｅxemple.fr", "nom de domaine"),
        ("anne@exemple。fr", "nom de domaine"),
        ("anne@e\u0301coles.fr", "nom de domaine"),
        ("anne@exemple", "nom de domaine"),
        ("anne@exemple.fr.", "nom de domaine"),
        ("anne@exem_ple.fr", "nom de domaine"),
        ("anne@-exemple.fr", "nom de domaine"),
        ("anne@exemple..fr", "nom de domaine"),
        ("anne@127.0.0.1", "nom de domaine"),
        ("anne@[127.0.0.1]", "nom de domaine"),
        ("anne@xn--a.fr", "nom de domaine"),
        ("anne@☃.fr", "nom de domaine"),
        ("anne", "adresse électronique"),
        ("@exemple.fr", "adresse électronique"),
        ("anne@", "adresse électronique"),
        ("anne@bob@exemple.fr", "adresse électronique"),
        ("anne martin@exemple.fr", "adresse électronique"),
        ('"anne"@exemple.fr', "adresse électronique"),
        (".anne@exemple.fr", "adresse électronique"),
        ("an..ne@exemple.fr", "adresse électronique"),
        ("anne,@exemple.fr", "adresse électronique"),
        ("a" * 65 + "@exemple.fr", "adresse électronique"),
        ("a@" + ".".join(["x" * 60] * 5) + ".fr", "adresse électronique|nom de domaine"),
        ("a" * 5000 + "@exemple.fr", "adresse électronique"),
        ("", "adresse électronique"),
    ],
)
def test_what_is_not_taken(typed: str, says: str) -> None:
    with pytest.raises(AccountError, match=says):
        canonical(typed)
    assert not fits(typed)
    assert len(key_of(typed)) <= 2 * len(typed)


UNSEEN = [
    *"\x00\t\n\r\x1f\x7f\x85\xa0\xad\u034f\u061c\u115f\u180e\u2000\u200b\u200c\u200d\u200e\u200f\u2028\u202a\u202e\u202f",
    *"\u2060\u2066\u2069\u206f\u2800\u3000\u3164\ufe0f\ufeff\uffa0\ufff9\ufffe\ud800\ue000\U000e0001\U000e0101",
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=lambda one: f"{ord(one):04X}")
@pytest.mark.parametrize("around", ["{}anne@exemple.fr", "an{}ne@exemple.fr", "anne@exem{}ple.fr", "anne@exemple.fr{}"])
def test_no_character_that_nobody_sees(unseen: str, around: str) -> None:
    with pytest.raises(AccountError, match=f"caractère invisible \\(U\\+{ord(unseen):04X}\\)"):
        canonical(around.format(unseen))


@given(st.text(max_size=40))
def test_every_spelling_is_its_own_and_ascii(text: str) -> None:
    for typed in (f"{text}@exemple.fr", f"anne@{text}.fr", text):
        try:
            kept = canonical(typed)
        except AccountError:
            continue
        assert kept.isascii()
        assert kept == canonical(kept) == kept.strip().lower()
        assert not set(kept) & set(string.whitespace)


@given(st.characters(exclude_characters=string.printable))
def test_no_character_but_a_letter_s_capital_is_another_s(character: str) -> None:
    """A character that Unicode would fold, compose or decompose gives a different domain, or is refused."""
    folded = (character.casefold(), *(unicodedata.normalize(form, character).lower() for form in ("NFKC", "NFKD")))
    for other in {*folded} - {character}:
        if character.lower() == other and other.upper() == character:
            continue  # a capital letter: domains are case-insensitive
        try:
            found = canonical(f"anne@x{character}x.fr")
        except AccountError:
            continue
        try:
            assert found != canonical(f"anne@x{other}x.fr")
        except AccountError:
            continue


# Accounts of earlier versions


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")
    return tmp_path / "accounts.sqlite"


def keep(path: Path, email: str, password: str = PASSWORD) -> Accounts:
    """Create an account as an earlier version stored it."""
    accounts = Accounts(path)
    made = accounts.add("autre@exemple.fr", "member", password)
    database = sqlite3.connect(path)
    with database:
        database.execute("UPDATE accounts SET email = ? WHERE key = ?", (email, made.key))
    database.close()
    return accounts


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("élise@exemple.fr", ("élise@exemple.fr", " E\u0301LISE@Exemple.fr", "Élise@exemple.fr")),
        ("anne@écoles.fr", ("anne@écoles.fr", "Anne@Écoles.FR", "anne@xn--coles-9ra.fr")),
        ("a\u200bnne@exemple.fr", ("a\u200bnne@exemple.fr",)),
        ("anne@exem_ple.fr", ("anne@exem_ple.fr", "ANNE@exem_ple.fr")),
    ],
)
def test_an_account_of_before_keeps_its_password(path: Path, kept: str, typed: tuple[str, ...]) -> None:
    accounts = keep(path, kept)
    for one in typed:
        found = accounts.verify(one, PASSWORD)
        assert found is not None
        assert found.email == kept
        assert accounts.verify(one, "un autre mot de passe") is None
        assert kept in names_of(one)
    assert accounts.set_password(typed[-1], "un mot de passe neuf").email == kept
    accounts.remove(typed[-1])
    assert accounts.all() == ()


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("secretariat@exemple.fr", "ſecretariat@exemple.fr"),
        ("contact@strasse.fr", "contact@straße.fr"),
        ("contact@strasse.fr", "contact@ſtrasse.fr"),
        ("karl@exemple.fr", "\u212aarl@exemple.fr"),
        ("anne@exemple.fr", "anne\u200b@exemple.fr"),
        ("anne@exemple.fr", "anne@exemple.fr\n"),
        ("finance@exemple.fr", "ﬁnance@exemple.fr"),
        ("a@οσ.gr", "a@ος.gr"),
    ],
)
def test_no_other_address_is_a_name_of_an_account(path: Path, kept: str, typed: str) -> None:
    accounts = keep(path, kept)
    assert accounts.get(kept) is not None
    assert accounts.get(typed) is None
    assert accounts.verify(typed, PASSWORD) is None
    assert key_of(typed) != key_of(kept)
    assert kept not in names_of(typed)
    for change in (lambda: accounts.set_role(typed, "staff"), lambda: accounts.remove(typed)):
        with pytest.raises(AccountError, match="Aucun compte"):
            change()


def test_no_second_account_for_a_domain_in_another_spelling(path: Path) -> None:
    accounts = keep(path, "anne@écoles.fr")
    for typed in ("anne@écoles.fr", "anne@xn--coles-9ra.fr"):
        with pytest.raises(AccountError, match="existe déjà"):
            accounts.add(typed, "staff", PASSWORD)
