"""The methods of both eras, on a server definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiwebhook.commands.understanding import object_in
from session_api.mcp.definition import Method, RequestContext, ServerDefinition, Tool
from session_api.mcp.eras import INITIALIZED, SUPPORTED, TASKS
from session_api.mcp.jsonrpc import (
    INVALID_PARAMS,
    MISSING_CAPABILITY,
    RESOURCE_NOT_FOUND,
    Json,
    RpcError,
)

_LISTS: Json = {"ttlMs": 300_000, "cacheScope": "private"}
_CONTENTS: Json = {"ttlMs": 0, "cacheScope": "private"}


class Methods:
    """`modern` and `initialized`: the methods of each era, by name."""

    def __init__(self, definition: ServerDefinition) -> None:
        self._definition = definition
        common: dict[str, Method] = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "resources/list": self._list_resources,
            "resources/templates/list": self._list_templates,
            "resources/read": self._read_resource,
            "prompts/list": self._list_prompts,
            "prompts/get": self._get_prompt,
            **definition.more,
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
            **definition.older,
            "initialize": self._initialize,
            "ping": lambda _context: {},
        }

    # ── who we are ──
    def _discover(self, _context: RequestContext) -> Json:
        capabilities = self._capabilities()
        capabilities["extensions"] = {TASKS: {}, **self._definition.extensions}
        return {
            "supportedVersions": list(SUPPORTED),
            "capabilities": capabilities,
            "instructions": self._definition.instructions,
            **_LISTS,
        }

    def _initialize(self, context: RequestContext) -> Json:
        asked = _text(context, "protocolVersion")
        definition = self._definition
        return {
            "protocolVersion": asked if asked in INITIALIZED else INITIALIZED[0],
            "capabilities": self._capabilities(),
            "serverInfo": {
                "name": definition.name,
                "title": definition.title,
                "version": definition.version,
            },
            "instructions": definition.instructions,
        }

    def _capabilities(self) -> Json:
        definition = self._definition
        extensions = {"extensions": definition.extensions} if definition.extensions else {}
        return {
            "tools": {},
            "resources": {},
            "prompts": {},
            **definition.capabilities,
            **extensions,
        }

    # ── tools ──
    def _list_tools(self, context: RequestContext) -> Json:
        _refuse_cursor(context)
        return {"tools": [tool.describe() for tool in self._definition.tools.values()], **_LISTS}

    def _call_tool(self, context: RequestContext) -> Json:
        tool = self.tool(context)
        if tool is None:
            known = ", ".join(self._definition.tools)
            raise _unknown(f"Unknown tool: {_text(context, 'name')[:100]}. Known are {known}.")
        return tool.call(context, tool_arguments(context))

    def tool(self, context: RequestContext) -> Tool | None:
        """The tool that the request names."""
        return self._definition.tools.get(_text(context, "name"))

    # ── resources ──
    def _list_resources(self, context: RequestContext) -> Json:
        return {**self._definition.resources.listed(context), **_LISTS}

    def _list_templates(self, context: RequestContext) -> Json:
        _refuse_cursor(context)
        return {"resourceTemplates": list(self._definition.resources.templates()), **_LISTS}

    def _read_resource(self, context: RequestContext) -> Json:
        uri = _text(context, "uri")
        contents = self._definition.resources.read(context, uri)
        if contents is None:
            code = INVALID_PARAMS if context.client.modern else RESOURCE_NOT_FOUND
            raise RpcError(code, "Resource not found", data={"uri": uri[:2_000]}, status=200)
        return {"contents": list(contents), **_CONTENTS}

    # ── prompts ──
    def _list_prompts(self, context: RequestContext) -> Json:
        _refuse_cursor(context)
        return {
            "prompts": [prompt.listed for prompt in self._definition.prompts.values()],
            **_LISTS,
        }

    def _get_prompt(self, context: RequestContext) -> Json:
        name = _text(context, "name")
        prompt = self._definition.prompts.get(name)
        if prompt is None:
            raise _unknown(f"Unknown prompt: {name[:100]}.")
        arguments = tool_arguments(context)
        wanted: list[Json] = prompt.listed.get("arguments", [])
        missing = [a["name"] for a in wanted if a.get("required") and a["name"] not in arguments]
        if missing or not all(isinstance(value, str) for value in arguments.values()):
            why = f"missing: {', '.join(missing)}" if missing else "each must be text"
            raise RpcError(INVALID_PARAMS, f"Invalid params: arguments of {name}, {why}.")
        return prompt.get(context, arguments)

    # ── tasks ──
    def _get_task(self, context: RequestContext) -> Json:
        return self._definition.tasks.get(context, _task_id(context))

    def _update_task(self, context: RequestContext) -> Json:
        task_id = _task_id(context)
        responses = context.params.get("inputResponses")
        if not isinstance(responses, dict):
            raise RpcError(INVALID_PARAMS, "Invalid params: inputResponses must be an object.")
        self._definition.tasks.update(context, task_id, cast("Json", responses))
        return {}

    def _cancel_task(self, context: RequestContext) -> Json:
        self._definition.tasks.cancel(context, _task_id(context))
        return {}


def require_tasks(context: RequestContext) -> None:
    """Raises RpcError unless the client declares the Tasks extension."""
    if TASKS not in context.client.extensions:
        raise RpcError(
            MISSING_CAPABILITY,
            "Missing required client capability.",
            data={"requiredCapabilities": {"extensions": {TASKS: {}}}},
        )


def _task_id(context: RequestContext) -> str:
    require_tasks(context)
    return _text(context, "taskId")


def _text(context: RequestContext, name: str) -> str:
    value = context.params.get(name)
    if not isinstance(value, str):
        raise RpcError(INVALID_PARAMS, f"Invalid params: {name} must be text.")
    return value


def tool_arguments(context: RequestContext) -> Json:
    """The arguments: an object, JSON text that holds one, or null. Raises RpcError."""
    value: Any = context.params.get("arguments")
    if value is None:
        return {}
    found = object_in(value)
    if found is not None:
        return found
    if not isinstance(value, dict):
        raise RpcError(INVALID_PARAMS, "Invalid params: arguments must be an object.")
    return cast("Json", value)


def _refuse_cursor(context: RequestContext) -> None:
    """Refuse any cursor: the list has one page. Raises RpcError."""
    if context.params.get("cursor") is not None:
        raise RpcError(INVALID_PARAMS, "Invalid params: cursor is not one this server returned.")


def _unknown(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, message, status=200)
