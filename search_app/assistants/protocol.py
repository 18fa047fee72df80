"""JSON-RPC 2.0 as MCP uses it: its messages and errors, and the few methods of a server of tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")
"""Versions of MCP over streamable HTTP that begin with `initialize`, newest first."""
ASSUMED = "2025-03-26"
"""Version of MCP that is assumed if a request names none; the only version with batches."""
MOST_IN_BATCH = 10

Json = dict[str, Any]
Id = str | int


class Code(IntEnum):
    """The error codes of JSON-RPC, and the one of MCP for unsupported versions."""

    PARSE = -32700
    INVALID_REQUEST = -32600
    METHOD = -32601
    PARAMS = -32602
    INTERNAL = -32603
    VERSION = -32022


class RpcError(Exception):
    """An error that is reported in a JSON-RPC response.

    Attributes:
        code: the error code.
        message: what is wrong, for people (French).
        data: further data for programs, or None.
    """

    def __init__(self, code: Code, message: str, data: Json | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class InvalidError(RpcError):
    """A message that is not a request; its id is unknown."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, or a notification if it has no id; `params` are not checked yet."""

    id: Id | None
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Server:
    """The description of a server, and its tools.

    Attributes:
        name, title, instructions: name, name for people and instructions for assistants, sent in reply to `initialize`.
        tools: descriptions of the tools.
        run: runs a tool by name, with its arguments, and returns its result; raises `KeyError` for an unknown name.
    """

    name: str
    title: str
    instructions: str
    tools: tuple[Json, ...]
    run: Callable[[str, Json], Json]


def decode(body: bytes) -> Any:
    """Return the value that a body holds.

    Raises:
        RpcError: it is no JSON.
    """
    try:
        return json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise RpcError(Code.PARSE, "Le corps de la demande n’est pas du JSON.") from None


def _refused(constant: str) -> None:
    raise ValueError(constant)


def read(message: Any) -> Call | None:
    """Return the call that a message makes; None for a response, since this server sends no requests.

    Raises:
        InvalidError: the message is not one of JSON-RPC 2.0.
    """
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise InvalidError(Code.INVALID_REQUEST, "Chaque message est un objet dont « jsonrpc » vaut « 2.0 ».")
    if "method" not in message and "id" in message and ("result" in message) != ("error" in message):
        return None
    method, number, params = message.get("method"), message.get("id"), message.get("params", {})
    if not isinstance(method, str):
        raise InvalidError(Code.INVALID_REQUEST, "« method » manque, ou n’est pas un texte.")
    if "id" in message and (isinstance(number, bool) or not isinstance(number, str | int)):
        raise InvalidError(Code.INVALID_REQUEST, "« id » doit être un texte ou un entier.")
    return Call(number, method, params)


def answer(message: Any, server: Server) -> Json | None:
    """Return the answer to a message, or None if the message is a notification or a response."""
    try:
        call = read(message)
    except InvalidError as error:
        return failure(None, error)
    if call is None or call.id is None:
        return None
    try:
        return {"jsonrpc": "2.0", "id": call.id, "result": _result(call, server)}
    except RpcError as error:
        return failure(call.id, error)


def failure(number: Id | None, error: RpcError) -> Json:
    """Return the answer that reports an error; `number` is the id of the request, None if unknown."""
    said: Json = {"code": int(error.code), "message": error.message}
    return {"jsonrpc": "2.0", "id": number, "error": said if error.data is None else {**said, "data": error.data}}


def _result(call: Call, server: Server) -> Json:
    methods: Mapping[str, Callable[[Json, Server], Json]] = {
        "initialize": _initialize,
        "ping": lambda _params, _server: {},
        "tools/list": _list,
        "tools/call": _call,
    }
    if call.method not in methods:
        raise RpcError(Code.METHOD, "Cette méthode n’existe pas : ce serveur n’a que des outils.")
    if not isinstance(call.params, dict):
        raise RpcError(Code.PARAMS, "« params » doit être un objet.")
    return methods[call.method](call.params, server)


def _initialize(params: Json, server: Server) -> Json:
    wanted = params.get("protocolVersion")
    if not isinstance(wanted, str):
        raise RpcError(Code.PARAMS, "« protocolVersion » manque, ou n’est pas un texte.")
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": server.name, "title": server.title, "version": "1"},
        "instructions": server.instructions,
    }


def _list(params: Json, server: Server) -> Json:
    if params.get("cursor") is not None:
        raise RpcError(Code.PARAMS, "La liste des outils est entière : « cursor » n’a pas de sens.")
    return {"tools": list(server.tools)}


def _call(params: Json, server: Server) -> Json:
    name, given = params.get("name"), params.get("arguments", {})
    if not isinstance(name, str) or not isinstance(given, dict):
        raise RpcError(Code.PARAMS, "« name » doit être un texte, et « arguments » un objet.")
    try:
        return server.run(name, given)
    except KeyError:
        known = ", ".join(tool["name"] for tool in server.tools)
        raise RpcError(Code.PARAMS, f"Cet outil n’existe pas. Il y a : {known}.") from None
