"""The requests that the proof of privacy sends to each route.

The proof compares what visitors get from a site with private resources and from one without. It fails for a route that
this module does not know, and names it. Add its arguments to `ARGUMENTS`, and the forms that it accepts to `FORMS`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import Signer
from werkzeug.routing import Rule

from search_app.mail.addresses import EndTokens
from tests.support.places import CHECKOUT


@dataclass(frozen=True)
class Asked:
    """One request. In a form, the value `TOKEN` stands for the CSRF token of the site that it is sent to."""

    path: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    """A body in JSON, in place of a form."""


@dataclass(frozen=True)
class Known:
    """What a curious visitor may know or guess: ids of public and private resources, and words."""

    public_ids: tuple[str, ...]
    private_ids: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        unknown = ("inconnue", "x" * 300, "..%2f..", "%00", "é", "a/b")
        return (*self.public_ids, *self.private_ids, *unknown)


TOKEN = "le jeton de ce site"

SECRET = bytes(range(32))
"""The session secret of the sites, so that both know the same signed tokens."""
SHARED = "x" * 43
"""Token of the link of a list that holds public and, on one of the sites, private resources."""
CONFIRMING = (
    Signer(SECRET, salt=b"rtes follower", key_derivation="hmac", digest_method=hashlib.sha256).sign(SHARED).decode()
)
"""Token of a request to follow a search, which nobody has confirmed."""
ENDING = EndTokens(lambda: SECRET).make(1)
"""Token of the link that unsubscribes from the mails about a followed search."""

ARGUMENTS: dict[str, Callable[[Known], Sequence[str]]] = {
    "resource_id": lambda known: known.ids,
    "filename": lambda _: ("style.css", "search.js", "favicon.svg", "rien.css", "../__init__.py"),
    "ending": lambda _: ("csv", "bib", "ris", "jsonl", "rien"),
    "number": lambda _: ("0", "1", "2"),
    "place": lambda _: ("0", "999999999"),
    "document": lambda _: ("1", "999", "x"),
    "page": lambda _: ("1", "999", "x"),
    "list_id": lambda _: ("1", "999", "rien"),
    "search_id": lambda _: ("1", "999", "rien"),
    "token": lambda _: (SHARED, CONFIRMING, ENDING, "rien"),
    "digest": lambda _: ("0" * 32, "rien", "../catalogue.sqlite"),
    "what": lambda _: ("mots", "rien"),
    "territory_slug": lambda _: (
        "r53-bretagne",
        "R53",
        "r53-autre",
        "d23-creuse",
        "23096-gueret",
        "35238-rennes",
        "29019-brest",
        "rien",
        "r99",
    ),
    "theme_slug": lambda _: (
        "economie-circulaire",
        "arbitrages-budgetaires",
        "mobilite-solidaire",
        "alimentation-durable",
        "rien",
        "x" * 300,
    ),
    "slug": lambda _: ("mentions-legales", "accessibilite", "donnees-personnelles", "contact", "rien"),
}
"""Values of the arguments in addresses, by name of the argument."""

STEP = 6
"""Number of values of a query argument for each one that is tried, unless all are tried."""

SHUT = (
    "staff.add_account", "staff.change_account", "staff.send", "staff.confirm_import", "staff.drop_import",
    "staff.make_correction", "staff.withdraw", "staff.put_back", "staff.start_job", "staff.cancel_job",
    "staff.rename_theme", "staff.restore_theme", "staff.edit_synonyms", "staff.change_message", "staff.edit_site_text",
    "staff.edit_theme_page",
    "staff.choose_curated", "staff.undo_curated", "staff.gather_source",
    "staff.bulk", "staff.undo_batch",
    "staff.attach_publication", "staff.add_publication", "staff.detach_publication",
)  # fmt: skip
"""Endpoints of the staff desk, which redirects visitors before it reads a form."""

_ACCOUNT = {"email": "membre@exemple.fr", "password": "un mot de passe faux"}
FORMS: dict[str, Callable[[Known], Sequence[Mapping[str, str]]]] = {
    "auth.open_session": lambda known: (
        {},
        {"csrf_token": "faux", **_ACCOUNT},
        {"csrf_token": TOKEN, **_ACCOUNT},
        *({"csrf_token": TOKEN, **_ACCOUNT, "next": f"/ressources/{one}"} for one in known.private_ids[:1]),
    ),
    "auth.sign_out": lambda _: ({}, {"csrf_token": TOKEN}),
    "recovery.ask": lambda _: (
        {},
        {"csrf_token": TOKEN, "email": "a"},
        {"csrf_token": TOKEN, "email": "membre@exemple.fr"},
        {"csrf_token": TOKEN, "email": "inconnue@exemple.fr"},
    ),
    "recovery.set_password": lambda _: (
        {},
        {"csrf_token": TOKEN, "new": "un mot de passe", "again": "un mot de passe"},
    ),
    "following.ask": lambda _: (
        {},
        {"csrf_token": TOKEN, "arguments": "q=zanzibar", "mail": "daily", "email": "a"},
        {"csrf_token": TOKEN, "arguments": "q=zanzibar&theme=Arbitrages", "mail": "weekly", "email": "zoe@exemple.fr"},
    ),
    "following.confirm": lambda _: ({}, {"csrf_token": TOKEN}),
    "following.end_mails": lambda _: ({}, {"List-Unsubscribe": "One-Click"}),
    "keeping.create_list": lambda _: ({}, {"csrf_token": TOKEN, "name": "Zanzibar"}),
    "keeping.change_list": lambda _: ({}, {"csrf_token": TOKEN, "action": "share"}),
    "keeping.change_selection": lambda known: (
        {},
        {"csrf_token": TOKEN, "action": "empty"},
        *({"csrf_token": TOKEN, "action": "add", "resource": one} for one in known.private_ids[:1]),
    ),
    "assistants.mcp": lambda _: ({},),
    "oai.oai": lambda _: ({}, {"verb": "Identify"}, {"verb": "ListRecords", "metadataPrefix": "oai_dc"}),
    "inbox.send_message": lambda _: (
        {},
        {"csrf_token": TOKEN},
        {"csrf_token": TOKEN, "message": "Bonjour", "email": "a"},
        {"csrf_token": TOKEN, "message": "Bonjour", "email": "zoe@exemple.fr"},
    ),
    "inbox.send_report": lambda known: ({}, {"csrf_token": TOKEN}, {"csrf_token": TOKEN, "message": "Un lien mort."}),
    "keeping.mark_seen": lambda _: ({}, {"csrf_token": TOKEN}),
    "keeping.save_search": lambda _: ({}, {"csrf_token": TOKEN, "arguments": "q=zanzibar"}),
    "keeping.change_search": lambda _: ({}, {"csrf_token": TOKEN, "action": "open-feed"}),
    "account.change_password": lambda _: ({}, {"csrf_token": TOKEN, "current": "a", "new": "b", "again": "b"}),
    "account.sign_out_everywhere": lambda _: ({}, {"csrf_token": TOKEN}),
    "account.make_token": lambda _: ({}, {"csrf_token": TOKEN, "label": "essai"}),
    "account.revoke_token": lambda _: ({}, {"csrf_token": TOKEN, "number": "1"}),
    "account.renew_feed": lambda _: ({}, {"csrf_token": TOKEN, "search": "1"}),
    "account.end_feed": lambda _: ({}, {"csrf_token": TOKEN, "search": "1"}),
    **dict.fromkeys(SHUT, lambda _: ({}, {"csrf_token": TOKEN})),
}
"""Form data to send, by endpoint."""

CLOSED = frozenset(
    {"auth.open_session", "keeping.feed", "metrics.metrics", "recovery.choose", "recovery.set_password", *SHUT}
)
"""Endpoints that never succeed for a visitor, so the proof does not require a success."""

QUERIES: dict[str, tuple[str, ...]] = {
    "q": (
        "", "coopérative", "zanzibar", "zanzibra", "xylophnoe", "gouvernail", "coperative", "arbitrages budgétaires",
        "quetsche*", '"secret partagé"', "zanz*", "titre:bilan", "theme:arbitrages", "type:confidentielle", "arb", "a",
        "annee:1987..1990", "-coopérative", "bilan de la", "note", "gouvernailles", "é", "x" * 3000, "((((", "*",
        "\x00", "coopérative OU zanzibar", "epicerie quetsche marché", "marchépublic", "légumerie", "hippogriffe",
        "publication:hippogriffe", '"légumerie collective"', "territoire:creuse",
        "territoire:bretagne", "coopérative en creuse", "guéret", "rennes",
    ),
    "type": ("Guide", "Note confidentielle", "none", "Inconnu"),
    "year": ("2010", "1987", "none", "20x", ""),
    "year_from": ("1980", "x"),
    "year_to": ("2011", "99999"),
    "theme": ("Économie circulaire", "ECONOMIE CIRCULAIRE", "Arbitrages budgétaires", "Mobilite solidaire", "none"),
    "territory": ("R53", "r53", "D23", "23096", "none", "rien"),
    "private": ("oui", "non", "peut-être"),
    "publication": ("oui", "non", "peut-être"),
    "format": ("pdf", "docx", "doc"),
    "liste": ("2", "x"),
    "sort": ("relevance", "-date", "date", "title", "zanzibar"),
    "match": ("all", "most", "zanzibar"),
    "page": ("1", "2", "3", "0", "x", "1001", "999999999999"),
    "per_page": ("1", "100", "101", "x"),
    "ressource": ("note", "inconnue"),
    "next": ("/ressources/note", "//ailleurs.example", "/?q=zanzibar"),
    "zanzibar": ("1",),
}  # fmt: skip
"""Query arguments with which every route is requested, one at a time."""

_LISTED = "metadataPrefix=oai_dc"
WHOLE: Mapping[str, tuple[str, ...]] = {
    "oai.oai": (
        "verb=Identify", "verb=ListSets", "verb=ListMetadataFormats", f"verb=ListRecords&{_LISTED}",
        f"verb=ListIdentifiers&{_LISTED}", f"verb=ListRecords&{_LISTED}&set=type:guide",
        f"verb=ListIdentifiers&{_LISTED}&set=type", f"verb=ListRecords&{_LISTED}&set=type:note-confidentielle",
        f"verb=ListRecords&{_LISTED}&set=theme:mobilite-solidaire", f"verb=ListIdentifiers&{_LISTED}&from=2020-01-01",
        f"verb=ListIdentifiers&{_LISTED}&set=theme:arbitrages-budgetaires",
        f"verb=ListRecords&{_LISTED}&until=2020-01-01",
    ),
}  # fmt: skip
"""Query strings of routes that answer only if several arguments are given, by endpoint."""


def _calls(known: Known) -> Iterator[str]:
    """Yield the bodies in JSON-RPC that an AI assistant may send to the site's MCP endpoint."""

    def message(method: str, **params: object) -> str:
        return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})

    yield from ("", "[]", message("ping"), message("tools/list"), message("initialize", protocolVersion="2025-11-25"))
    for query in QUERIES["q"]:
        yield message("tools/call", name="search", arguments={"query": query})
    for name in ("types", "themes"):
        for value in QUERIES[name.removesuffix("s")]:
            yield message("tools/call", name="search", arguments={"query": "", name: [value]})
    for one in known.ids:
        yield message("tools/call", name="get", arguments={"id": one})
        yield message("tools/call", name="page", arguments={"id": one, "document": 1, "page": 1})


