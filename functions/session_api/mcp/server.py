"""The core: one POST in, one JSON-RPC response out, in both eras. Stateless."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiwebhook.errors import Conflict, Forbidden, Invalid, NotFound
from aiwebhook.http import Response, require_json
from session_api.mcp.batch import fit_answers, require_batch, require_batched
from session_api.mcp.definition import RequestContext, ServerDefinition
from session_api.mcp.eras import (
    MCP_PREFIX,
    McpClient,
    McpHeaders,
    check_arguments,
    check_names,
    client_of,
)
from session_api.mcp.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    UNSUPPORTED_VERSION,
    Json,
    Message,
    RpcError,
    error_response,
    message_of,
    parse_body,
    result_response,
)
from session_api.mcp.methods import Methods, tool_arguments

if TYPE_CHECKING:
    from aiwebhook.domain.identity import Caller
    from aiwebhook.http import Request
    from aiwebhook.wiring.session_api import SessionApi

_LISTS: Json = {"ttlMs": 300_000, "cacheScope": "private"}
_CONTENTS: Json = {"ttlMs": 0, "cacheScope": "private"}
_SINCE_MODERN = frozenset({"ttlMs", "cacheScope", "resultType"})
_TRANSPORT = frozenset({PARSE_ERROR, INVALID_REQUEST, HEADER_MISMATCH, UNSUPPORTED_VERSION})
"""Errors with an HTTP status in the older era, too; its others are answered with 200."""
_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """What all messages of one POST share."""

    api: SessionApi
    caller: Caller
    request: Request
    headers: McpHeaders


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The answer to one message; `body` is None for a notification."""

    status: int
    body: Json | None = None
    notifications: Sequence[Json] = ()

    @property
    def response(self) -> Response:
        """The HTTP response to a message that was sent alone."""
        if self.body is None or self.status != 200:
            return Response(status=self.status, body=self.body)
        return _response(self.body, self.notifications)


class Server:
    """Serves one definition. One per process; a Lambda handles one request at a time."""

    def __init__(self, definition: ServerDefinition) -> None:
        self._definition = definition
        self._methods = Methods(definition)

    def answer(self, api: SessionApi, caller: Caller, request: Request) -> Response:
        """The response to one POST. Raises UnsupportedMedia, and errors.* for faults that are
        not the request's.
        """
        require_json(request)
        headers = McpHeaders(values=request.headers, repeated=request.repeated)
        post = _Post(api=api, caller=caller, request=request, headers=headers)
        try:
            _check_origin(api, request)
            document = parse_body(request.body)
            if isinstance(document, list):
                return self._batch(post, cast("list[object]", document))
        except RpcError as error:
            return Response(status=error.status, body=error_response(None, error))
        return self._one(post, document).response

    def _batch(self, post: _Post, documents: Sequence[object]) -> Response:
        """Each message answered as if it had been sent alone, in order. Raises RpcError."""
        require_batch(post.headers, documents)
        answers = [self._one(post, document, in_batch=True) for document in documents]
        bodies = fit_answers([answer.body for answer in answers if answer.body is not None])
        notifications = [note for answer in answers for note in answer.notifications]
        if not bodies:
            return Response(status=202)
        return _response(bodies, notifications)

    def _one(self, post: _Post, document: object, *, in_batch: bool = False) -> _Answer:
        client: McpClient | None = None
        message: Message | None = None
        try:
            message = message_of(document)
            if message is None or message.id is None:
                return _Answer(status=202)
            if in_batch:
                require_batched(message)
            client = client_of(post.headers, message)
            context = RequestContext(
                api=post.api,
                caller=post.caller,
                request=post.request,
                client=client,
                params=message.params,
                in_batch=in_batch,
            )
            result = self._result(context, post.headers, message)
        except RpcError as error:
            request_id = error.id if message is None else message.id
            old = client is not None and not client.modern
            status = 200 if old and error.code not in _TRANSPORT else error.status
            return _Answer(status=status, body=error_response(request_id, error))
        body = result_response(message.id, self._dressed(client, result))
        return _Answer(status=200, body=body, notifications=context.notifications)

    def _result(self, context: RequestContext, headers: McpHeaders, message: Message) -> Json:
        methods = self._methods.modern if context.client.modern else self._methods.initialized
        method = methods.get(message.method)
        if method is None:
            raise RpcError(
                METHOD_NOT_FOUND, f"Method not found: {message.method[:100]}", status=404
            )
        if context.client.modern:
            check_names(headers, message)
            if message.method == "tools/call" and (tool := self._methods.tool(context)) is not None:
                check_arguments(headers, tool.mirrored, tool_arguments(context))
        try:
            return method(context)
        except (Invalid, NotFound, Conflict, Forbidden) as error:
            told = {"code": error.code, "remedy": error.remedy}
            raise RpcError(INVALID_PARAMS, error.detail, data=told) from error

    def _dressed(self, client: McpClient, result: Json) -> Json:
        if not client.modern:
            return {name: value for name, value in result.items() if name not in _SINCE_MODERN}
        me = {"name": self._definition.name, "version": self._definition.version}
        meta: Json = {**(result.get("_meta") or {}), f"{MCP_PREFIX}serverInfo": me}
        return {"resultType": "complete", **result, "_meta": meta}


def _check_origin(api: SessionApi, request: Request) -> None:
    """Raises RpcError for a web page whose origin the deployment does not list."""
    origin = request.headers.get("origin")
    if origin is None or "origin" in request.repeated:
        allowed = origin is None
    else:
        local = api.commands.allow_loopback_callbacks and _LOOPBACK.fullmatch(origin)
        allowed = bool(local) or origin in api.origins
    if not allowed:
        raise RpcError(INVALID_REQUEST, "Pages of this origin may not call.", status=403)


def _response(body: Json | list[Json], notifications: Sequence[Json]) -> Response:
    """JSON; with notifications, an event stream that ends with the answer."""
    if not notifications:
        return Response(status=200, body=body)
    frames = [json.dumps(each, separators=(",", ":")) for each in (*notifications, body)]
    stream = "".join(f"event: message\ndata: {frame}\n\n" for frame in frames)
    return Response(status=200, body=stream, headers={"Content-Type": "text/event-stream"})
