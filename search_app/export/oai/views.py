"""The route of OAI-PMH. Everyone gets the same answers, which contain public resources only."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from indexer.corpus import PUBLIC_RECORDS, THEME, TYPE, PublicRecord, PublicRecords, RecordSet, Selection
from indexer.resource import Audience
from search_app.export.oai.arguments import Code, OaiError, OaiRequest, Verb, date_text, read
from search_app.export.oai.records import dublin_core, has_domain, host_of, id_of, identifier_of
from search_app.export.oai.tokens import Place, place_of, token_of
from search_app.export.record import Record, Source
from search_app.settings import LOCAL_ADDRESS
from search_app.web.context import site
from search_app.web.text import printable
from search_app.web.urls import absolute, resource_address

blueprint = Blueprint("oai", __name__)
PAGE = 100
"""Number of records of one answer."""

_UNDATED = 0
_EMAIL = re.compile(r"[^\s@:/]+@[^\s@:/]+")
_PARENTS = (RecordSet(THEME, "Thèmes"), RecordSet(TYPE, "Types de ressource"))


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as the template writes it; without metadata if it is deleted, or only its header is wanted."""

    identifier: str
    changed: str
    deleted: bool
    sets: tuple[str, ...]
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Resumption:
    """The resumption token of a response that holds a part of a list.

    Attributes:
        token: the token, empty in the last part.
        size: number of records of the whole list.
        cursor: number of records sent before this part.
    """

    token: str
    size: int
    cursor: int


@blueprint.route("/oai", methods=["GET", "POST"])
def oai() -> ResponseReturnValue:
    """Answer a request of the protocol; its arguments are in the address or, with POST, in the body."""
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    try:
        asked = read(pairs)
        body = _answer(asked)
        given = asked.given
    except OaiError as error:
        # Arguments that the protocol does not allow are not repeated.
        given = () if error.code in {Code.BAD_VERB, Code.BAD_ARGUMENT} else tuple(pairs)
        body = render_template("export/oai/error.xml", code=error.code.value, text=error.text)
    text = render_template(
        "export/oai/envelope.xml",
        now=date_text(time.time()),
        given=[(name, printable(value)) for name, value in given],
        base=absolute("oai.oai"),
        body=body,
    )
    response = Response(text, content_type="text/xml; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _answer(asked: OaiRequest) -> str:
    match asked.verb:
        case Verb.IDENTIFY:
            return _identify()
        case Verb.METADATA_FORMATS:
            if asked.identifier is not None:
                _record(asked.identifier)
            return render_template("export/oai/formats.xml")
        case Verb.SETS:
            return _sets(asked)
        case Verb.RECORD:
            shown = _shown(_record(asked.identifier or ""), headers=False)
            return render_template("export/oai/record.xml", record=shown)
        case Verb.RECORDS | Verb.IDENTIFIERS:
            return _list(asked)


def _identify() -> str:
    settings, address = site().settings, _address()
    earliest = _records().earliest()
    return render_template(
        "export/oai/identify.xml",
        name=printable(settings.site_name),
        base=absolute("oai.oai"),
        email=_email(settings.contact, host_of(address)),
        earliest=date_text(_UNDATED if earliest is None else earliest),
        domain=host_of(address) if has_domain(address) else None,
        sample=identifier_of("guide", address),
    )


def _email(contact: str, host: str) -> str:
    """Return the e-mail address that the protocol requires: `contact` if it is one, else the postmaster of `host`."""
    if _EMAIL.fullmatch(contact):
        return contact
    return f"postmaster@{host if '.' in host else 'localhost.localdomain'}"


def _sets(asked: OaiRequest) -> str:
    if asked.token is not None:
        raise OaiError(Code.BAD_TOKEN, "La liste des ensembles est toujours entière : aucun jeton ne la continue.")
    sets = _records().sets()
    if not sets:
        raise OaiError(Code.NO_SETS, "Aucune ressource n’a encore de thème ni de type.")
    kinds = {one.spec.partition(":")[0] for one in sets}
    parents = [parent for parent in _PARENTS if parent.spec in kinds]
    shown = [replace(one, name=printable(one.name)) for one in sorted((*parents, *sets), key=lambda one: one.spec)]
    return render_template("export/oai/sets.xml", sets=shown)


def _list(asked: OaiRequest) -> str:
    secret = _secret()
    place = None if asked.token is None else place_of(asked.token, secret)
    if asked.token is not None and (place is None or place.verb is not asked.verb):
        raise OaiError(Code.BAD_TOKEN, "Ce jeton n’est pas de cette liste : recommencez-la depuis le début.")
    selection: Selection = asked.selection if place is None else place.selection
    sent = 0 if place is None else place.sent
    records = _records()
    found = records.page(selection, after=None if place is None else place.after, limit=PAGE + 1)
    if not found and place is None:
        raise OaiError(Code.NO_RECORDS, "Aucune notice ne répond à ces critères.")
    shown, more = found[:PAGE], len(found) > PAGE
    resumption = None
    if more or place is not None:
        last = shown[-1] if shown else None
        token = "" if not more or last is None else _token(asked.verb, selection, last, sent + len(shown), secret)
        resumption = Resumption(token, records.count(selection), sent)
    headers = asked.verb is Verb.IDENTIFIERS
    return render_template(
        "export/oai/list.xml",
        verb=asked.verb.value,
        headers=headers,
        records=[_shown(one, headers=headers) for one in shown],
        resumption=resumption,
    )


def _token(verb: Verb, selection: Selection, last: PublicRecord, sent: int, secret: bytes) -> str:
    return token_of(Place(verb, selection, (last.changed, last.id), sent), secret)


def _record(identifier: str) -> PublicRecord:
    """Return the record with an identifier.

    Raises:
        OaiError: no record has it.
    """
    resource_id = id_of(identifier, _address())
    found = None if resource_id is None else _records().get(resource_id)
    if found is None:
        raise OaiError(Code.NO_SUCH_ID, "Aucune notice n’a cet identifiant.")
    return found


def _shown(record: PublicRecord, *, headers: bool) -> ShownRecord:
    """Return a record as visitors may see it now, as deleted if the index shows its resource as private or not at all.

    Args:
        record: the record.
        headers: whether only the header of the record is wanted.
    """
    resource = site().engine.get(record.id, audience=Audience.VISITOR)
    deleted = resource is None or resource.private
    metadata: Iterable[tuple[str, str]] = ()
    if resource is not None and not deleted and not headers:
        source = Source(site().settings.site_name, Audience.VISITOR)
        metadata = dublin_core(Record(resource, resource_address(record.id)), source)
    return ShownRecord(
        identifier_of(record.id, _address()), date_text(record.changed), deleted, record.sets, tuple(metadata)
    )


def _records() -> PublicRecords:
    return PublicRecords(site().settings.corpus / PUBLIC_RECORDS)


def _address() -> str:
    return site().settings.address or LOCAL_ADDRESS


def _secret() -> bytes:
    secret = current_app.config["SECRET_KEY"]
    return secret if isinstance(secret, bytes) else str(secret).encode()
