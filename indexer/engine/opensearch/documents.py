"""Turns a resource into the document that OpenSearch indexes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from indexer.analysis import Analyzer, Token, sort_form, theme_key
from indexer.engine.opensearch.client import Json
from indexer.engine.opensearch.mapping import CONTINUED, LARGEST_SUM, OWN, OWN_FIELDS, SCALE, position, written
from indexer.engine.opensearch.packing import decode, pack
from indexer.engine.opensearch.word_tables import packed_texts
from indexer.engine.placeholder import is_titled, placeholder
from indexer.engine.protocol import DocumentPages
from indexer.query import TextField, feedback, scoring
from indexer.query.fields import ANYWHERE, AnalysedField, AnalysedPage, AnalysedResource, analyse
from indexer.query.indexed import date_key, form_entries
from indexer.resource import Attachment, Resource, TerritorySource, YearSource, published_document
from indexer.territories import gazetteer

_LONGEST_SORT_KEY = 8_000
_LONGEST_ID = 500
_PUBLICATION = TextField.PUBLICATION.name.lower()


class Line(NamedTuple):
    """The data of a resource that hit lists and completion need; stored as a JSON array."""

    id: str
    url: str | None
    title: str
    type: str | None
    year: int | None
    year_source: str | None
    date: str | None
    private: bool
    themes: Sequence[str]
    titled: bool
    """Whether the title is a real one, rather than the beginning of the text."""
    documents: Sequence[tuple[int, str, bool, str]]
    """Of each publication: number, title in its file or else file name, whether it is a title, key of its text."""
    territories: Sequence[str]
    """Codes of the resource's territories, and of the larger ones around them."""


@dataclass(frozen=True, slots=True)
class Written:
    """A resource as it is indexed.

    Attributes:
        line: the data of the resource that lists show.
        forms: the words that the resource holds, as lexicon entries: folded form, NUL, exact form.
        titled: the words that its title holds, as lexicon entries.
        document: the JSON to index.
    """

    line: Line
    forms: frozenset[str]
    titled: frozenset[str]
    document: Json


def document_id(resource_id: str) -> str:
    """Return the `_id` under which OpenSearch stores a resource: its id, or a digest of an id that is not printable or
    longer than OpenSearch allows (512 bytes).
    """
    encoded = resource_id.encode("utf-8", "surrogatepass")
    if len(encoded) <= _LONGEST_ID and resource_id.isprintable():
        return resource_id
    return "#" + hashlib.blake2b(encoded, digest_size=20).hexdigest()


def write_resource(resource: Resource, texts: Sequence[DocumentPages], analyzer: Analyzer) -> Written:
    """Analyse a resource and its publications, and return what is indexed of it.

    Args:
        resource: the resource.
        texts: the pages of its publications that are searched.
        analyzer: the French analysis.
    """
    analysed = analyse(resource, analyzer, [(one.document, one.pages) for one in texts])
    line = line_of(resource)
    forms, titled = _forms(analysed)
    word, other, own = _impacts(analysed)
    document: Json = {
        "id": resource.id,
        "resource": asdict(resource),
        "texts": packed_texts(analysed),
        "line": packed(line),
        "prominent": _prominent(own),
        "record": pack([sorted(forms), sorted(titled)]),
        "word": word,
        "other": other,
        "norm": dict.fromkeys(OWN_FIELDS, 0.0),
        **_written_forms(analysed),
        "of_type": resource.type,
        "of_year": resource.year,
        "of_theme": sorted({theme_key(theme) for theme in resource.themes}),
        "of_territory": list(line.territories),
        "of_privacy": resource.private,
        "of_publication": bool(resource.documents),
        "of_format": sorted({one.media_type for one in resource.documents}),
        "by_date": date_key(resource) or None,
        "by_title": sort_form(resource.title)[:_LONGEST_SORT_KEY],
    }
    if resource.private and is_titled(resource):
        document["placeholder"] = placeholder(resource.title, resource.type, resource.year).id
    for part in analysed.fields:
        name = part.field.name.lower()
        document[name] = " ".join([position(token.word.terms) for token in part.tokens])
        document["norm"][name] = float(np.float32(scoring.norm(name, len(part.tokens))))
    if analysed.pages:
        document["pages"] = _pages(analysed.pages)
    return Written(line, forms, titled, document)


