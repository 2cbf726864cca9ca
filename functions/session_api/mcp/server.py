"""The core: one POST in, one JSON-RPC answer out, in both eras. It keeps nothing in between."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aiwebhook.commands.understanding import object_in
from aiwebhook.errors import Conflict, Forbidden, Invalid, NotFound
from aiwebhook.http import Response, require_json
from session_api.mcp.eras import (
    INITIALIZED,
    PREFIX,
    SUPPORTED,
    TASKS,
    Client,
    Headers,
    check_arguments,
    check_names,
    client_of,
)
from session_api.mcp.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_CAPABILITY,
    PARSE_ERROR,
    RESOURCE_NOT_FOUND,
    UNSUPPORTED_VERSION,
    Json,
    Message,
    RpcError,
    failure,
    parse,
    success,
)
from session_api.mcp.offers import Method, Offers, Tool, Turn

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


class Server:
    """Serves what is offered. One per process; a Lambda handles one request at a time."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        common: dict[str, Method] = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "resources/list": self._list_resources,
            "resources/templates/list": self._list_templates,
            "resources/read": self._read_resource,
            "prompts/list": self._list_prompts,
            "prompts/get": self._get_prompt,
            **offers.more,
        }
        self._modern: Mapping[str, Method] = {
            **common,
            "server/discover": self._discover,
            "tasks/get": self._get_task,
            "tasks/update": self._update_task,
            "tasks/cancel": self._cancel_task,
        }
        self._initialized: Mapping[str, Method] = {
            **common,
            **offers.older,
            "initialize": self._initialize,
            "ping": lambda _turn: {},
        }

    def answer(self, api: SessionApi, caller: Caller, request: Request) -> Response:
        """The answer to one POST. Raises UnsupportedMedia, and errors.* for what is no fault
        of the request.
        """
        require_json(request)
        client: Client | None = None
        message: Message | None = None
        try:
            _check_origin(api, request)
            message = parse(request.body)
            if message is None or message.id is None:
                return Response(status=202)
            headers = Headers(values=request.headers, repeated=request.repeated)
            client = client_of(headers, message)
            turn = Turn(
                api=api, caller=caller, request=request, client=client, params=message.params
            )
            result = self._result(turn, headers, message)
        except RpcError as error:
            request_id = error.id if message is None else message.id
            old = client is not None and not client.modern
            status = 200 if old and error.code not in _TRANSPORT else error.status
            return Response(status=status, body=failure(request_id, error))
        return _answer(success(message.id, self._dressed(client, result)), turn)

    def _result(self, turn: Turn, headers: Headers, message: Message) -> Json:
        methods = self._modern if turn.client.modern else self._initialized
        method = methods.get(message.method)
        if method is None:
            raise RpcError(
                METHOD_NOT_FOUND, f"Method not found: {message.method[:100]}", status=404
            )
        if turn.client.modern:
            check_names(headers, message)
            if message.method == "tools/call" and (tool := self._tool(turn)) is not None:
                check_arguments(headers, tool.mirrored, _arguments(turn))
        try:
            return method(turn)
        except (Invalid, NotFound, Conflict, Forbidden) as error:
            told = {"code": error.code, "remedy": error.remedy}
            raise RpcError(INVALID_PARAMS, error.detail, data=told) from error

    def _dressed(self, client: Client, result: Json) -> Json:
        if not client.modern:
            return {name: value for name, value in result.items() if name not in _SINCE_MODERN}
        me = {"name": self._offers.name, "version": self._offers.version}
        meta: Json = {**(result.get("_meta") or {}), f"{PREFIX}serverInfo": me}
        return {"resultType": "complete", **result, "_meta": meta}

    # ── who we are ──
    def _discover(self, _turn: Turn) -> Json:
        capabilities: Json = {**self._capabilities(), "extensions": {TASKS: {}}}
        return {
            "supportedVersions": list(SUPPORTED),
            "capabilities": capabilities,
            "instructions": self._offers.instructions,
            **_LISTS,
        }

    def _initialize(self, turn: Turn) -> Json:
        asked = _text(turn, "protocolVersion")
        offers = self._offers
        return {
            "protocolVersion": asked if asked in INITIALIZED else INITIALIZED[0],
            "capabilities": self._capabilities(),
            "serverInfo": {"name": offers.name, "title": offers.title, "version": offers.version},
            "instructions": offers.instructions,
        }

    def _capabilities(self) -> Json:
        return {"tools": {}, "resources": {}, "prompts": {}, **self._offers.capabilities}

    # ── tools ──
    def _list_tools(self, turn: Turn) -> Json:
        _refuse_cursor(turn)
        return {"tools": [tool.describe() for tool in self._offers.tools.values()], **_LISTS}

    def _call_tool(self, turn: Turn) -> Json:
        tool = self._tool(turn)
        if tool is None:
            known = ", ".join(self._offers.tools)
            raise _unknown(f"Unknown tool: {_text(turn, 'name')[:100]}. Known are {known}.")
        return tool.call(turn, _arguments(turn))

    def _tool(self, turn: Turn) -> Tool | None:
        return self._offers.tools.get(_text(turn, "name"))

    # ── resources ──
    def _list_resources(self, turn: Turn) -> Json:
        return {**self._offers.resources.listed(turn), **_LISTS}

    def _list_templates(self, turn: Turn) -> Json:
        _refuse_cursor(turn)
        return {"resourceTemplates": list(self._offers.resources.templates()), **_LISTS}

    def _read_resource(self, turn: Turn) -> Json:
        uri = _text(turn, "uri")
        contents = self._offers.resources.read(turn, uri)
        if contents is None:
            code = INVALID_PARAMS if turn.client.modern else RESOURCE_NOT_FOUND
            raise RpcError(code, "Resource not found", data={"uri": uri[:2_000]}, status=200)
        return {"contents": list(contents), **_CONTENTS}

    # ── prompts ──
    def _list_prompts(self, turn: Turn) -> Json:
        _refuse_cursor(turn)
        return {"prompts": [prompt.listed for prompt in self._offers.prompts.values()], **_LISTS}

    def _get_prompt(self, turn: Turn) -> Json:
        name = _text(turn, "name")
        prompt = self._offers.prompts.get(name)
        if prompt is None:
            raise _unknown(f"Unknown prompt: {name[:100]}.")
        arguments = _arguments(turn)
        wanted: list[Json] = prompt.listed.get("arguments", [])
        missing = [a["name"] for a in wanted if a.get("required") and a["name"] not in arguments]
        if missing or not all(isinstance(value, str) for value in arguments.values()):
            why = f"missing: {', '.join(missing)}" if missing else "each must be text"
            raise RpcError(INVALID_PARAMS, f"Invalid params: arguments of {name}, {why}.")
        return prompt.get(turn, arguments)

    # ── tasks ──
    def _get_task(self, turn: Turn) -> Json:
        return self._offers.tasks.get(turn, _task_id(turn))

    def _update_task(self, turn: Turn) -> Json:
        task_id = _task_id(turn)
        responses = turn.params.get("inputResponses")
        if not isinstance(responses, dict):
            raise RpcError(INVALID_PARAMS, "Invalid params: inputResponses must be an object.")
        self._offers.tasks.update(turn, task_id, cast("Json", responses))
        return {}

    def _cancel_task(self, turn: Turn) -> Json:
        self._offers.tasks.cancel(turn, _task_id(turn))
        return {}


