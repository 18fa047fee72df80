"""A Drupal site modelled on what the documentation of core's JSON:API says: collections, filters, pages, refusals.

A response has at most fifty resources, without saying so; nodes that the client may not see count towards that number,
but are left out; deleted nodes leave no trace; a filter on `changed` compares Unix times; addresses of files are
relative to the root.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from tests.support.live_site import LiveSite, Reply, Request

MOST = 50
_CONDITION = re.compile(r"filter\[(\w+)\](?:\[condition\])?(?:\[(path|operator|value)\])?")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: str(a) == str(b),
    ">": lambda a, b: int(a) > int(b),
    ">=": lambda a, b: int(a) >= int(b),
    "<=": lambda a, b: int(a) <= int(b),
}


@dataclass(frozen=True)
class Node:
    """A node, with the values of its fields as JSON:API shows them.

    Attributes:
        private: value of the field « Ressource privée »; a text that begins with "term:" names a taxonomy term.
        closed: whether only requests with credentials see it, although it is published.
        files: names of its files.
        media: whether it refers to media items, which refer to the files.
    """

    nid: int
    title: str
    body: str = "<p>Texte de la ressource.</p>"
    alias: str | None = None
    private: Any = False
    closed: bool = False
    status: bool = True
    type: str = "Guide"
    theme: str = "Mobilité"
    summary: str = "En bref."
    files: tuple[str, ...] = ()
    media: bool = False
    changed: int = 1_700_000_000
    uuid: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


class DrupalSite:
    """A Drupal site that answers the requests for which a `LiveSite` (the HTTP server of tests) has no page.

    Attributes:
        now: its clock in seconds since 1970, moved on by one second with each change of a node.
        basic, client: the credentials that it accepts: name and password, and id and secret of an OAuth client.
        tokens: the OAuth tokens that are valid.
        after: called with each request once its response is ready.
    """

    def __init__(self, site: LiveSite, *, bundle: str = "ressource") -> None:
        self.site, self.bundle = site, bundle
        self.nodes: dict[int, Node] = {}
        self.now = 1_700_000_000
        self.basic = ("archives", "mot-de-passe")
        self.client = ("client", "secret-du-client")
        self.tokens: set[str] = set()
        self.after: Callable[[Request], None] = lambda _: None
        site.validators = False
        site.other = self.answer

    def put(self, nid: int, title: str, **values: Any) -> Node:
        self.now += 1
        node = Node(nid, title, changed=self.now, uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, str(nid))), **values)
        self.nodes[nid] = node
        return node

    def change(self, nid: int, **values: Any) -> None:
        self.now += 1
        self.nodes[nid] = replace(self.nodes[nid], changed=self.now, **values)

    def answer(self, request: Request) -> Reply:
        reply = self._answer(request)
        self.after(request)
        return reply

    def _answer(self, request: Request) -> Reply:
        query = request.query
        if request.path == "/oauth/token":
            return self._token(request)
        signed = self._signed_in(request)
        if signed is None:
            return self._error(401)
        if request.path == "/jsonapi":
            kinds = {f"node--{name}": f"/jsonapi/node/{name}" for name in ("page", self.bundle)}
            return self._reply({"data": [], "links": {k: {"href": self.site.address + v} for k, v in kinds.items()}})
        if request.path == "/jsonapi/node/page":
            return self._reply({"data": [self._json(Node(900, "Une page", uuid="page"), "page")], "links": {}})
        if request.path == f"/jsonapi/node/{self.bundle}":
            return self._collection(query, signed)
        if request.path.startswith(f"/jsonapi/node/{self.bundle}/"):
            return self._one(request.path.rpartition("/")[2], signed)
        if request.path.startswith("/jsonapi/"):
            return self._error(403)
        return Reply(status=404)

    def _signed_in(self, request: Request) -> bool | None:
        given = request.headers.get("authorization")
        if given is None:
            return False
        if given == "Basic " + base64.b64encode(":".join(self.basic).encode()).decode():
            return True
        return True if given.removeprefix("Bearer ") in self.tokens else None

    def _token(self, request: Request) -> Reply:
        fields = dict(pair.split("=", 1) for pair in request.body.decode().split("&"))
        asked = (fields.get("client_id"), fields.get("client_secret"))
        if fields.get("grant_type") != "client_credentials" or asked != self.client:
            return self._reply({"error": "invalid_client"}, 401)
        token = f"jeton-{len(self.tokens)}"
        self.tokens = {token}  # the one before has ended
        return self._reply({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def _seen(self, node: Node, signed: bool) -> bool:
        return signed or (node.status and not node.closed)

    def _collection(self, query: dict[str, str], signed: bool) -> Reply:
        conditions: dict[str, dict[str, str]] = {}
        for name, value in query.items():
            if found := _CONDITION.fullmatch(name):
                conditions.setdefault(found.group(1), {})[found.group(2) or "value"] = value
        nodes = sorted(self.nodes.values(), key=lambda node: node.nid)
        for name, condition in conditions.items():
            path = condition.get("path", name)
            test = _OPERATORS[condition.get("operator", "=")]
            nodes = [n for n in nodes if test(n.changed if path == "changed" else n.nid, condition["value"])]
        limit = min(int(query.get("page[limit]", MOST)), MOST)
        offset = int(query.get("page[offset]", 0))
        page = nodes[offset : offset + limit]
        links = {}
        if len(nodes) > offset + limit:
            following = urlencode({**query, "page[offset]": str(offset + limit), "page[limit]": str(limit)})
            links["next"] = {"href": f"{self.site.address}/jsonapi/node/{self.bundle}?{following}"}
        shown = [node for node in page if self._seen(node, signed)]
        meta = {} if len(shown) == len(page) else {"meta": {"omitted": {"detail": "denied", "links": {}}}}
        wanted = query.get(f"fields[node--{self.bundle}]")
        names = None if wanted is None else set(wanted.split(","))
        data = [self._json(node, self.bundle, names) for node in shown]
        included = {}
        for name in filter(None, query.get("include", "").split(",")):
            for node in shown:
                for one in self._referred(node).get(name, []):
                    included[one["type"], one["id"]] = one
        return self._reply({"data": data, "included": list(included.values()), "links": links, **meta})

    def _one(self, asked: str, signed: bool) -> Reply:
        node = next((node for node in self.nodes.values() if node.uuid == asked), None)
        if node is None:
            return self._error(404)
        if not self._seen(node, signed):
            return self._error(403)
        return self._reply({"data": self._json(node, self.bundle, {"status"}), "links": {}})

    def _referred(self, node: Node) -> dict[str, list[dict[str, Any]]]:
        def term(kind: str, name: str) -> dict[str, Any]:
            return {"type": f"taxonomy_term--{kind}", "id": f"{kind}-{name}", "attributes": {"name": name}}

        files = [
            {
                "type": "file--file",
                "id": f"file-{name}",
                "attributes": {"filename": name, "uri": {"value": f"public://{name}", "url": f"/sites/files/{name}"}},
            }
            for name in node.files
        ]
        media = [
            {
                "type": "media--document",
                "id": f"media-{file['id']}",
                "attributes": {"name": "Un document"},
                "relationships": {
                    "thumbnail": {"data": {"type": "file--file", "id": "vignette"}},
                    "field_media_document": {"data": {"type": "file--file", "id": file["id"]}},
                },
            }
            for file in files
        ]
        found = {
            "field_type_de_ressource": [term("types", node.type)],
            "field_categorie": [term("categories", node.theme)],
            "field_documents": media if node.media else files,
            "field_documents.field_media_document": files if node.media else [],
        }
        if isinstance(node.private, str) and node.private.startswith("term:"):
            found["field_ressource_privee"] = [term("acces", node.private.removeprefix("term:"))]
        return found

    def _json(self, node: Node, bundle: str, names: set[str] | None = None) -> dict[str, Any]:
        when = datetime.fromtimestamp(node.changed, UTC).isoformat()
        attributes: dict[str, Any] = {
            "drupal_internal__nid": node.nid,
            "title": node.title,
            "status": node.status,
            "langcode": "fr",
            "created": "2021-03-04T10:00:00+01:00",
            "changed": when,
            "path": {"alias": node.alias, "pid": 1, "langcode": "fr"},
            "body": {"value": node.body, "format": "html", "processed": node.body, "summary": ""},
        }
        relationships: dict[str, Any] = {}
        if bundle == self.bundle:
            attributes["field_resume"] = node.summary
            referred = self._referred(node)
            if "field_ressource_privee" not in referred:
                attributes["field_ressource_privee"] = node.private
            relationships = {
                name: {"data": [{"type": one["type"], "id": one["id"]} for one in every]}
                for name, every in referred.items()
                if "." not in name
            }
        attributes |= node.extra
        if names is not None:
            attributes = {name: value for name, value in attributes.items() if name in names}
            relationships = {name: value for name, value in relationships.items() if name in names}
        return {"type": f"node--{bundle}", "id": node.uuid, "attributes": attributes, "relationships": relationships}

    def _error(self, status: int) -> Reply:
        return self._reply({"errors": [{"status": str(status)}]}, status)

    def _reply(self, held: dict[str, Any], status: int = 200) -> Reply:
        headers = {"Content-Type": "application/vnd.api+json", "Date": formatdate(self.now, usegmt=True)}
        return Reply(json.dumps({"jsonapi": {"version": "1.0"}, **held}).encode(), status, headers)