def line_of(resource: Resource) -> Line:
    """Return the data of a resource that lists show."""
    # Names of files may hold bytes that are no text.
    documents = [
        (
            one.n,
            " ".join((one.title or one.name).split()).encode("utf-8", "replace").decode(),
            bool(one.title),
            one.text,
        )
        for one in resource.documents
    ]
    return Line(
        resource.id,
        resource.url,
        resource.title,
        resource.type,
        resource.year,
        resource.year_source,
        resource.date,
        resource.private,
        resource.themes,
        is_titled(resource),
        documents,
        list(gazetteer().with_ancestors(resource.territories)),
    )


# Terms


def _impacts(analysed: AnalysedResource) -> tuple[str, str, dict[str, np.float32]]:
    """Return two texts to index, such as ``économi|31205 social|12000``, which hold terms with their scaled impacts:
    the terms in fields that plain words search (`ANYWHERE`), and those in other fields only. Return also the impact of
    each term in the resource without its publications.
    """
    own: dict[str, float] = {}
    anywhere: set[str] = set()
    for part in analysed.fields:
        name = part.field.name.lower()
        norm = float(np.float32(scoring.norm(name, len(part.tokens))))
        for term, count in _counts(part.tokens).items():
            own[term] = own.get(term, 0.0) + scoring.impact(scoring.WEIGHTS[name], float(count), norm)
            if name in ANYWHERE:
                anywhere.add(term)
    paged: dict[str, float] = {}
    for page in analysed.pages:
        norm = float(np.float32(scoring.norm(_PUBLICATION, page.size)))
        for term, count in _counts(page.tokens).items():
            impact = scoring.impact(scoring.WEIGHTS[_PUBLICATION], float(count), norm)
            paged[term] = max(paged.get(term, 0.0), impact)
    anywhere.update(paged)
    impacts = {term: own.get(term, 0.0) + paged.get(term, 0.0) for term in own.keys() | paged.keys()}
    # A resource of hundreds of thousands of different words counts for a little less than it should.
    scale = min(SCALE, LARGEST_SUM / max(sum(impacts.values()), 1.0))
    texts = [
        " ".join(f"{written(term)}|{max(round(impact * scale), 1)}" for term, impact in impacts.items() if inside(term))
        for inside in (anywhere.__contains__, lambda term: term not in anywhere)
    ]
    return texts[0], texts[1], {term: np.float32(impact) for term, impact in own.items()}


