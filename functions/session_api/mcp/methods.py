"""The methods of both eras, on whatever is offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiwebhook.commands.understanding import object_in
from session_api.mcp.eras import INITIALIZED, SUPPORTED, TASKS
from session_api.mcp.jsonrpc import (
    INVALID_PARAMS,
    MISSING_CAPABILITY,
    RESOURCE_NOT_FOUND,
    Json,
    RpcError,
)
from session_api.mcp.offers import Method, Offers, Tool, Turn

_LISTS: Json = {"ttlMs": 300_000, "cacheScope": "private"}
_CONTENTS: Json = {"ttlMs": 0, "cacheScope": "private"}


class Methods:
    """`modern` and `initialized` are the methods of the eras, by name."""

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
        self.modern: Mapping[str, Method] = {
            **common,
            "server/discover": self._discover,
            "tasks/get": self._get_task,
            "tasks/update": self._update_task,
            "tasks/cancel": self._cancel_task,
        }
        self.initialized: Mapping[str, Method] = {
            **common,
            **offers.older,
            "initialize": self._initialize,
            "ping": lambda _turn: {},
        }

    # ── who we are ──
    def _discover(self, _turn: Turn) -> Json:
        capabilities = self._capabilities()
        capabilities["extensions"] = {TASKS: {}, **self._offers.extensions}
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
        offers = self._offers
        extensions = {"extensions": offers.extensions} if offers.extensions else {}
        return {"tools": {}, "resources": {}, "prompts": {}, **offers.capabilities, **extensions}

    # ── tools ──
    def _list_tools(self, turn: Turn) -> Json:
        _refuse_cursor(turn)
        return {"tools": [tool.describe() for tool in self._offers.tools.values()], **_LISTS}

    def _call_tool(self, turn: Turn) -> Json:
        tool = self.tool(turn)
        if tool is None:
            known = ", ".join(self._offers.tools)
            raise _unknown(f"Unknown tool: {_text(turn, 'name')[:100]}. Known are {known}.")
        return tool.call(turn, arguments_of(turn))

    def tool(self, turn: Turn) -> Tool | None:
        """The tool that the request names."""
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
        arguments = arguments_of(turn)
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


def _text(turn: Turn, name: str) -> str:
    value = turn.params.get(name)
    if not isinstance(value, str):
        raise RpcError(INVALID_PARAMS, f"Invalid params: {name} must be text.")
    return value


def arguments_of(turn: Turn) -> Json:
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
