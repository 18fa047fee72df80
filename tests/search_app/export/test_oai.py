"""OAI-PMH: the rules of the protocol, and a harvester that reads everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import httpx2
import hypothesis
import oaipmh_scythe
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from oaipmh_scythe import Scythe

from indexer.corpus import PUBLIC_RECORDS, PublicRecords, Selection, public_state
from indexer.resource import Resource
from search_app.export.oai import views
from search_app.settings import SiteSettings
from tests.support.clock import Clock
from tests.support.demo_resources import demo_resources
from tests.support.depth import examples
from tests.support.fake_engine import FakeEngine
from tests.support.oai_rules import OAI, faults, parsed
from tests.support.site import MEMBER, make_app, signed_in

DAY = 86_400
START = "1970-01-12T13:46:40Z"
"""The time at which `Clock` stands, as OAI-PMH writes it."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(settings: SiteSettings, engine: FakeEngine, clock: Clock) -> PublicRecords:
    """The records of the archive that the fake engine holds."""
    settings.corpus.mkdir()
    records = PublicRecords(settings.corpus / PUBLIC_RECORDS, clock=clock)
    show(records, engine.resources)
    return records


def show(records: PublicRecords, resources: tuple[Resource, ...], *, generation: str = "g") -> None:
    records.update(generation, {one.id: public_state(one) for one in resources}, whole=True)


@pytest.fixture
def harvester(client: FlaskClient, records: PublicRecords) -> Iterator[Scythe]:
    with Scythe("http://localhost/oai") as scythe:
        scythe._client = httpx2.Client(transport=httpx2.WSGITransport(app=client.application))
        yield scythe


def ask(client: FlaskClient, **arguments: str) -> bytes:
    """Return the body of a response, which must follow the protocol."""
    answer = client.get("/oai?" + urlencode({name.rstrip("_"): value for name, value in arguments.items()}))
    assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert faults(answer.data) == []
    return answer.data


def code(body: bytes) -> str | None:
    error = parsed(body).find(f"{{{OAI}}}error")
    return None if error is None else error.get("code")


def headers(body: bytes) -> list[tuple[str, str | None]]:
    found = parsed(body).iter(f"{{{OAI}}}header")
    return [(one.findtext(f"{{{OAI}}}identifier").rpartition(":")[2], one.get("status")) for one in found]


def token(body: bytes) -> str | None:
    return parsed(body).findtext(f".//{{{OAI}}}resumptionToken")


LIST = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
IDS = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
GET = {"verb": "GetRecord", "metadataPrefix": "oai_dc"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&x=1", "badArgument"),
        ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=oai:127.0.0.1:r-00", "badArgument"),
        ("verb=ListSets&set=theme", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-13-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-03T10:00:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-03T10:00:00%2B01:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=0000-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-03&until=2020-02-03T10:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-04&until=2020-02-03", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=theme:", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=marc21&identifier=oai:127.0.0.1:r-00", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:rien", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=r-00", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:ailleurs.example:r-00", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:r%252D00", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:127.0.0.1:rien", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=theme:rien", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1969-12-31", "noRecordsMatch"),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListIdentifiers&resumptionToken=", "badResumptionToken"),
        ("verb=Identify", None),
        ("verb=ListMetadataFormats", None),
        ("verb=ListMetadataFormats&identifier=oai:127.0.0.1:r-00", None),
        ("verb=ListSets", None),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=1970-01-12&until=1970-01-12", None),
        (f"verb=ListRecords&metadataPrefix=oai_dc&from={START}&until={START}", None),
        ("verb=ListIdentifiers&metadataPrefix=oai_dc&until=9999-12-31T23:59:59Z&set=type:guides", None),
    ],
)
def test_errors_are_those_of_the_protocol(
    client: FlaskClient, records: PublicRecords, arguments: str, expected: str | None
) -> None:
    by_get = client.get(f"/oai?{arguments}")
    by_post = client.post("/oai", data=arguments, content_type="application/x-www-form-urlencoded")
    for answer in (by_get, by_post):
        assert answer.status_code == 200
        assert faults(answer.data) == []
        assert code(answer.data) == expected
        request = parsed(answer.data).find(f"{{{OAI}}}request")
        assert request.text == "http://127.0.0.1:8000/oai"
        assert bool(request.attrib) == (expected not in {"badVerb", "badArgument"})


