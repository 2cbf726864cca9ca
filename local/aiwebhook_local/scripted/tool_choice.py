"""From a step to the tool that this CLI has for it: Claude Code, Gemini CLI, opencode and Codex in
its older mode of function tools (its newer one is in `code_mode`)."""

import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath

from aiwebhook_gateway.jsons import JsonObject, as_list, as_text
from aiwebhook_local.scripted.conversation import ModelRequest, OfferedTool, ScriptedToolCall
from aiwebhook_local.scripted.steps import CallTool, Mcp, Say, Shell, Step, Write

_LONG_MS = 600_000
"""The longest timeout that Claude's Bash accepts; its default is two minutes."""


def choose_tool(step: Step, request: ModelRequest) -> ScriptedToolCall | None:
    """The call, or None when this CLI offers no tool for it (or the step is no call)."""
    match step:
        case Write():
            return _write(step, request)
        case Shell(command=command):
            return _shell(command, request.tools)
        case Mcp():
            return _mcp(step, request.tools)
        case CallTool(name=name, arguments=arguments):
            return ScriptedToolCall(name=name, arguments=arguments)
        case Say():
            return None


def patch(step: Write) -> str:
    """The step in the format of `apply_patch`, whose paths are relative."""
    lines = "".join(f"+{line}\n" for line in step.content.splitlines())
    return f"*** Begin Patch\n*** Add File: {step.path}\n{lines}*** End Patch"


def _write(step: Write, request: ModelRequest) -> ScriptedToolCall | None:
    path = str(PurePosixPath(request.directory or "") / step.path)
    for tool in request.tools:
        arguments: JsonObject | str
        match tool.name:
            case "Write" | "write_file":
                arguments = {"file_path": path, "content": step.content}
            case "write":
                arguments = {"filePath": path, "content": step.content}
            case "apply_patch":
                required = as_list(tool.parameters.get("required"))
                field = as_text(required[0]) if required else "input"
                arguments = patch(step) if tool.custom else {field: patch(step)}
            case _:
                continue
        return ScriptedToolCall(name=tool.name, arguments=arguments, namespace=tool.namespace)
    command = f"printf %s {shlex.quote(step.content)} > {shlex.quote(step.path)}"
    return _shell(command, request.tools)


def _shell(command: str, tools: Sequence[OfferedTool]) -> ScriptedToolCall | None:
    for tool in tools:
        arguments: JsonObject
        match tool.name:
            case "Bash" | "bash":
                arguments = {"command": command, "description": "A step", "timeout": _LONG_MS}
            case "run_shell_command":
                arguments = {"command": command, "description": "A step"}
            case "exec_command":
                arguments = {"cmd": command, "yield_time_ms": 30_000}
            case "shell_command":
                arguments = {"command": command}
            case "shell" | "local_shell":
                arguments = {"command": ["bash", "-lc", command]}
            case _:
                continue
        return ScriptedToolCall(name=tool.name, arguments=arguments, namespace=tool.namespace)
    return None


def _mcp(step: Mcp, tools: Sequence[OfferedTool]) -> ScriptedToolCall | None:
    """The tool under this CLI's name for it: mcp__lab__echo for Claude, mcp_lab_echo for Gemini,
    lab_echo for opencode, echo in namespace mcp__lab for Codex. Claude and Codex may offer a search
    instead of listing the tool, which can still be called.
    """
    home = f"mcp__{step.server}"
    for tool in tools:
        if tool.name == "ToolSearch":
            return ScriptedToolCall(name=f"{home}__{step.tool}", arguments=step.arguments)
        if tool.name == "tool_search":
            return ScriptedToolCall(name=step.tool, arguments=step.arguments, namespace=home)
        if step.server in f"{tool.namespace}__{tool.name}" and tool.name.endswith(step.tool):
            return ScriptedToolCall(
                name=tool.name, arguments=step.arguments, namespace=tool.namespace
            )
    return None
