"""Erasing a person: no file contains the address afterwards, and all other data is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.corpus.corrections import Correction
from indexer.pipeline.correcting import corrections_of
from search_app.accounts import store as accounts_module
from search_app.accounts.audit import COMMAND_LINE
from search_app.erasure import Erased, erase_person, remove_account
from search_app.errors import AccountError
from search_app.jobs import JobKind
from search_app.settings import SiteSettings
from search_app.stores import Stores, open_stores

ANNE, BOB = "anne@exemple.fr", "bob@exemple.fr"


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    (tmp_path / "corpus").mkdir()
    return SiteSettings(tmp_path / "corpus", tmp_path / "index", tmp_path / "data")


@pytest.fixture
def stores(settings: SiteSettings, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """The stores of a site in which two people have data of every kind."""
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")
    stores = open_stores(settings)
    for email, year in ((ANNE, 2019), (BOB, 2020)):
        account = stores.accounts.add(email, "staff", "un mot de passe solide")
        stores.sessions.begin(account)
        stores.tokens.make(email, "robot")
        stores.throttle.begin(email, "192.0.2.1")
        stores.audit.record("sign-in", email)
        stores.lists.select(account.key, "r-1")
        stores.members.save(account.key, "Vélo", "q=velo", (), "g")
        stores.jobs.add(JobKind.SURVEY, email)
        corrections_of(settings).change("r-1", Correction(year=year), title="Titre", actor=email)
    return stores


def naming(settings: SiteSettings, email: str) -> list[str]:
    """Return the names of the files that contain an address."""
    files = [path for folder in (settings.data, settings.corpus) for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if email.encode() in path.read_bytes())


def test_nothing_of_a_person_is_left(stores: Stores, settings: SiteSettings) -> None:
    named = naming(settings, ANNE)
    assert named == naming(settings, BOB)
    assert {"accounts.sqlite", "audit.sqlite", "jobs.sqlite"} <= set(named)
    erased = erase_person(stores, corrections_of(settings), ANNE, actor=COMMAND_LINE)
    assert erased == Erased(account=True, tokens=1, tries=1, entries=1, work=2)
    assert naming(settings, ANNE) == []
    assert naming(settings, BOB) == named
    last = stores.audit.entries()[-1]
    assert (last.action, last.actor, last.subject) == ("account-erased", COMMAND_LINE, "")
    again = erase_person(stores, corrections_of(settings), ANNE, actor=COMMAND_LINE)
    assert again == Erased(account=False, tokens=0, tries=0, entries=0, work=0)


def test_an_account_goes_with_what_it_kept(stores: Stores) -> None:
    account = stores.accounts.get(ANNE)
    assert account is not None
    remove_account(stores, ANNE, actor=BOB)
    assert (stores.accounts.get(ANNE), stores.tokens.of(ANNE)) == (None, ())
    assert (stores.lists.selected(account.key), stores.members.searches(account.key)) == ((), ())
    last = stores.audit.entries()[-1]
    assert (last.action, last.actor, last.subject) == ("account-removed", BOB, ANNE)


def test_no_account_to_remove_is_said_and_not_noted(stores: Stores) -> None:
    before = stores.audit.entries()
    with pytest.raises(AccountError, match="Aucun compte"):
        remove_account(stores, "carole@exemple.fr", actor=BOB)
    assert stores.audit.entries() == before
