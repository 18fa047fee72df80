"""What mails say, to whom, and what they never say: news of searches, confirmations, failures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from indexer.engine.protocol import IndexStatus
from indexer.query import Matching, SearchRequest
from indexer.resource import Audience, Resource
from search_app.accounts.audit import COMMAND_LINE
from search_app.accounts.store import Account
from search_app.erasure import remove_account
from search_app.mail import Order, OrderKind
from search_app.mail.delivery import Sent, deliver
from search_app.mail.letters import MOST_NAMED, Letters, _filters
from search_app.mail.news import order_news
from search_app.members import Frequency, MembersStore, SavedSearch
from search_app.members.refresh import ids_of, request_of
from search_app.members.store import next_morning
from search_app.settings import SiteSettings
from search_app.stores import Stores, open_stores
from tests.support.clock import Clock
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.mail_server import Mailbox, part
from tests.support.site import MEMBER

DAY = 24 * 3600
VISITOR = "zoe@exemple.fr"


class Growing(FakeEngine):
    """An engine whose generation changes with its resources."""

    def status(self) -> IndexStatus:
        return replace(super().status(), generation=f"g{len(self.resources)}")


def new(number: int, **values: object) -> Resource:
    return replace(demo_resources()[24], **{"id": f"neuf-{number}", "title": f"Neuf à vélo {number}", **values})


class Post:
    """A site with a member, whose mails are ordered and sent only when a test says so, by a clock that tests move."""

    def __init__(self, settings: SiteSettings, box: Mailbox) -> None:
        self.settings = replace(settings, mail=box.settings, address="https://archives.exemple.fr/")
        self.box, self.clock = box, Clock()
        self.engine = Growing(demo_resources())
        stores = open_stores(self.settings)
        data = settings.data
        self.stores: Stores = replace(stores, members=MembersStore(data / "shelf.sqlite", self.clock))
        for store in (self.stores.mails, self.stores.links, self.stores.followers):
            store._clock = self.clock

    @property
    def account(self) -> Account:
        found = self.stores.accounts.get(MEMBER)
        assert found is not None
        return found

    def follow(self, arguments: str, *, name: str = "Ma veille", mail: Frequency = Frequency.DAILY) -> SavedSearch:
        found = ids_of(self.engine, request_of(arguments, Audience.MEMBER))
        generation = self.engine.status().generation
        number = self.stores.members.save(self.account.key, name, arguments, found, generation)
        saved = self.stores.members.by_id(number)
        assert saved is not None
        self.stores.members.set_mail(saved, mail)
        return saved

    def publish(self, *resources: Resource) -> None:
        self.engine.resources = (*self.engine.resources, *resources)

    def order(self) -> int:
        return order_news(self.stores, self.settings, lambda: self.engine, clock=self.clock)

    def send(self) -> Sent:
        assert self.settings.mail is not None
        letters = Letters(self.stores, self.settings, lambda: self.engine, clock=self.clock)
        return deliver(
            self.stores.mails,
            self.settings.mail,
            letters.compose,
            name=self.settings.site_name,
            folder=self.settings.data,
            refused=letters.refused,
            clock=self.clock,
        )

    def night(self, days: int = 1) -> list[EmailMessage]:
        """Let days pass, and return the mails that were sent since."""
        before = len(self.box.accepted)
        for _ in range(days):
            self.clock.now += DAY
            self.order()
            self.send()
        return self.box.messages[before:]


@pytest.fixture
def post(settings: SiteSettings, box: Mailbox) -> Post:
    return Post(settings, box)


def both(message: EmailMessage) -> str:
    """Return all that a mail says: headers, plain text, HTML."""
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return f"{headers}\n{part(message, 'plain')}\n{part(message, 'html')}"


# News


def test_news_of_a_search(post: Post) -> None:
    saved = post.follow("q=v%C3%A9lo&year=2023&type=Guides", name="Deux roues")
    post.publish(new(1, type="Guides", year=2023), new(2, type="Guides", year=2023, title="Été & <vélo>"))
    (message,) = post.night()
    assert message["To"] == MEMBER
    assert message["Subject"].replace("\u00a0", " ") == "2 nouvelles ressources pour « Deux roues »"
    text, html = part(message, "plain"), part(message, "html")
    for said in (text, html):
        assert "https://archives.exemple.fr/ressources/neuf-1" in said
        assert f"https://archives.exemple.fr/recherches/{saved.id}" in said
        for filter_in_words in ("mots : « vélo »", "type : Guides", "année : 2023"):
            assert filter_in_words in said
    assert "* Neuf à vélo 1\n  Guides, 2023\n" in text
    assert "Été & <vélo>" in text
    assert "Été &amp; &lt;vélo&gt;" in html
    end = message["List-Unsubscribe"].strip("<>")
    assert end.startswith("https://archives.exemple.fr/courriels/fin/")
    assert end in text
    assert end in html
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert post.night(3) == [], "nothing new, no mail"


def test_what_the_search_found_when_mails_were_chosen_is_not_news(post: Post) -> None:
    post.follow("q=v%C3%A9lo")
    assert post.night() == []


def test_weekly_news_come_on_mondays(post: Post) -> None:
    post.follow("q=v%C3%A9lo", mail=Frequency.WEEKLY)
    post.publish(new(1))
    assert len(post.night(7)) == 1
    assert [next_morning(post.clock.now, each) > post.clock.now for each in Frequency] == [True, True]


@pytest.mark.parametrize("titles", [False, True])
@pytest.mark.parametrize("site_titles", [False, True], ids=["hidden", "title"])
def test_private_resources_are_counted_and_named_only_where_a_setting_allows_it(
    post: Post, titles: bool, site_titles: bool
) -> None:
    post.settings = replace(post.settings, mail_private_titles=titles, private_titles=site_titles)
    post.follow("q=v%C3%A9lo")
    secret = new(2, private=True, title="Zanzibar à vélo", type="Note confidentielle", themes=("Xylophone",))
    post.publish(new(1), secret)
    (message,) = post.night()
    assert ("Zanzibar" in both(message), "neuf-2" in both(message)) == (titles, titles)
    assert "2 nouvelles ressources" in message["Subject"].replace("\u00a0", " ")
    assert ("Et 1 ressource réservée aux adhérents" in part(message, "plain")) is not titles
    assert "onfidentielle" not in both(message) or titles
    assert "Xylophone" not in both(message)


def test_a_mail_of_private_news_alone_is_a_count_and_a_link(post: Post) -> None:
    saved = post.follow("q=v%C3%A9lo")
    post.publish(new(1, private=True), new(2, private=True))
    (message,) = post.night()
    assert "\n2 ressources réservées aux adhérents, à lire sur le site." in part(message, "plain")
    assert f"/recherches/{saved.id}" in part(message, "plain")
    assert "Neuf" not in both(message)


def test_filters_that_only_private_resources_have_are_not_named(post: Post) -> None:
    secret = new(0, private=True, themes=("Xylophone",), type="Note secrète")
    post.publish(secret)
    post.follow("q=v%C3%A9lo&theme=Xylophone", name="Xylophone et vélo")
    post.publish(replace(secret, id="neuf-3"))
    (message,) = post.night()
    assert "ylophone" not in both(message)
    assert "mots : « vélo »" in part(message, "plain")
    assert "d’autres filtres, à voir sur le site" in part(message, "plain")


def test_every_filter_is_named(post: Post) -> None:
    asked = SearchRequest(
        Audience.MEMBER,
        "vélo",
        types=("Guides", None),
        years=(2023,),
        year_from=2020,
        year_to=2024,
        themes=("Mobilité",),
        private=(False,),
        match=Matching.ALL,
        with_publication=True,
        formats=("application/pdf",),
        territories=("R53", None),
    )
    told = "; ".join(_filters(asked, whole=True)).replace("\u00a0", " ")
    assert told == (
        "mots : « vélo »; type : Guides, Sans type; thème : Mobilité; territoire : Bretagne, Sans territoire; "
        "année : 2023; format : PDF; période : de 2020 à 2024; accès : public; avec publication; mots cherchés : tous"
    )
    shown_only = {"audience", "query", "sort", "page", "per_page", "snippets"}
    plain = SearchRequest(Audience.MEMBER)
    for field in fields(SearchRequest):
        if field.name not in shown_only:
            assert getattr(asked, field.name) != getattr(plain, field.name), "add it above, and to `_filters`"


def test_a_territory_that_only_private_resources_have_is_not_named(post: Post) -> None:
    post.publish(new(0, private=True, territories=("D23",)))
    post.follow("q=v%C3%A9lo&territory=D23", name="Creuse et vélo")
    post.publish(new(1, private=True, territories=("D23",)))
    (message,) = post.night()
    assert "Creuse" not in both(message)
    assert "d’autres filtres, à voir sur le site" in part(message, "plain")


def test_who_has_lost_the_right_gets_nothing(post: Post) -> None:
    post.follow("q=v%C3%A9lo")
    post.publish(new(1))
    post.stores.accounts.set_disabled(MEMBER, True)
    assert post.night() == []
    post.stores.accounts.set_disabled(MEMBER, False)
    post.stores.accounts.lapse(MEMBER)
    assert post.night() == []
    post.stores.accounts.set_role(MEMBER, "member")
    assert len(post.night()) == 1, "the news waited for the right to come back"


def test_rights_are_those_of_the_instant_of_sending(post: Post) -> None:
    """A mail that was ordered before a resource became private or was withdrawn does not name it, and a mail to an
    account that was disabled meanwhile is not sent.
    """
    post.follow("q=v%C3%A9lo")
    post.publish(new(1), new(2), new(3))
    post.clock.now += DAY
    assert post.order() == 1
    kept, private = post.engine.resources[:-3], replace(new(2), private=True)
    post.engine.resources = (*kept, new(1), private)
    assert post.send() == Sent(sent=1)
    message = post.box.messages[-1]
    assert "Neuf à vélo 1" in both(message)
    assert "Neuf à vélo 2" not in both(message)
    assert "Neuf à vélo 3" not in both(message)

    post.publish(new(4), new(5))
    post.clock.now += DAY
    assert post.order() == 1
    post.stores.accounts.set_disabled(MEMBER, True)
    assert post.send() == Sent(dropped=1)


def test_a_deleted_search_or_account_gets_nothing(post: Post) -> None:
    first = post.follow("q=v%C3%A9lo")
    post.follow("q=scic+v%C3%A9lo")
    post.publish(new(1, body="vélo scic"))
    post.clock.now += DAY
    assert post.order() == 2
    post.stores.members.delete(first)
    remove_account(post.stores, MEMBER, actor=COMMAND_LINE)
    assert post.send() == Sent(dropped=2)


def test_a_long_list_of_news_is_cut_and_counted(post: Post) -> None:
    post.follow("q=v%C3%A9lo")
    post.publish(*(new(number) for number in range(MOST_NAMED + 5)))
    (message,) = post.night()
    assert part(message, "plain").count("/ressources/") == MOST_NAMED
    assert "et 5 autres." in part(message, "plain")


def test_a_title_cannot_forge_lines_of_a_mail(post: Post) -> None:
    post.follow("q=v%C3%A9lo")
    post.publish(new(1, title="Vélo\nBcc: tous@exemple.fr\r\n\u202eFIN"))
    (message,) = post.night()
    assert "* Vélo Bcc: tous@exemple.fr FIN\n" in part(message, "plain")
    assert message["Bcc"] is None
    assert "\u202e" not in both(message)


@pytest.mark.parametrize("step", ["news_begin", "news_ordered", "add"])
def test_a_process_that_ends_while_news_are_ordered_neither_loses_nor_repeats_any(
    post: Post, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    post.follow("q=v%C3%A9lo")
    post.publish(new(1))
    post.clock.now += DAY

    def end(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(type(post.stores.mails if step == "add" else post.stores.members), step, end)
        with pytest.raises(SystemExit):
            post.order()
    # A generation later, before the next attempt.
    post.publish(new(2))
    post.clock.now += 60
    messages = [*post.night(), *post.night()]
    said = "\n".join(map(both, messages))
    for number in (1, 2):
        assert said.count(f"* Neuf à vélo {number}\n") == 1


def test_an_address_that_refuses_mails_gets_no_more_of_them(post: Post) -> None:
    saved = post.follow("q=v%C3%A9lo")
    post.publish(new(1))
    post.box.rcpt = lambda _: "550 inconnu"
    assert post.night() == []
    found = post.stores.members.by_id(saved.id)
    assert found is not None
    assert (found.mail, found.mail_refused) == (None, True)
    post.publish(new(2))
    assert post.order() == 0
    post.stores.members.set_mail(found, Frequency.DAILY)
    again = post.stores.members.by_id(saved.id)
    assert again is not None
    assert not again.mail_refused


# Visitors


def ask(post: Post, arguments: str = "q=v%C3%A9lo", email: str = VISITOR) -> str:
    key = post.stores.followers.ask(email, arguments, Frequency.DAILY)
    post.stores.mails.add(OrderKind.CONFIRMATION, email, {"follower": key})
    return key


def test_a_visitor_is_asked_to_confirm(post: Post) -> None:
    post.settings = replace(post.settings, mail_visitors=True)
    ask(post, "q=v%C3%A9lo&theme=Mobilit%C3%A9")
    assert post.send() == Sent(sent=1)
    (message,) = post.box.messages
    assert message["To"] == VISITOR
    assert "vélo, Mobilité" in part(message, "plain")
    assert "48 heures" in part(message, "plain")
    assert message["List-Unsubscribe"] is None


def test_visitors_hear_of_public_resources_alone(post: Post) -> None:
    """Mails to visitors do not name private resources even if the site shows visitors their titles, as placeholders."""
    post.settings = replace(post.settings, mail_visitors=True, private_titles=True, mail_private_titles=True)
    follower = post.stores.followers.get(ask(post))
    assert follower is not None
    assert post.stores.followers.confirm(follower)
    number = post.stores.members.save(follower.key, "vélo", "q=v%C3%A9lo", (), "g0")
    saved = post.stores.members.by_id(number)
    assert saved is not None
    post.stores.members.set_mail(saved, Frequency.DAILY)
    placeholder = new(2, private=True, title="Zanzibar à vélo")
    post.engine._world = lambda _: (new(1), placeholder)  # type: ignore[method-assign, assignment, return-value]
    post.send()
    (message,) = post.night()[-1:]
    assert "Neuf à vélo 1" in both(message)
    assert "1 nouvelle ressource" in message["Subject"].replace("\u00a0", " ")
    assert "Zanzibar" not in both(message)
    assert "réservée" not in both(message)


@pytest.mark.parametrize("when", ["asking", "news"])
def test_where_staff_do_not_allow_it_visitors_get_nothing(post: Post, when: str) -> None:
    post.settings = replace(post.settings, mail_visitors=when == "news")
    key = ask(post)
    if when == "asking":
        assert post.send() == Sent(dropped=1)
        return
    follower = post.stores.followers.get(key)
    assert follower is not None
    post.stores.followers.confirm(follower)
    saved = post.stores.members.by_id(post.stores.members.save(key, "vélo", "q=v%C3%A9lo", (), "g0"))
    assert saved is not None
    post.stores.members.set_mail(saved, Frequency.DAILY)
    post.send()
    post.publish(new(1))
    post.settings = replace(post.settings, mail_visitors=False)
    assert post.night() == []


def test_nobody_s_mailbox_is_filled(post: Post) -> None:
    post.settings = replace(post.settings, mail_visitors=True)
    for number in range(5):
        ask(post, f"q=mot{number}")
    assert post.send() == Sent(sent=3, dropped=2)
    # What was asked without being confirmed is deleted after two days; a search is not asked for twice.
    post.clock.now += 48 * 3600
    follower = post.stores.followers.get(ask(post))
    assert follower is not None
    assert post.send() == Sent(sent=1)
    post.stores.followers.confirm(follower)
    ask(post)
    assert post.send() == Sent(dropped=1)


def test_what_a_mail_says_of_a_failed_unit(post: Post) -> None:
    payload = {"unit": "rtes-archive-index.service\nFORGED", "host": "serveur", "result": "exit-code, 1"}
    post.settings = replace(post.settings, mail_alerts="nuit@exemple.fr")
    post.stores.mails.add(OrderKind.FAILURE, "nuit@exemple.fr", payload)
    assert post.send() == Sent(sent=1)
    (message,) = post.box.messages
    assert message["Subject"] == "rtes-archive-index.service FORGED a échoué"
    assert "journalctl -u rtes-archive-index.service FORGED -n 100" in part(message, "plain")


def test_every_kind_of_mail_is_composed_without_an_engine_unless_it_names_resources(post: Post, tmp_path: Path) -> None:
    def no_engine() -> FakeEngine:
        raise AssertionError("an engine was opened")

    compose: Callable[[Order], object] = Letters(post.stores, post.settings, no_engine).compose
    for kind in set(OrderKind) - {OrderKind.NEWS}:
        post.stores.mails.add(kind, MEMBER, {"follower": "x"})
    for order in post.stores.mails.due():
        compose(order)
