"""Codex's newer mode: the one tool that does anything is a custom tool `exec`, whose input is
JavaScript over `tools.*`."""

import json

from aiwebhook_local.scripted.conversation import ModelRequest, ScriptedToolCall
from aiwebhook_local.scripted.steps import CallTool, Mcp, Say, Shell, Step, Write
from aiwebhook_local.scripted.tool_choice import patch

EXEC = "exec"


def is_code_mode(asked: ModelRequest) -> bool:
    """True when the CLI offers `exec` as a tool of free text."""
    return any(tool.custom and tool.name == EXEC for tool in asked.tools)


def choose_script(step: Step) -> ScriptedToolCall | None:
    """The JavaScript for this step."""
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