def test_an_empty_archive_has_neither_records_nor_sets(client: FlaskClient) -> None:
    assert code(ask(client, **LIST)) == "noRecordsMatch"
    assert code(ask(client, verb="ListSets")) == "noSetHierarchy"
    identity = parsed(ask(client, verb="Identify"))
    assert identity.findtext(f".//{{{OAI}}}earliestDatestamp") == "1970-01-01T00:00:00Z"


TYPED = st.dictionaries(
    st.sampled_from(["verb", "metadataPrefix", "set", "from", "until", "identifier", "resumptionToken", "x"]),
    st.one_of(
        st.sampled_from([*LIST.values(), "ListSets", "GetRecord", "theme", "1970-01-12", START]),
        st.text(max_size=12),
    ),
)


@examples(light=40, full=300)
def test_whatever_is_asked_the_answer_follows_the_rules(
    client: FlaskClient, records: PublicRecords, examples: int
) -> None:
    @hypothesis.settings(max_examples=examples, deadline=None)
    @given(TYPED)
    def ask(arguments: dict[str, str]) -> None:
        answer = client.get("/oai?" + urlencode(arguments, errors="replace"))
        assert answer.status_code == 200
        assert faults(answer.data) == []

    ask()


def test_what_the_archive_says_of_itself(settings: SiteSettings, engine: FakeEngine, records: PublicRecords) -> None:
    named = replace(settings, address="https://archives.exemple.fr/", contact="equipe@exemple.fr")
    client = make_app(named, engine).test_client()
    said = parsed(ask(client, verb="Identify")).find(f"{{{OAI}}}Identify")
    texts = {one.tag.partition("}")[2]: one.text for one in said}
    assert texts["repositoryName"] == "Archives d’essai"
    assert texts["baseURL"] == "https://archives.exemple.fr/oai"
    assert texts["adminEmail"] == "equipe@exemple.fr"
    assert (texts["deletedRecord"], texts["earliestDatestamp"]) == ("persistent", START)
    described = "{http://www.openarchives.org/OAI/2.0/oai-identifier}repositoryIdentifier"
    assert said.findtext(f".//{described}") == "archives.exemple.fr"
    assert b"oai:archives.exemple.fr:r-00" in ask(client, **GET, identifier="oai:archives.exemple.fr:r-00")
    page = make_app(replace(named, contact="https://exemple.fr/contact"), engine).test_client()
    assert b"<adminEmail>postmaster@archives.exemple.fr</adminEmail>" in ask(page, verb="Identify")
    local = make_app(replace(named, address="http://localhost:8000/"), engine).test_client()
    ask(local, verb="Identify")


def test_a_record(client: FlaskClient, records: PublicRecords) -> None:
    body = ask(client, **GET, identifier="oai:127.0.0.1:r-02")
    dc = [(one.tag.partition("}")[2], one.text) for one in parsed(body).find(".//{*}dc")]
    assert ("title", "Créer une SCIC avec sa commune") in dc
    assert ("creator", "Léa Roux") in dc
    assert ("date", "2021-11") in dc
    assert ("identifier", "http://127.0.0.1:8000/ressources/r-02") in dc
    assert ("language", "fr") in dc
    assert ("format", "text/html") in dc
    assert b"<setSpec>type:guides</setSpec>" in body


