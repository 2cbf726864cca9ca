"""Codex's newer mode: everything is done by one custom tool, `exec`, whose input is JavaScript
that calls `tools.*`.
"""

import json

from aiwebhook_local.scripted.conversation import ModelRequest, ScriptedToolCall
from aiwebhook_local.scripted.steps import CallTool, Mcp, Say, Shell, Step, Write
from aiwebhook_local.scripted.tool_choice import patch

EXEC = "exec"


def is_code_mode(request: ModelRequest) -> bool:
    """Whether the CLI offers `exec` as a tool that takes free text."""
    return any(tool.custom and tool.name == EXEC for tool in request.tools)


def choose_script(step: Step) -> ScriptedToolCall | None:
    """The call of `exec` for this step; None for a step that calls no tool."""
    match step:
        case Write():
            script = f"text(await tools.apply_patch({_js(patch(step))}))"
        case Shell(command=command):
            options = _js({"cmd": command, "yield_time_ms": 30_000})
            script = f"const r = await tools.exec_command({options}); text(r.output)"
        case Mcp(server=server, tool=tool, arguments=arguments):
            name = _js(f"mcp__{server}__{tool}")
            script = f"text(await tools[{name}]({_js(arguments)}))"
        case CallTool(name=name, arguments=arguments):
            script = f"text(await tools[{_js(name)}]({_js(arguments)}))"
        case Say():
            return None
    return ScriptedToolCall(name=EXEC, arguments=script)


def _js(value: object) -> str:
    return json.dumps(value)
