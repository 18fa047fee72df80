"""Resumption tokens: signed, so that nothing needs to be stored, and valid for ever, even after reindexing.

A token holds the request and the last record that was sent, by time and id. A record that changes meanwhile comes again
at the end of the list; none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from indexer.corpus import Selection
from search_app.export.oai.arguments import Verb

_SALT = "oai-pmh"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list of records, after which the next response continues.

    Attributes:
        verb: the kind of request that is continued.
        selection: the records that the list selects.
        after: time of change and id of the last record sent.
        sent: number of records sent so far.
    """

    verb: Verb
    selection: Selection
    after: tuple[int, str]
    sent: int


def token_of(place: Place, secret: bytes) -> str:
    """Return the token of a place, signed with the secret of the site."""
    chosen = place.selection
    values = [place.verb.value, chosen.spec, chosen.since, chosen.until, *place.after, place.sent]
    text = URLSafeSerializer(secret, salt=_SALT).dumps(values)
    return text.decode() if isinstance(text, bytes) else text


def place_of(token: str, secret: bytes) -> Place | None:
    """Return the place that a token stands for, or None if this site did not sign it."""
    try:
        verb, spec, since, until, changed, resource_id, sent = URLSafeSerializer(secret, salt=_SALT).loads(token)
        return Place(Verb(verb), Selection(spec, since, until), (int(changed), str(resource_id)), int(sent))
    except (BadData, ValueError, TypeError):
        return None
