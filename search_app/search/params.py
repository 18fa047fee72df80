"""Converts request arguments to a SearchRequest and back: `parse(build(r)) == r`. A request is the complete state of a
result page.

Functions such as `toggled` or `without_facet` return the request that a link on the result page leads to; all of them
return to the first page, except `at_page`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from indexer.errors import RequestError
from indexer.query import FORMATS, MAX_FILTERS, MAX_PER_PAGE, MAX_REACH, Matching, SearchRequest, SearchResponse, Sort
from indexer.resource import Audience
from indexer.territories import gazetteer
from search_app import messages

FacetName = Literal["type", "year", "theme", "private", "publication", "format", "territory"]
NONE = "none"
MAX_TITLE = 100
"""Largest number of characters of a search's title."""

PER_PAGE = 10
ARGUMENTS = (
    *("q", "type", "year", "year_from", "year_to", "theme", "territory", "private", "publication", "format"),
    *("sort", "match", "page", "per_page"),
)
"""The names of all arguments of a search."""

TOO_FAR = messages.typeset(
    f"Cette page est trop loin : seules les {MAX_REACH // 1000}{messages.THIN}000 premières ressources "
    "d’une recherche se feuillettent. Précisez la recherche pour atteindre les autres."
)
TOO_MANY_FILTERS = messages.typeset(
    f"La recherche compte plus de {MAX_FILTERS} filtres : retirez-en pour que tous soient pris en compte."
)