def test_a_harvester_reads_the_visitors_world(
    harvester: Scythe, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 4)
    public = {one.id: one for one in engine.resources if not one.private}
    harvested = {one.header.identifier.rpartition(":")[2]: one for one in harvester.list_records()}
    assert harvested.keys() == public.keys()
    for name, one in harvested.items():
        assert one.get_metadata()["title"] == [" ".join(public[name].title.split())]
    assert len(list(harvester.list_identifiers())) == len(public)
    sets = {one.setSpec: one.setName for one in harvester.list_sets()}
    assert sets["theme:monnaies-locales"] == "Monnaies locales"
    assert sets["theme"] == "Thèmes"
    for spec in sets:
        kind, _, _ = spec.partition(":")
        within = {one.identifier.rpartition(":")[2] for one in harvester.list_identifiers(set_=spec)}
        assert within
        if spec == kind == "theme":
            assert within == {one.id for one in public.values() if one.themes}
    assert harvester.identify().deletedRecord == "persistent"
    assert [one.metadataPrefix for one in harvester.list_metadata_formats()] == ["oai_dc"]
    found = harvester.get_record(identifier="oai:127.0.0.1:r-00")
    assert found.header.identifier.endswith(":r-00")
    with pytest.raises(oaipmh_scythe.exceptions.IdDoesNotExist):
        harvester.get_record(identifier="oai:127.0.0.1:r-04")


def test_a_harvester_by_post(client: FlaskClient, records: PublicRecords) -> None:
    config = oaipmh_scythe.config.HTTPConfig(http_method="POST")
    with Scythe("http://localhost/oai", http_config=config) as scythe:
        scythe._client = httpx2.Client(transport=httpx2.WSGITransport(app=client.application))
        assert len(list(scythe.list_records())) == records.count(Selection())


def test_a_harvester_learns_what_changed_and_what_is_gone(
    harvester: Scythe, records: PublicRecords, engine: FakeEngine, clock: Clock
) -> None:
    clock.now += 3 * DAY
    hidden, gone, *others = engine.resources[:2] + engine.resources[2:]
    changed = replace(others[0], title="Un autre titre")
    engine.resources = (replace(hidden, private=True), changed, *others[1:])
    show(records, engine.resources)
    news = {one.header.identifier.rpartition(":")[2]: one for one in harvester.list_records(from_="1970-01-13")}
    assert news.keys() == {hidden.id, gone.id, changed.id}
    assert {name for name, one in news.items() if one.header.deleted} == {hidden.id, gone.id}
    assert news[changed.id].get_metadata()["title"] == ["Un autre titre"]
    kept = list(harvester.list_records(from_="1970-01-13", ignore_deleted=True))
    assert len(kept) == 1
    assert len(list(harvester.list_records(until="1970-01-12"))) == len(records.page(Selection(), limit=99)) - 3


def test_the_index_has_the_last_word_on_what_is_public(
    client: FlaskClient, records: PublicRecords, engine: FakeEngine
) -> None:
    """A resource that is private in the index is listed as deleted, even if its record still says that it is public: a
    generation may be current before its records are written, and a run may be killed in between.
    """
    secret = replace(engine.resources[0], private=True, title="Zanzibar", themes=("Zanzibar",))
    engine.resources = (secret, *engine.resources[1:])
    body = ask(client, **LIST)
    assert b"Zanzibar" not in body
    assert (secret.id, "deleted") in headers(body)
    assert headers(ask(client, **GET, identifier=f"oai:127.0.0.1:{secret.id}")) == [(secret.id, "deleted")]


def test_a_member_harvests_what_visitors_do(
    client: FlaskClient, settings: SiteSettings, engine: FakeEngine, records: PublicRecords
) -> None:
    member = signed_in(make_app(settings, engine), MEMBER)
    bodies = [parsed(ask(one, **LIST)).find(f"{{{OAI}}}ListRecords") for one in (client, member)]
    assert headers(ask(member, **LIST)) == headers(ask(client, **LIST))
    assert [one.findtext(".//{*}title") for one in bodies[0]] == [one.findtext(".//{*}title") for one in bodies[1]]


