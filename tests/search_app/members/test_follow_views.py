"""Following a search by e-mail: visitors confirm their address, and every mail can be ended with one click."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.pipeline import corrections_of
from search_app.accounts.audit import COMMAND_LINE
from search_app.erasure import erase_person
from search_app.mail import OrderKind
from search_app.mail.addresses import EndTokens
from search_app.mail.letters import Letters
from search_app.mail.queue import MOST_AN_HOUR
from search_app.members import Frequency, SavedSearch
from search_app.members.followers import UNCONFIRMED_HOURS
from search_app.settings import MailServer, SiteSettings
from search_app.stores import Stores, open_stores
from tests.support.clock import Clock
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, Auth, make_app, signed_in

ZOE = "zoe@exemple.fr"
SEARCH = "q=v%C3%A9lo&theme=Mobilit%C3%A9"


@pytest.fixture
def mail_settings(settings: SiteSettings) -> SiteSettings:
    return replace(settings, mail=MailServer("127.0.0.1", "archives@exemple.fr"), mail_visitors=True)


@pytest.fixture
def app(mail_settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(mail_settings, engine)


@pytest.fixture
def stores(app: Flask) -> Stores:
    found: Stores = app.extensions["archive"].stores
    return found


def ask(client: FlaskClient, email: str = ZOE, **fields: str) -> TestResponse:
    form = {"csrf_token": Auth(client).token("/suivre"), "arguments": SEARCH, "email": email, "mail": "daily", **fields}
    return client.post("/suivre", data=form)


def confirmation(stores: Stores, settings: SiteSettings) -> str:
    """Compose the mail that asks for a confirmation, and return the path of its link."""
    (order,) = stores.mails.due()
    assert order.kind is OrderKind.CONFIRMATION
    mail = Letters(stores, settings, lambda: FakeEngine(())).compose(order)
    stores.mails.drop(order)
    assert mail is not None
    assert mail.recipient == ZOE
    found = re.search(r"http://127\.0\.0\.1:8000(/suivre/\S+)", mail.text)
    assert found
    return found[1]


def confirm(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data={"csrf_token": Auth(client).token(path)})


def followed(stores: Stores) -> list[SavedSearch]:
    return [saved for number in range(1, 10) if (saved := stores.members.by_id(number)) is not None]


def test_a_visitor_follows_a_search_once_the_address_is_confirmed(
    client: FlaskClient, stores: Stores, mail_settings: SiteSettings
) -> None:
    page = client.get(f"/?{SEARCH}").text
    assert f'href="/suivre?{SEARCH}"'.replace("&", "&amp;") in page
    form = client.get(f"/suivre?{SEARCH}&page=3").text
    assert "<strong>vélo, Mobilité</strong>" in form
    assert f"{UNCONFIRMED_HOURS}\u00a0heures" in form.replace("&nbsp;", "\u00a0"), "how long an address is kept"
    answer = ask(client)
    assert (answer.status_code, answer.location) == (303, "/suivre/demande")
    assert "Confirmez votre adresse" in client.get(answer.location).text
    path = confirmation(stores, mail_settings)
    assert client.get(path).status_code == client.get(path).status_code == 200
    assert followed(stores) == [], "programs that check mails request links too"
    confirm(client, path)
    (saved,) = followed(stores)
    assert (saved.arguments, saved.mail, saved.fresh) == (SEARCH, Frequency.DAILY, 0)
    shown = client.get(path)
    assert "C’est confirmé" in shown.text
    assert (shown.headers["Cache-Control"], shown.headers["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert client.post(path, data={"csrf_token": Auth(client).token()}).status_code == 303
    assert len(followed(stores)) == 1, "twice is once"


def test_the_answer_says_nothing_of_an_address(
    client: FlaskClient, stores: Stores, mail_settings: SiteSettings
) -> None:
    first = ask(client)
    confirm(client, confirmation(stores, mail_settings))
    for email in (ZOE, MEMBER, "autre@exemple.fr"):
        again = ask(client, email)
        assert (again.status_code, again.location, again.text) == (first.status_code, first.location, first.text)


def test_requests_are_limited_by_network(client: FlaskClient, stores: Stores) -> None:
    for number in range(MOST_AN_HOUR):
        assert ask(client, f"a{number}@exemple.fr").status_code == 303
    refused = ask(client)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert stores.followers.forget(ZOE) == 0, "nothing of a refused request is kept"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": "pas une adresse"}, 400),
        ({"mail": "hourly"}, 400),
        ({"arguments": "q=" + "x" * 5000}, 400),
        ({"site": "https://robot.example"}, 303),
    ],
)
def test_what_is_no_request_orders_nothing(
    client: FlaskClient, stores: Stores, fields: dict[str, str], status: int
) -> None:
    assert ask(client, **fields).status_code == status
    assert stores.mails.due() == ()


@pytest.mark.parametrize("changed", [{"mail": None}, {"mail_visitors": False}])
def test_only_where_staff_allow_it(mail_settings: SiteSettings, engine: FakeEngine, changed: dict[str, object]) -> None:
    client = make_app(replace(mail_settings, **changed), engine).test_client()  # type: ignore[arg-type]
    assert "/suivre" not in client.get(f"/?{SEARCH}").text
    assert client.get("/suivre").status_code == client.get("/suivre/demande").status_code == 404
    token = Auth(client).token()
    assert client.post("/suivre", data={"csrf_token": token, "email": ZOE, "mail": "daily"}).status_code == 404


def test_unconfirmed_addresses_are_deleted_after_two_days(
    app: Flask, client: FlaskClient, stores: Stores, mail_settings: SiteSettings
) -> None:
    clock = Clock()
    stores.followers._clock = clock
    ask(client)
    path = confirmation(stores, mail_settings)
    clock.now += UNCONFIRMED_HOURS * 3600
    assert client.get(path).status_code == 404
    assert stores.followers.purge() == 1
    stored = b"".join(file.read_bytes() for file in mail_settings.data.iterdir() if file.is_file())
    assert ZOE.encode() not in stored


def test_erasing_a_person_ends_all_that_an_address_follows(
    client: FlaskClient, stores: Stores, mail_settings: SiteSettings
) -> None:
    ask(client)
    confirm(client, confirmation(stores, mail_settings))
    ask(client, arguments="q=scic")
    mail_settings.corpus.mkdir()
    erased = erase_person(stores, corrections_of(mail_settings), ZOE, actor=COMMAND_LINE)
    assert (erased.account, erased.followed, erased.mails) == (False, 2, 1)
    assert followed(stores) == []
    stored = b"".join(file.read_bytes() for file in mail_settings.data.iterdir() if file.is_file())
    assert ZOE.encode() not in stored


# The end of mails


def end_path(settings: SiteSettings, saved: SavedSearch) -> str:
    key = (settings.data / "secret.key").read_bytes()
    return f"/courriels/fin/{EndTokens(lambda: key).make(saved.id)}"


def as_member(app: Flask, stores: Stores) -> SavedSearch:
    member = signed_in(app)
    answer = member.post("/recherches", data={"csrf_token": Auth(member).token("/"), "arguments": SEARCH})
    member.post(answer.location, data={"csrf_token": Auth(member).token("/"), "action": "mail", "mail": "weekly"})
    (saved,) = followed(stores)
    assert saved.mail is Frequency.WEEKLY
    return saved


def as_visitor(app: Flask, stores: Stores) -> SavedSearch:
    client = app.test_client()
    ask(client)
    confirm(client, confirmation(stores, app.extensions["archive"].settings))
    (saved,) = followed(stores)
    return saved


@pytest.mark.parametrize("follow", [as_member, as_visitor])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_ends_mails_without_a_session(
    app: Flask, stores: Stores, mail_settings: SiteSettings, follow: Callable[[Flask, Stores], SavedSearch], kind: str
) -> None:
    saved = follow(app, stores)
    path = end_path(mail_settings, saved)
    stranger = app.test_client(use_cookies=False)
    page = stranger.get(path)
    assert page.status_code == 200
    assert "Ne plus les recevoir" in page.text
    assert followed(stores)[0].mail is not None, "programs that check mails request addresses too"
    for _ in range(2):
        answer = stranger.post(path, data={"List-Unsubscribe": "One-Click"}, content_type=kind)
        assert answer.status_code == 200
        assert "Vous ne recevrez plus" in answer.text
    if follow is as_member:
        (left,) = followed(stores)
        assert left.mail is None, "the search itself stays"
    else:
        assert followed(stores) == []
        stored = b"".join(file.read_bytes() for file in mail_settings.data.iterdir() if file.is_file())
        assert ZOE.encode() not in stored
    assert "Vous ne recevrez plus" in stranger.get(path).text


def test_nobody_else_can_end_mails(app: Flask, stores: Stores, mail_settings: SiteSettings) -> None:
    saved = as_member(app, stores)
    client = app.test_client()
    own = end_path(mail_settings, saved)
    for path in ("/courriels/fin/1", "/courriels/fin/1.x", own + "x", own.replace("/1.", "/2.")):
        assert client.get(path).status_code == client.post(path).status_code == 404
    assert followed(stores) == [saved]


# Members


def test_a_member_chooses_how_often(app: Flask, stores: Stores) -> None:
    saved = as_member(app, stores)
    member = signed_in(app)
    page = member.get(f"/recherches/{saved.id}").text
    assert re.search(r'value="weekly" checked', page)
    assert "par courriel chaque lundi matin" in member.get("/recherches").text
    form = {"csrf_token": Auth(member).token("/"), "action": "mail"}
    assert member.post(f"/recherches/{saved.id}", data={**form, "mail": "hourly"}).status_code == 400
    assert member.post(f"/recherches/{saved.id}", data={**form, "mail": ""}).status_code == 303
    assert followed(stores)[0].mail is None
    stores.members.set_mail(saved, Frequency.DAILY)
    stores.members.end_mail(saved.id, refused=True)
    assert "a refusé le dernier message" in member.get(f"/recherches/{saved.id}").text


def test_without_a_mail_server_nothing_is_offered(settings: SiteSettings, engine: FakeEngine) -> None:
    member = signed_in(make_app(settings, engine))
    answer = member.post("/recherches", data={"csrf_token": Auth(member).token("/"), "arguments": SEARCH})
    assert "Par courriel" not in member.get(answer.location).text
    form = {"csrf_token": Auth(member).token("/"), "action": "mail", "mail": "daily"}
    assert member.post(answer.location, data=form).status_code == 400
    assert open_stores(settings).members.mail_due() == ()