def require_tasks(turn: Turn) -> None:
    """Raises RpcError unless the client declares the Tasks extension."""
    if TASKS not in turn.client.extensions:
        raise RpcError(
            MISSING_CAPABILITY,
            "Missing required client capability.",
            data={"requiredCapabilities": {"extensions": {TASKS: {}}}},
        )


def _task_id(turn: Turn) -> str:
    require_tasks(turn)
    return _text(turn, "taskId")


def _check_origin(api: SessionApi, request: Request) -> None:
    """A page may call only from an origin that the deployment names. Raises RpcError."""
    origin = request.headers.get("origin")
    if origin is None or "origin" in request.repeated:
        allowed = origin is None
    else:
        local = api.commands.allow_loopback_callbacks and _LOOPBACK.fullmatch(origin)
        allowed = bool(local) or origin in api.origins
    if not allowed:
        raise RpcError(INVALID_REQUEST, "Pages of this origin may not call.", status=403)


def _text(turn: Turn, name: str) -> str:
    value = turn.params.get(name)
    if not isinstance(value, str):
        raise RpcError(INVALID_PARAMS, f"Invalid params: {name} must be text.")
    return value


def _arguments(turn: Turn) -> Json:
    """An object; also where it came as text that holds one, or as null."""
    value: Any = turn.params.get("arguments")
    if value is None:
        return {}
    found = object_in(value)
    if found is not None:
        return found
    if not isinstance(value, dict):
        raise RpcError(INVALID_PARAMS, "Invalid params: arguments must be an object.")
    return cast("Json", value)


def _refuse_cursor(turn: Turn) -> None:
    """A list of one page has no cursor. Raises RpcError."""
    if turn.params.get("cursor") is not None:
        raise RpcError(INVALID_PARAMS, "Invalid params: cursor is not one this server returned.")


def _unknown(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, message, status=200)


def _answer(body: Json, turn: Turn) -> Response:
    """JSON; with notifications, a whole event stream that ends with the answer."""
    if not turn.notifications:
        return Response(status=200, body=body)
    frames = [json.dumps(each, separators=(",", ":")) for each in (*turn.notifications, body)]
    stream = "".join(f"event: message\ndata: {frame}\n\n" for frame in frames)
    return Response(status=200, body=stream, headers={"Content-Type": "text/event-stream"})