BODIES: Mapping[str, Callable[[Known], Iterator[str]]] = {"assistants.mcp": _calls}
"""Bodies in JSON to send, by endpoint."""

EMBEDDING = "https://www.exemple.fr"
"""A site that may embed the search."""

_HEADERS = (
    ("Accept", "application/json"),
    ("Accept-Language", "en"),
    ("Accept-Encoding", "gzip"),
    ("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT"),
    ("If-None-Match", '"x"'),
    ("Range", "bytes=0-9"),
    ("Authorization", "Bearer rtes_faux"),
    ("Origin", EMBEDDING),
)


def untaught(app: Flask) -> list[str]:
    """Return the routes and arguments for which no requests are defined."""
    missing = []
    for rule in app.url_map.iter_rules():
        missing += [f"{rule.rule}: ARGUMENTS[{name!r}]" for name in rule.arguments - ARGUMENTS.keys()]
        if set(rule.methods or ()) - {"GET", "HEAD", "OPTIONS"} and rule.endpoint not in FORMS:
            missing.append(f"{rule.rule}: FORMS[{rule.endpoint!r}]")
    description = json.loads((CHECKOUT / "search_app/api/openapi.json").read_text(encoding="utf-8"))
    for path, methods in description["paths"].items():
        asked = {p["name"] for way in methods.values() for p in way.get("parameters", ()) if p.get("in") == "query"}
        missing += [f"{path}: QUERIES[{name!r}]" for name in asked - QUERIES.keys()]
    return sorted(missing)


