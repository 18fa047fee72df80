"""Passwords: one normal form however they are typed; common and easily guessed ones are refused."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

import search_app.accounts.store as accounts_module
from indexer.storage import database as storage
from search_app.accounts.password_policy import check_new_password, kept_form, typed_forms
from search_app.accounts.store import Accounts
from search_app.errors import AccountError
from tests.support.waiting import PATIENCE

EMAIL = "lea.martin@mairie-essai.example"
COMPOSED = "Éléphant bleu à la crème"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.sqlite")


def hash_of(accounts: Accounts) -> str:
    with accounts._store.reading() as database:
        return database.execute("SELECT password FROM accounts").fetchone()[0]


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_opens_however_its_accents_are_written(accounts: Accounts, chosen: str, typed: str) -> None:
    accounts.add(EMAIL, "member", chosen)
    assert accounts.verify(EMAIL, typed) is not None
    assert accounts.verify(EMAIL, chosen) is not None
    assert accounts.verify(EMAIL, "Elephant bleu a la creme") is None


@pytest.mark.parametrize("space", "\u00a0\u202f\u3000\u2007")
def test_every_space_is_a_space(accounts: Accounts, space: str) -> None:
    accounts.add(EMAIL, "member", f"trois{space}petits{space}chats")
    assert accounts.verify(EMAIL, "trois petits chats") is not None


def test_widths_and_capitals_count(accounts: Accounts) -> None:
    accounts.add(EMAIL, "member", "Trois petits chats")
    assert accounts.verify(EMAIL, "trois petits chats") is None
    assert accounts.verify(EMAIL, "Ｔrois petits chats") is None


@pytest.mark.parametrize("old", [COMPOSED, DECOMPOSED, "trois\u00a0petits chats à l\u2019eau"])
def test_a_hash_of_an_earlier_version_opens_and_is_brought_up_to_date(accounts: Accounts, old: str) -> None:
    account = accounts.add(EMAIL, "member", "un mot de passe solide")
    before = generate_password_hash(old, method="pbkdf2:sha256:1")
    with accounts._store.changing() as database:
        database.execute("UPDATE accounts SET password = ?", (before,))
    opened = accounts.verify(EMAIL, old)
    assert opened is not None
    assert opened.epoch == account.epoch  # sessions stay valid
    other = unicodedata.normalize("NFC" if old == DECOMPOSED else "NFD", old)
    assert accounts.verify(EMAIL, other) is not None
    assert (hash_of(accounts) == before) == (kept_form(old) == old)
    assert accounts.verify(EMAIL, "un mot de passe solide") is None


def test_a_hash_of_an_earlier_version_opens_in_the_other_form_too(accounts: Accounts) -> None:
    accounts.add(EMAIL, "member", "un mot de passe solide")
    with accounts._store.changing() as database:
        hashed = generate_password_hash(DECOMPOSED, method="pbkdf2:sha256:1")
        database.execute("UPDATE accounts SET password = ?", (hashed,))
    assert accounts.verify(EMAIL, COMPOSED) is not None


def test_an_old_hash_opens_where_the_file_cannot_be_written(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(EMAIL, "member", "un mot de passe solide")
    with accounts._store.changing() as database:
        hashed = generate_password_hash(DECOMPOSED, method="pbkdf2:sha256:1")
        database.execute("UPDATE accounts SET password = ?", (hashed,))

    def refuse(*_: object) -> None:
        raise accounts_module.StoreError("plein")

    monkeypatch.setattr(storage.Database, "changing", refuse)
    assert accounts.verify(EMAIL, DECOMPOSED) is not None


def test_as_much_is_tried_whether_the_account_exists_or_not(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(EMAIL, "member", "un mot de passe solide")
    tried: list[int] = []
    for email in (EMAIL, "personne@mairie-essai.example"):
        forms: list[str] = []
        monkeypatch.setattr(accounts_module, "check_password_hash", lambda _, form, forms=forms: forms.append(form))
        assert accounts.verify(email, DECOMPOSED) is None
        tried.append(len(forms))
    assert tried == [2, 2]


@given(st.text(max_size=40))
def test_any_text_may_be_typed_and_its_kept_form_is_tried_first(text: str) -> None:
    forms = typed_forms(text)
    assert len(forms) == len({*forms}) <= 4
    try:
        assert forms[0] == kept_form(text)
    except AccountError:
        assert text.encode("utf-8", "replace").decode() in forms


@pytest.mark.parametrize("sign", ["\0", "\n", "\t", "\x7f", "\u0378", "\ud800", "\u2028", "\u200b"])
def test_what_cannot_be_typed_again_is_refused_and_named(sign: str) -> None:
    with pytest.raises(AccountError, match=f"U\\+{ord(sign):04X}"):
        check_new_password(f"une phrase{sign} assez longue")


@pytest.mark.parametrize("typed", ["e\u0301" * 9, "        9", "court"])
def test_length_is_that_of_the_kept_form(typed: str) -> None:
    with pytest.raises(AccountError, match="trop court"):
        check_new_password(typed)


def test_too_long_is_no_password() -> None:
    with pytest.raises(AccountError, match="trop long"):
        check_new_password("phrase " * 200)


@pytest.mark.parametrize(
    "common",
    [
        "1234567890", "0123456789", "9876543210", "123456789012345", "1122334455", "aaaaaaaaaa", "abcabcabcabc",
        "azertyuiop", "AZERTYUIOP", "poiuytreza", "qsdfghjklm", "qwertyuiop", "azerty1234", "qwerty12345",
        "abcdefghij", "1q2w3e4r5t", "motdepasse", "MotDePasse1", "motdepasse2024", "M0tDeP@sse", "motdepasse!!!",
        "password123", "P@ssw0rd2024", "passwordpassword", "bonjour123", "Bonjour2024!", "soleil2024!", "Soleil-1998",
        "marseille13", "jetaime123", "j3t@im3tr0p", "iloveyou12", "chocolat12", "doudou1234", "administrateur",
        "admin12345", "adminadmin", "changeme123", "septembre2026", "Décembre2025", "princesse1", "loulouloulou",
        "nicolas1990", "bienvenue1", "letmein1234", "football10", "ｐａｓｓｗｏｒｄ１２", "azertyazerty",
    ],
)  # fmt: skip
def test_what_anyone_would_try_first_is_refused(common: str) -> None:
    with pytest.raises(AccountError, match="en premier"):
        check_new_password(common)


@pytest.mark.parametrize(
    "own",
    [
        EMAIL, EMAIL.upper(), "lea.martin", "leamartin1", "Martin.Lea", "martin2024", "mairie-essai", "mairieessai",
        "Mairie.Essai!", "lea@mairie", "l3a.m@rtin", "martinmartin",
    ],
)  # fmt: skip
def test_the_address_of_the_account_is_refused(own: str) -> None:
    check_new_password(own, "autre.personne@ailleurs.example")
    with pytest.raises(AccountError, match="l’adresse du compte"):
        check_new_password(own, EMAIL)


@pytest.mark.parametrize(
    "good",
    [
        "un mot de passe solide", "xkj3!fhq8a", "motdepasse-solide", "4 chatons sur la lune", "cheval agrafe pile",
        "Vive la cantine 2024 de Léa !", "7Rb-qP2x-Lm", "密码是一句很长的话没错", "tulipe/brouette", "marseille-kx7Q",
        "soleil chocolat dragon licorne maison", "🐘🦒🐇🐢🦔🐿🦊🐻🐼🐨",
    ],
)  # fmt: skip
def test_others_are_taken(good: str) -> None:
    assert check_new_password(good, EMAIL) == kept_form(good)


def test_most_commands_do_not_load_what_passwords_need() -> None:
    code = "import sys, search_app.stores; sys.exit('precis_i18n' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0
