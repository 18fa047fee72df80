"""Commands on mails: sending, trying the settings, reporting a failed unit, inviting people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from search_app.accounts.recovery import set_password_by_link
from search_app.mail import OrderKind
from search_app.settings import SiteSettings
from search_app.stores import Stores, open_stores
from tests.support.mail_server import SENDER, Mailbox, mail_server, part
from tests.support.spaces import plain

EMAIL = "anne@reseau.fr"


@pytest.fixture
def stores(site: Any) -> Stores:
    return open_stores(SiteSettings(site.corpus, site.index, site.data))


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Run a mail server that the settings in the environment name, and yield its mailbox."""
    with mail_server() as box:
        given = {"HOST": box.settings.host, "PORT": str(box.settings.port), "SECURITY": "aucune", "SENDER": SENDER}
        for name, value in given.items():
            monkeypatch.setenv(f"RTES_SMTP_{name}", value)
        monkeypatch.setenv("RTES_MAIL_ALERTS", "nuit@exemple.fr")
        monkeypatch.setenv("RTES_ADDRESS", "https://archives.exemple.fr/")
        yield box


def test_an_invitation_by_mail_and_back(cli: Callable[..., Any], box: Mailbox, stores: Stores) -> None:
    invited = cli("user", "invite", EMAIL, "--role", "member")
    assert (invited.status, plain(invited.out)) == (0, f"Invitation en attente d’envoi : {EMAIL} (member).\n")
    sent = cli("mail", "send", "--json")
    assert sent.json == {"sent": 1, "refused": 0, "postponed": 0, "dropped": 0, "expired": 0, "fault": None}
    (message,) = box.messages
    link = re.search(r"https://archives\.exemple\.fr/mot-de-passe/(\S+)", part(message, "plain"))
    assert link
    assert "7 jours" in part(message, "plain")
    assert set_password_by_link(stores, link[1], "un mot de passe solide").email == EMAIL
    assert plain(cli("mail", "send").out).startswith("Courriels envoyés : 0 ;")


def test_without_a_mail_server_the_link_is_printed_once(cli: Callable[..., Any], stores: Stores) -> None:
    invited = cli("user", "invite", EMAIL, "--role", "staff")
    assert invited.status == 0
    token = invited.out.strip().removeprefix("http://127.0.0.1:8000/mot-de-passe/")
    assert "ne sera plus affiché" in invited.plain_err
    again = cli("user", "invite", EMAIL)
    assert again.status == 0
    assert stores.links.find(token) is None, "the second one replaces it"
    assert cli("user", "invite", EMAIL, "--role", "member").status == 1
    assert "n’existe pas" in cli("user", "invite", "rien@reseau.fr").plain_err
    for command in (("send",), ("failure", "x.service")):
        done = cli("mail", *command)
        assert done.status == 0
        assert "RTES_SMTP_HOST" in done.err
    assert cli("mail", "test", EMAIL).status == 1
    assert stores.mails.due() == ()


def test_the_settings_are_tried_at_once(cli: Callable[..., Any], box: Mailbox) -> None:
    done = cli("mail", "test", "Anne@Reseau.fr")
    assert (done.status, box.recipients) == (0, [EMAIL])
    assert "ils fonctionnent" in part(box.messages[0], "plain")
    box.rcpt = lambda _: "550 inconnu"
    refused = cli("mail", "test", EMAIL)
    assert refused.status == 1
    assert "550 inconnu" in refused.err
    assert cli("mail", "test", "pas une adresse").status == 1


def test_a_server_that_is_away_is_said_and_the_mail_waits(
    cli: Callable[..., Any], box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("user", "invite", EMAIL, "--role", "member")
    monkeypatch.setenv("RTES_SMTP_PORT", "1")
    failed = cli("mail", "send")
    assert failed.status == 1
    assert "127.0.0.1:1 ne peut être joint" in failed.plain_err
    assert cli("mail", "test", EMAIL).status == 1
    listed = cli("mail", "list", "--json").json
    assert listed["counts"]["waiting"] == 1
    assert [(one["recipient"], one["attempts"]) for one in listed["failed"]] == [(EMAIL, 1)]
    assert "en attente : 1" in plain(cli("mail", "list").out)
    assert EMAIL in cli("mail", "list").out


def test_a_failed_unit_is_reported_once_an_hour(
    cli: Callable[..., Any], box: Mailbox, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_SERVICE_RESULT", "exit-code")
    monkeypatch.setenv("MONITOR_EXIT_STATUS", "1")
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)
    assert "a échoué" in cli("mail", "failure", "rtes-archive-index.service").out
    assert "déjà été prévenu" in cli("mail", "failure", "rtes-archive-index.service").out
    cli("mail", "failure", "rtes-archive-backup.service")
    orders = stores.mails.due()
    assert [order.kind for order in orders] == [OrderKind.FAILURE] * 2
    assert orders[0].payload["result"] == "exit-code, 1"
    cli("mail", "send")
    assert box.recipients == ["nuit@exemple.fr"] * 2
    assert "rtes-archive-index.service a échoué" in str(box.messages[0]["Subject"])
    assert "(exit-code, 1)" in part(box.messages[0], "plain")
    monkeypatch.delenv("RTES_MAIL_ALERTS")
    silent = cli("mail", "failure", "rtes-archive-index.service")
    assert (silent.status, "RTES_MAIL_ALERTS" in silent.err) == (0, True)


def test_a_broken_index_holds_back_no_link(cli: Callable[..., Any], box: Mailbox, stores: Stores) -> None:
    from search_app.members import Frequency

    account = stores.accounts.add_invited(EMAIL, "member")
    saved = stores.members.by_id(stores.members.save(account.key, "Vélo", "q=velo", (), "g"))
    assert saved is not None
    stores.members.set_mail(saved, Frequency.DAILY)
    with stores.members.database.changing() as database:
        database.execute("UPDATE searches SET mail_due = 0")
    cli("user", "invite", EMAIL)
    done = cli("mail", "send")
    assert (done.status, box.recipients) == (1, [EMAIL])
    assert done.err