def every_route(app: Flask, known: Known, *, thorough: bool = True) -> Iterator[Asked]:
    """Yield requests for every route and method of a site, with and without arguments.

    Args:
        app: the site.
        known: ids and words to use in addresses.
        thorough: yield all requests; otherwise fewer, but at least one for every route, and each route with other
            values of the query's arguments than the route before it.
    """
    for place, rule in enumerate(sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint))):
        methods = sorted(rule.methods or ())
        paths = list(_addresses(rule, known))
        deep = len(rule.arguments) > 1  # they have many addresses, which differ in little
        if deep and not thorough:
            paths = paths[::3]
        for number, path in enumerate(paths):
            every_method = number < 3 or (thorough and not deep)
            for method in sorted({"GET", "HEAD", "OPTIONS"} & set(methods)):
                if every_method or method == "GET":
                    yield Asked(path, method)
            if every_method:
                yield Asked(path, "DELETE")
        for method in sorted(set(methods) - {"GET", "HEAD", "OPTIONS"}):
            for path, form in product(paths[:4] + paths[-8:], FORMS[rule.endpoint](known)):
                yield Asked(path, method, form=tuple(form.items()))
        shut = rule.endpoint.startswith(("staff.", "account."))
        if "GET" in methods and rule.endpoint != "static" and (thorough or not shut):
            for start in paths if thorough and rule.arguments == {"ending"} else paths[:1]:
                yield from _with_queries(start) if thorough else _with_some_queries(start, place)
            yield from (Asked(paths[0], headers=(header,)) for header in _HEADERS)
        yield from (Asked(f"{paths[0]}?{one}") for one in WHOLE.get(rule.endpoint, ()))
        yield from (Asked(paths[0], "POST", body=one) for one in BODIES.get(rule.endpoint, lambda _: ())(known))


def _addresses(rule: Rule, known: Known) -> Iterator[str]:
    names = sorted(rule.arguments)
    for values in product(*(ARGUMENTS[name](known) for name in names)):
        path = rule.rule
        for name, value in zip(names, values, strict=True):
            start = path.index("<")
            while path[path.index(">", start) - len(name) : path.index(">", start)] != name:
                start = path.index("<", start + 1)
            path = path[:start] + value + path[path.index(">", start) + 1 :]
        yield path


def _with_queries(path: str) -> Iterator[Asked]:
    for name, values in QUERIES.items():
        for value in values:
            yield Asked(f"{path}?{urlencode({name: value})}")


def _with_some_queries(path: str, place: int) -> Iterator[Asked]:
    """Yield a request for every `STEP`-th value of each query argument; `place` says with which value to begin."""
    for name, values in QUERIES.items():
        for value in values[place % min(STEP, len(values)) :: STEP]:
            yield Asked(f"{path}?{urlencode({name: value})}")
