"""JSON-RPC 2.0 as MCP uses it: ids are text or whole numbers, params are objects. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiwebhook.errors import Invalid, NotJson
from aiwebhook.strict_json import parse_value

Json = dict[str, Any]
Id = str | int

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
INVALID_PARAMS, INTERNAL = -32602, -32603
RESOURCE_NOT_FOUND = -32002
"""Until 2025-11-25; INVALID_PARAMS since."""
HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION = -32020, -32021, -32022
MAX_ID = 1_000
"""Characters of an id: each answer repeats it."""


class RpcError(Exception):
    """Becomes a JSON-RPC error response. `status` is the HTTP status of the 2026-07-28 era; `id`
    that of the request, if it could be read.
    """

    def __init__(
        self, code: int, message: str, *, data: Mapping[str, Any] | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.status = status
        self.id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request, or a notification (`id` None)."""

    method: str
    params: Json
    id: Id | None


def parse_body(body: bytes) -> object:
    """The JSON in `body`. Raises RpcError."""
    try:
        return parse_value(body)
    except NotJson as exc:
        raise RpcError(PARSE_ERROR, f"Parse error: {exc.detail}") from exc
    except Invalid as exc:
        raise RpcError(INVALID_REQUEST, f"Invalid request: {exc.detail}") from exc


def message_of(document: object) -> Message | None:
    """The message; None for a response, since this server sends no requests. Raises RpcError."""
    if not isinstance(document, dict):
        raise RpcError(INVALID_REQUEST, "Invalid request: a message must be an object.")
    said = cast("Json", document)
    request_id = _id(said)
    try:
        return _message(said, request_id)
    except RpcError as error:
        error.id = request_id
        raise


def _id(document: Json) -> Id | None:
    if "id" not in document:
        return None
    value = document["id"]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and not (isinstance(value, str) and len(value) <= MAX_ID):
        raise RpcError(
            INVALID_REQUEST,
            f"Invalid request: id must be a whole number, or text of at most {MAX_ID} characters.",
        )
    return cast("Id", value)


def _message(document: Json, request_id: Id | None) -> Message | None:
    if document.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'Invalid request: jsonrpc must be "2.0".')
    if "method" not in document and ("result" in document or "error" in document):
        return None
    method, params = document.get("method"), document.get("params")
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "Invalid request: method must be text.")
    if params is not None and not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "Invalid params: params must be an object.")
    given = cast("Json", params or {})
    meta = given.get("_meta")
    if meta is not None and not isinstance(meta, dict):
        raise RpcError(INVALID_PARAMS, "Invalid params: _meta must be an object.")
    return Message(method=method, params=given, id=request_id)


def result_response(request_id: Id, result: Mapping[str, Any]) -> Json:
    """The response with a result."""
    return {"jsonrpc": "2.0", "id": request_id, "result": dict(result)}


def error_response(request_id: Id | None, error: RpcError) -> Json:
    """The response with an error."""
    told: Json = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = dict(error.data)
    return {"jsonrpc": "2.0", "id": request_id, "error": told}