_YEAR = re.compile(r"[0-9]{1,4}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_YES = {"oui": True, "non": False}
_OF_PUBLICATIONS: tuple[FacetName, ...] = ("publication", "format")
_NAMES_OF_FORMATS = {media_type: name for name, media_type in FORMATS.items()}
T = TypeVar("T")


def parse(args: MultiDict[str, str], audience: Audience) -> SearchRequest:
    """Read a search from request arguments; empty values and unknown arguments are ignored.

    Raises:
        RequestError: a value is malformed; the error's `field` is the name of the argument.
    """
    request, errors = salvage(args, audience)
    if errors:
        raise errors[0]
    return request


def salvage(args: MultiDict[str, str], audience: Audience) -> tuple[SearchRequest, tuple[RequestError, ...]]:
    """Read a search from request arguments, leaving out malformed values; return it with an error for each of these.

    The search page uses it, so that one malformed value does not empty the form.
    """
    reader = _ArgumentReader(args)
    query = args.get("q", "")
    per_page = reader.one("per_page", _per_page, PER_PAGE)
    page = reader.one("page", _page, 1)
    if page * per_page > MAX_REACH:
        reader.errors.append(RequestError(TOO_FAR, field="page"))
        page = 1
    request = SearchRequest(
        audience=audience,
        query=query if query.strip() else "",
        types=reader.many("type", _name),
        years=reader.many("year", _year_or_none),
        year_from=reader.one("year_from", _year, None),
        year_to=reader.one("year_to", _year, None),
        themes=reader.many("theme", _name),
        territories=reader.many("territory", _code),
        private=reader.many("private", _yes),
        with_publication=_either(reader.many("publication", _yes)),
        formats=reader.many("format", _format),
        sort=reader.one("sort", _sort, None),
        match=reader.one("match", _match, None),
        page=page,
        per_page=per_page,
    )
    return request, tuple(reader.errors)


def build(request: SearchRequest) -> list[tuple[str, str]]:
    """Return the shortest list of arguments that `parse` reads as this request (except audience and snippets)."""
    pairs: list[tuple[str, str]] = []
    if request.query:
        pairs.append(("q", request.query))
    pairs += [("type", encode(value)) for value in request.types]
    pairs += [("year", encode(value)) for value in request.years]
    if request.year_from is not None:
        pairs.append(("year_from", str(request.year_from)))
    if request.year_to is not None:
        pairs.append(("year_to", str(request.year_to)))
    pairs += [("theme", encode(value)) for value in request.themes]
    pairs += [("territory", encode(value)) for value in request.territories]
    pairs += [("private", encode(value)) for value in request.private]
    pairs += [(name, value) for name in _OF_PUBLICATIONS for value in selected(request, name)]
    if request.sort is not None:
        pairs.append(("sort", request.sort.value))
    if request.match is not None:
        pairs.append(("match", request.match.value))
    if request.page != 1:
        pairs.append(("page", str(request.page)))
    if request.per_page != PER_PAGE:
        pairs.append(("per_page", str(request.per_page)))
    return pairs


def query_string(request: SearchRequest) -> str:
    """Return the arguments of `build` as a query string with ``?``; empty if there are none."""
    pairs = build(request)
    return f"?{urlencode(pairs)}" if pairs else ""


def encode(value: str | int | bool | None) -> str:
    """Return the text of a filter's value in an address."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value)


def selected(request: SearchRequest, facet: FacetName) -> tuple[str, ...]:
    """Return the selected values of a facet, as written in an address."""
    values: tuple[str | int | bool | None, ...] = {
        "type": request.types,
        "year": request.years,
        "theme": request.themes,
        "territory": request.territories,
        "private": request.private,
        "publication": () if request.with_publication is None else (request.with_publication,),
        "format": tuple(_NAMES_OF_FORMATS.get(value, value) for value in request.formats),
    }[facet]
    return tuple(encode(value) for value in values)


def toggled(request: SearchRequest, facet: FacetName, value: str) -> SearchRequest:
    """Return the request with a facet's value added, or removed if it was selected.

    Raises:
        RequestError: the value is invalid for this facet.
    """
    chosen = selected(request, facet)
    kept = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    return _with_facet(request, facet, kept)


def with_territories(request: SearchRequest, codes: Iterable[str]) -> SearchRequest:
    """Return the request with its filter on territories replaced by the given codes.

    Raises:
        RequestError: there are too many codes.
    """
    return _with_facet(request, "territory", codes)


def without_facet(request: SearchRequest, facet: FacetName) -> SearchRequest:
    """Return the request without the selected values of a facet."""
    return _with_facet(request, facet, ())


def without_span(request: SearchRequest) -> SearchRequest:
    """Return the request without the bounds on years."""
    return replace(request, year_from=None, year_to=None, page=1)


def without_filters(request: SearchRequest) -> SearchRequest:
    """Return the request without its filters: words, sort and strictness of matching stay."""
    return replace(
        without_span(request),
        types=(),
        years=(),
        themes=(),
        territories=(),
        private=(),
        with_publication=None,
        formats=(),
    )


def matched(request: SearchRequest, match: Matching | None) -> SearchRequest:
    """Return the request with all words required, or most of them; None leaves the choice to the engine."""
    return replace(request, match=match, page=1)


def as_shown(request: SearchRequest, response: SearchResponse) -> SearchRequest:
    """Return the request to export, follow or save for a search: its first page, with the matching of words (all or
    most) that the response used, so that it stays the same when the archive changes.
    """
    fixed = response.matching is Matching.MOST or len(request.query.split()) > 1
    return replace(without_page(request), match=response.matching if fixed else None)


def has_filters(request: SearchRequest) -> bool:
    """Return whether any filter narrows the search."""
    return replace(request, page=1) != without_filters(request)


def with_query(request: SearchRequest, query: str) -> SearchRequest:
    """Return the request with its query replaced."""
    return replace(request, query=query, page=1)


def sorted_by(request: SearchRequest, sort: Sort) -> SearchRequest:
    """Return the request with another sort; the default sort is stored as None."""
    default = replace(request, sort=None, page=1)
    return default if default.order is sort else replace(default, sort=sort)


def at_page(request: SearchRequest, page: int) -> SearchRequest:
    """Return the request for another page."""
    return replace(request, page=page)


def with_per_page(request: SearchRequest, per_page: int) -> SearchRequest:
    """Return the request with another number of hits per page."""
    return replace(request, per_page=per_page, page=1)


def without_page(request: SearchRequest) -> SearchRequest:
    """Return the request for the first page: the search that is exported, followed and saved."""
    return replace(request, page=1, per_page=PER_PAGE)


def canonical(request: SearchRequest) -> SearchRequest:
    """Return the canonical form of a search: filters sorted, default order and page size."""
    return replace(
        request,
        types=_sorted(request.types),
        years=_sorted(request.years),
        themes=_sorted(request.themes),
        territories=_sorted(request.territories),
        private=_sorted(request.private),
        formats=_sorted(request.formats),
        sort=None,
        per_page=PER_PAGE,
        page=request.page if request.per_page == PER_PAGE else 1,
    )


def title_of(request: SearchRequest) -> str:
    """Return a short French title of a search, to name files, feeds and saved searches.

    It contains the words as typed, then the filters; if there are neither, it is « Toutes les ressources ».
    """
    parts = [request.query.strip()] if request.query.strip() else []
    for facet in ("type", "theme", "territory", "year"):
        without = messages.NO_VALUE[facet]
        values = [without if value == NONE else value for value in selected(request, facet)]
        parts += map(gazetteer().label, values) if facet == "territory" else values
    if request.year_from is not None or request.year_to is not None:
        parts.append(messages.years_between(request.year_from, request.year_to))
    parts += [messages.PRIVATE_FILTER[value] for value in request.private]
    if request.with_publication is not None:
        parts.append(messages.PUBLICATION_FILTER[request.with_publication])
    parts += [messages.FORMATS[value] for value in selected(request, "format")]
    title = " ".join(", ".join(parts).split()) or "Toutes les ressources"
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"


def _sorted(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(dict.fromkeys(values), key=str))


def _with_facet(request: SearchRequest, facet: FacetName, values: Iterable[str]) -> SearchRequest:
    reader = _ArgumentReader(MultiDict([(facet, value) for value in values]))
    first = replace(request, page=1)
    match facet:
        case "type":
            changed = replace(first, types=reader.many(facet, _name))
        case "year":
            changed = replace(first, years=reader.many(facet, _year_or_none))
        case "theme":
            changed = replace(first, themes=reader.many(facet, _name))
        case "territory":
            changed = replace(first, territories=reader.many(facet, _code))
        case "private":
            changed = replace(first, private=reader.many(facet, _yes))
        case "publication":
            changed = replace(first, with_publication=_either(reader.many(facet, _yes)))
        case "format":
            changed = replace(first, formats=reader.many(facet, _format))
    if reader.errors:
        raise reader.errors[0]
    return changed


class _ArgumentReader:
    """Reads arguments and collects the errors in them."""

    def __init__(self, args: MultiDict[str, str]) -> None:
        self._args = args
        self._room = MAX_FILTERS
        self.errors: list[RequestError] = []

    def one(self, name: str, read: Callable[[str], T], default: T) -> T:
        """Return the first non-empty value of an argument, converted by `read`, or `default`."""
        for value in self._values(name):
            try:
                return read(value)
            except ValueError as error:
                self.errors.append(RequestError(str(error), field=name))
                break
        return default

    def many(self, name: str, read: Callable[[str], T]) -> tuple[T, ...]:
        """Return the distinct non-empty values of an argument, converted by `read`, in order. All calls together return
        at most `MAX_FILTERS` values.
        """
        found: dict[T, None] = {}
        values = dict.fromkeys(self._values(name))
        for value in list(values)[: self._room]:
            try:
                found[read(value)] = None
            except ValueError as error:
                self.errors.append(RequestError(str(error), field=name))
        if len(values) > self._room:
            self.errors.append(RequestError(TOO_MANY_FILTERS, field=name))
        self._room = max(0, self._room - len(values))
        return tuple(found)

    def _values(self, name: str) -> list[str]:
        return [value.strip() for value in self._args.getlist(name) if value.strip()]


def _malformed(value: str, why: str) -> ValueError:
    return ValueError(f"{messages.quoted(value)} {messages.typeset(why)}")


def _name(value: str) -> str | None:
    return None if value == NONE else value


def _code(value: str) -> str | None:
    return None if value == NONE else value.upper()


def _year(value: str) -> int | None:
    if not _YEAR.fullmatch(value):
        raise _malformed(value, "n’est pas une année : écrivez quatre chiffres, par exemple 2024.")
    return int(value)


def _year_or_none(value: str) -> int | None:
    return None if value == NONE else _year(value)


def _page(value: str) -> int:
    if not _NUMBER.fullmatch(value) or int(value) < 1:
        raise _malformed(value, "n’est pas un numéro de page : les pages commencent à 1.")
    return int(value)


def _per_page(value: str) -> int:
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MAX_PER_PAGE:
        raise _malformed(value, f"n’est pas un nombre de ressources par page : choisissez de 1 à {MAX_PER_PAGE}.")
    return int(value)


def _sort(value: str) -> Sort | None:
    try:
        return Sort(value)
    except ValueError:
        raise _malformed(value, "n’est pas un tri : choisissez relevance, -date, date ou title.") from None


def _match(value: str) -> Matching | None:
    try:
        return Matching(value)
    except ValueError:
        raise _malformed(value, "n’est pas un choix de mots : choisissez all (tous) ou most (la plupart).") from None


def _yes(value: str) -> bool:
    try:
        return _YES[value.casefold()]
    except KeyError:
        raise _malformed(value, "n’est pas une réponse possible ici : écrivez oui ou non.") from None


def _either(answers: tuple[bool, ...]) -> bool | None:
    """Return the only value of a yes/no filter; None if it has no value, or both, since these filter nothing."""
    return answers[0] if len(answers) == 1 else None


def _format(value: str) -> str:
    try:
        return FORMATS[value.casefold()]
    except KeyError:
        raise _malformed(value, f"n’est pas un format : choisissez {_list_of_formats()}.") from None


def _list_of_formats() -> str:
    *names, last = FORMATS
    return f"{', '.join(names)} ou {last}"
