"""Arguments of OAI-PMH requests: what each verb takes, dates, and the errors that the protocol names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from indexer.corpus import Selection
from search_app.messages import typeset


class Verb(StrEnum):
    """The six kinds of requests of OAI-PMH, as the argument `verb` names them."""

    IDENTIFY = "Identify"
    METADATA_FORMATS = "ListMetadataFormats"
    SETS = "ListSets"
    RECORD = "GetRecord"
    RECORDS = "ListRecords"
    IDENTIFIERS = "ListIdentifiers"


class Code(StrEnum):
    """The error codes of the protocol."""

    BAD_ARGUMENT = "badArgument"
    BAD_TOKEN = "badResumptionToken"  # noqa: S105 - a code
    BAD_VERB = "badVerb"
    CANNOT_DISSEMINATE = "cannotDisseminateFormat"
    NO_SUCH_ID = "idDoesNotExist"
    NO_RECORDS = "noRecordsMatch"
    NO_SETS = "noSetHierarchy"


PREFIX = "oai_dc"
"""`metadataPrefix` of the only format of records, simple Dublin Core."""

DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(:[A-Za-z0-9_.!~*'()-]+)*", re.ASCII)
_TAKES: dict[Verb, tuple[frozenset[str], frozenset[str]]] = {
    Verb.IDENTIFY: (frozenset(), frozenset()),
    Verb.METADATA_FORMATS: (frozenset(), frozenset({"identifier"})),
    Verb.SETS: (frozenset(), frozenset()),
    Verb.RECORD: (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    Verb.RECORDS: (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
    Verb.IDENTIFIERS: (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"})),
}
"""Required and optional arguments of each verb."""

_TOKEN = "resumptionToken"  # noqa: S105 - the name of an argument
_RESUMED = frozenset({Verb.SETS, Verb.RECORDS, Verb.IDENTIFIERS})


EVERYTHING = Selection()
"""The selection of all records."""


class OaiError(Exception):
    """A request that the protocol answers with an error.

    Attributes:
        code: the error code.
        text: French explanation.
    """

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, typeset(text)


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A request that the protocol allows.

    Attributes:
        verb: the kind of request.
        given: the arguments as received, which the response repeats.
        identifier: identifier of the requested record, or None.
        selection: records to list, for lists.
        token: resumption token of a list to continue, or None; with a token, identifier and selection are not set.
    """

    verb: Verb
    given: tuple[tuple[str, str], ...]
    identifier: str | None = None
    selection: Selection = EVERYTHING
    token: str | None = None


def read(pairs: Sequence[tuple[str, str]]) -> OaiRequest:
    """Return the OAI-PMH request that some arguments make.

    Args:
        pairs: names and values of the arguments, as received.

    Raises:
        OaiError: the protocol does not allow the arguments.
    """
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in set(Verb):
        raise OaiError(Code.BAD_VERB, f"Donnez un seul « verb » parmi {', '.join(Verb)}.")
    verb = Verb(verbs[0])
    given = dict(pairs)
    if len(given) != len(pairs):
        raise OaiError(Code.BAD_ARGUMENT, "Donnez chaque argument une seule fois.")
    names = given.keys() - {"verb"}
    if _TOKEN in names and verb in _RESUMED:
        if names != {_TOKEN}:
            raise OaiError(Code.BAD_ARGUMENT, f"« {_TOKEN} » se donne sans autre argument que « verb ».")
        return OaiRequest(verb, tuple(pairs), token=given[_TOKEN])
    required, optional = _TAKES[verb]
    if unknown := sorted(names - required - optional):
        # Their names are the client's; they need not be repeated.
        raise OaiError(Code.BAD_ARGUMENT, f"{verb} ne prend pas {len(unknown)} des arguments donnés : retirez-les.")
    if missing := sorted(required - names):
        raise OaiError(Code.BAD_ARGUMENT, f"{verb} demande aussi : {', '.join(missing)}.")
    selection = _selection(given)
    if given.get("metadataPrefix", PREFIX) != PREFIX:
        raise OaiError(Code.CANNOT_DISSEMINATE, f"Les notices n’existent qu’en {PREFIX}.")
    return OaiRequest(verb, tuple(pairs), identifier=given.get("identifier"), selection=selection)


def _selection(given: dict[str, str]) -> Selection:
    spec = given.get("set")
    if spec is not None and not _SET.fullmatch(spec):
        raise OaiError(Code.BAD_ARGUMENT, "« set » n’est pas un nom d’ensemble : ListSets les donne tous.")
    since, until = given.get("from"), given.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise OaiError(Code.BAD_ARGUMENT, "« from » et « until » doivent avoir la même précision, jour ou seconde.")
    first = None if since is None else _instant(since, end=False)
    last = None if until is None else _instant(until, end=True)
    if first is not None and last is not None and first > last:
        raise OaiError(Code.BAD_ARGUMENT, "« from » doit précéder « until ».")
    return Selection(spec, first, last)


def _instant(text: str, *, end: bool) -> int:
    """Return a date argument in seconds since 1970; for a day, its first second or, if `end`, its last."""
    by_day, by_second = _DAY.fullmatch(text), _SECOND.fullmatch(text)
    try:
        if not (by_day or by_second):
            raise ValueError
        found = datetime.strptime(text, "%Y-%m-%d" if by_day else DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        said = "Une date s’écrit 2026-02-16 ou 2026-02-16T09:30:00Z."
        raise OaiError(Code.BAD_ARGUMENT, said) from None
    last = timedelta(days=1, seconds=-1) if by_day and end else timedelta()
    return int((found + last - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def date_text(seconds: float) -> str:
    """Return a time, given in seconds since 1970, as the protocol writes it, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime(DATE_FORMAT)
