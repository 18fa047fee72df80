"""The reference page of the API, generated from its OpenAPI description, so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from search_app.api.views import description
from search_app.messages import NO_BREAK
from search_app.web.urls import absolute

blueprint = Blueprint("reference", __name__)

_TYPES: Mapping[str, str] = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "boolean": "true ou false",
    "object": "objet",
    "array": "liste",
    "null": "null",
}

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a key of a response: its name, its type and its meaning."""

    name: str
    kind: str
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A possible response: status, meaning, media types."""

    status: str
    meaning: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API; `keys` are the keys of its JSON response, `example` is a path to try, or None."""

    id: str
    path: str
    summary: str
    description: str
    parameters: tuple[Value, ...]
    answers: tuple[Answer, ...]
    keys: tuple[Value, ...]
    example: str | None


@blueprint.get("/api")
def page() -> ResponseReturnValue:
    """Show the reference page: all operations, with examples."""
    return render_template(
        "api/api.html",
        operations=list(operations(description())),
        address=absolute("pages.search").rstrip("/"),
    )


def operations(api: Schema) -> Iterator[Operation]:
    """Yield the operations of an OpenAPI description, in its order."""
    base, examples = api["servers"][0]["url"], api.get("x-examples", {})
    for path, methods in api["paths"].items():
        get = methods["get"]
        answers = {status: _resolve(api, answer) for status, answer in get["responses"].items()}
        found = answers["200"].get("content", {}).get("application/json", {}).get("schema", {})
        example = examples.get(get["operationId"])
        yield Operation(
            id=get["operationId"],
            path=base + path,
            summary=get["summary"],
            description=get.get("description", ""),
            parameters=tuple(_parameter(api, _resolve(api, one)) for one in get.get("parameters", ())),
            answers=tuple(
                Answer(status, answer["description"], tuple(answer.get("content", ())))
                for status, answer in answers.items()
            ),
            keys=tuple(_keys(api, found)),
            example=base + example if example else None,
        )


def kind_of(api: Schema, schema: Schema) -> str:
    """Return the type of values of a schema in French words; `api` is the description that defines the schema."""
    schema = _resolve(api, schema)
    if "enum" in schema:
        return ", ".join("null" if value is None else str(value) for value in schema["enum"])
    if "prefixItems" in schema:
        return _list_of(", ".join(kind_of(api, item) for item in schema["prefixItems"]))
    types = schema.get("type", ())
    several = [types] if isinstance(types, str) else list(types)
    if several == ["array"]:
        return _list_of(kind_of(api, schema.get("items", {})))
    return " ou ".join(_TYPES[name] for name in several) or "tout"


def _list_of(kind: str) -> str:
    return f"liste{NO_BREAK}: {kind}"


def _parameter(api: Schema, parameter: Schema) -> Value:
    return Value(
        parameter["name"],
        kind_of(api, parameter["schema"]),
        parameter.get("description", ""),
        bool(parameter.get("required")),
    )


def _keys(api: Schema, schema: Schema, prefix: str = "") -> Iterator[Value]:
    """Yield the keys of a JSON object, each followed by the keys inside it, such as ``hits[].title``.

    Args:
        api: the OpenAPI description, in which references are looked up.
        schema: the schema of the object.
        prefix: what precedes each key: the path of the object in the response; empty for the response itself.
    """
    schema = _resolve(api, schema)
    if schema.get("type") == "array":
        yield from _keys(api, schema.get("items", {}), f"{prefix}[]")
        return
    for name, value in schema.get("properties", {}).items():
        key = f"{prefix}.{name}" if prefix else name
        yield Value(key, kind_of(api, value), _resolve(api, value).get("description", ""))
        yield from _keys(api, value, key)


def _resolve(api: Schema, schema: Schema) -> Schema:
    """Return the schema itself or, if it is a reference (``$ref``), the schema of `api` that it refers to."""
    if "$ref" not in schema:
        return schema
    found: Schema = api
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found
