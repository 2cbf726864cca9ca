"""Our server. Its tools and their arguments are declared in aiwebhook/commands/mcp_tools.py."""

from __future__ import annotations

from functools import cache, partial

from aiwebhook.commands.catalogue import CATALOGUE
from aiwebhook.commands.mcp_tools import MCP_TOOLS
from session_api.mcp.arguments import Json, input_schema
from session_api.mcp.calling import call_tool
from session_api.mcp.definition import ServerDefinition, Tool
from session_api.mcp.events.methods import CAPABILITIES, EVENT_METHODS, EXTENSIONS
from session_api.mcp.outputs import output_schema
from session_api.mcp.prompts import prompts
from session_api.mcp.resources import OurResources
from session_api.mcp.server import Server
from session_api.mcp.tasks import OurTasks

INSTRUCTIONS = (
    "AI Webhook keeps sessions (what was said, decided and made) and hands work to agents that do"
    " it in the background. Start with get_updates, then continue_session or start_session."
    " Delegate with delegate_task and go on talking: results come as `updates` of any later call."
    " Speak `say` to the user; when `next` asks for it, send `ack`. Save decisions with"
    " save_memory as they are made. Sessions and tasks may be named by title or `latest`.\n"
    "Never wait in a loop: one wait_seconds of at most 20, then go on. A refusal says what to send"
    " instead. Names that match two things are refused: ask the user which one is meant."
)


@cache
def server() -> Server:
    """The server of this process."""
    return Server(
        ServerDefinition(
            name="aiwebhook",
            title="AI Webhook",
            version="1",
            instructions=INSTRUCTIONS,
            tools={spec.name: _tool(command) for command, spec in MCP_TOOLS.items()},
            prompts=prompts(),
            resources=OurResources(),
            tasks=OurTasks(),
            more=EVENT_METHODS,
            capabilities=CAPABILITIES,
            extensions=EXTENSIONS,
        )
    )


def _tool(command: str) -> Tool:
    return Tool(describe=partial(_described, command), call=partial(call_tool, command))


@cache
def _described(command: str) -> Json:
    spec, tool = CATALOGUE[command], MCP_TOOLS[command]
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": input_schema(spec),
        "outputSchema": output_schema(command),
        "annotations": {
            "title": tool.title,
            "readOnlyHint": not spec.writes,
            "destructiveHint": tool.destructive,
            "idempotentHint": tool.idempotent,
            "openWorldHint": tool.open_world,
        },
    }