def walk(client: FlaskClient, **first: str) -> list[tuple[str, str | None]]:
    body, seen = ask(client, **first), []
    for number in itertools.count():
        part = parsed(body).find(f".//{{{OAI}}}resumptionToken")
        assert part is None or int(part.get("cursor")) == len(seen)
        seen += headers(body)
        if not token(body):
            assert number == 0 or (part is not None and int(part.get("completeListSize")) == len(seen))
            return seen
        body = ask(client, verb=first["verb"], resumptionToken=token(body))
    raise AssertionError


def test_a_list_in_parts_is_whole(client: FlaskClient, records: PublicRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = headers(ask(client, **IDS))
    in_set = headers(ask(client, **IDS, set="theme"))
    for size in (1, 3, len(whole) - 1, len(whole), len(whole) + 1):
        monkeypatch.setattr(views, "PAGE", size)
        assert walk(client, **IDS) == whole
        assert walk(client, **IDS, set="theme", from_="1970-01-01") == in_set


def test_a_token_survives_a_new_generation(
    settings: SiteSettings, engine: FakeEngine, records: PublicRecords, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 5)
    client = make_app(settings, engine).test_client()
    body = ask(client, **IDS)
    before, held = headers(body), token(body)
    everything = {one.id for one in engine.resources if not one.private}
    late, early = sorted(everything)[-1], before[0][0]
    new = replace(demo_resources()[0], id="nouvelle")
    clock.now += 60
    retitled = (replace(one, title="Un autre titre") if one.id in {late, early} else one for one in engine.resources)
    engine.resources = (*retitled, new)
    show(records, engine.resources, generation="suivante")
    # Another process, with the same secret.
    other = make_app(settings, engine).test_client()
    rest = walk_from(other, held)
    names = [name for name, _ in (*before, *rest)]
    assert set(names) == {*everything, "nouvelle"}
    assert names.count(late) == 1
    assert names.count(early) == 2  # as it was, and as it is


def walk_from(client: FlaskClient, held: str | None) -> list[tuple[str, str | None]]:
    seen = []
    while held:
        body = ask(client, verb="ListIdentifiers", resumptionToken=held)
        seen += headers(body)
        held = token(body)
    return seen


def test_a_token_is_of_one_list_of_one_site(
    client: FlaskClient, records: PublicRecords, monkeypatch: pytest.MonkeyPatch, settings: SiteSettings
) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    held = token(ask(client, **IDS, set="theme"))
    assert code(ask(client, verb="ListIdentifiers", resumptionToken=held)) is None
    assert code(ask(client, verb="ListRecords", resumptionToken=held)) == "badResumptionToken"
    for place in (0, len(held) // 2, len(held) - 2):
        forged = held[:place] + ("A" if held[place] != "A" else "B") + held[place + 1 :]
        assert code(ask(client, verb="ListIdentifiers", resumptionToken=forged)) == "badResumptionToken"
    client.application.config["SECRET_KEY"] = b"un autre secret, d'un autre site"
    assert code(ask(client, verb="ListIdentifiers", resumptionToken=held)) == "badResumptionToken"


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        (b"<responseDate>", b"<date>"),
        (b"<request verb", b"<request title"),
        (b"<granularity>YYYY-MM-DDThh:mm:ssZ", b"<granularity>hh"),
        (b"<deletedRecord>persistent</deletedRecord>", b""),
        (b"2.0</protocolVersion>", b"1.1</protocolVersion>"),
        (b'http://www.openarchives.org/OAI/2.0/" xmlns', b'http://www.openarchives.org/OAI/1.1/" xmlns'),
    ],
)
def test_the_check_of_the_rules_finds_faults(client: FlaskClient, was: bytes, is_: bytes) -> None:
    body = ask(client, verb="Identify")
    assert was in body
    closing = body.replace(was, is_).replace(b"</responseDate>", b"</date>" if is_ == b"<date>" else b"</responseDate>")
    assert faults(closing) != []