def _counts(tokens: Iterable[Token]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for token in tokens:
        for term in token.word.terms:
            counts[term] = counts.get(term, 0) + 1
    return counts


def _prominent(own: dict[str, np.float32]) -> str:
    """Return, in base64, the terms with the highest impacts in a resource, and these impacts in units of 1/25, for
    relevance feedback. `own` holds the impact of each term.
    """
    telling = [term for term, impact in own.items() if feedback.is_telling(term) and impact > 0]
    kept = sorted(telling, key=lambda term: (-own[term], term.encode()))[: feedback.KEPT]
    steps = feedback.in_steps(np.array([own[term] for term in kept], dtype=np.float32))
    return base64.b64encode(" ".join(kept).encode() + b"\0" + steps.tobytes()).decode()


def prominent_terms(packed_terms: str) -> tuple[list[str], list[int]]:
    """Return the prominent terms of a resource, and their impacts in units of 1/25, from what `_prominent` packed."""
    terms, _, steps = decode(packed_terms).partition(b"\0")
    return terms.decode().split(), list(steps)


# Forms


def _forms(analysed: AnalysedResource) -> tuple[frozenset[str], frozenset[str]]:
    """Return the lexicon entries of the forms that a resource holds, and of those in its title."""
    by_field = {part.field: {token.word for token in part.tokens} for part in analysed.fields}
    paged = {token.word for page in analysed.pages for token in page.tokens}
    every = set().union(paged, *by_field.values())
    return (
        frozenset(entry for word in every for entry in form_entries(word)),
        frozenset(entry for word in by_field.get(TextField.TITLE, ()) for entry in form_entries(word)),
    )


def _written_forms(analysed: AnalysedResource) -> Json:
    """Return the fields that hold written forms of words: exact forms alone (`exact`), exact forms after the name of
    their text field (`exact_in`), and folded forms, without accents, after that name (`form_in`).
    """
    exact: set[str] = set()
    exact_in: set[str] = set()
    form_in: set[str] = set()
    parts = [*analysed.fields, *(AnalysedField(TextField.PUBLICATION, list(page.tokens)) for page in analysed.pages)]
    for part in parts:
        name = part.field.name.lower()
        for word in {token.word for token in part.tokens}:
            for entry in form_entries(word):
                folded, _, typed = entry.partition("\0")
                if name in ANYWHERE:
                    exact.add(typed)
                exact_in.add(in_field(name, typed))
                form_in.add(in_field(name, folded))
    return {"exact": sorted(exact), "exact_in": sorted(exact_in), "form_in": sorted(form_in)}


def in_field(name: str, form: str) -> str:
    """Return a written form after the name of its field, such as ``title:guide``, as it is indexed."""
    return f"{name}:{form}"


# Pages


def _pages(parts: Sequence[AnalysedPage]) -> list[Json]:
    """Return the pages of publications as nested documents; a page has a body, running headers and footers, or both."""
    pages: dict[int, Json] = {}
    bodies = [number for number, part in enumerate(parts) if not part.running]
    following = _continuations(parts, bodies)
    for number, part in enumerate(parts):
        page = pages.setdefault(
            part.first,
            {
                "document": part.document,
                "number": part.number,
                "label": part.label,
                "norm": float(np.float32(scoring.norm(_PUBLICATION, part.size))),
                "form": [],
            },
        )
        own = [
            position((*token.word.terms, *(OWN + written(term) for term in token.word.terms))) for token in part.tokens
        ]
        page["running" if part.running else "words"] = " ".join([*own, *following.get(number, ())])
        forms = {
            entry.partition("\0")[0] for word in {token.word for token in part.tokens} for entry in form_entries(word)
        }
        page["form"] = sorted({*page["form"], *forms})
    return list(pages.values())


def _continuations(parts: Sequence[AnalysedPage], bodies: Sequence[int]) -> dict[int, list[str]]:
    """Return the words that follow each page body in its publication, by index of the body in `parts`.

    Args:
        parts: the bodies and running lines (headers and footers) of the pages.
        bodies: the indexes in `parts` of those that are bodies.

    Returns:
        For each body, at most `CONTINUED` words, each as `mapping.position` writes its terms.
    """
    found: dict[int, list[str]] = {}
    for place, number in enumerate(bodies):
        after: list[str] = []
        for other in bodies[place + 1 :]:
            if parts[other].document != parts[number].document or len(after) >= CONTINUED:
                break
            room = CONTINUED - len(after)
            after += [position(token.word.terms) for token in list(parts[other].tokens)[:room]]
        found[number] = after
    return found


# Packed values


def packed(line: Line) -> str:
    """Return a `Line`, the data of a resource that lists show, as JSON in base64."""
    return base64.b64encode(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")).decode()


def unpacked(text: str) -> Line:
    """Return the `Line` that `packed` wrote as this text."""
    return Line(*json.loads(decode(text)))


def resource_of(held: Json) -> Resource:
    """Return a resource, given its fields as the index stores them.

    Raises:
        KeyError: a field of the resource is missing.
        TypeError: there is an unknown field.
        ValueError: the source of the year or of the territories is unknown.
    """
    documents = tuple(map(published_document, held["documents"]))
    return Resource(
        **{
            **held,
            "themes": tuple(held["themes"]),
            "warnings": tuple(held["warnings"]),
            "attachments": tuple(Attachment(**one) for one in held["attachments"]),
            "documents": documents,
            "territories": tuple(held["territories"]),
            "territory_source": None if held["territory_source"] is None else TerritorySource(held["territory_source"]),
            "year_source": None if held["year_source"] is None else YearSource(held["year_source"]),
        }
    )
