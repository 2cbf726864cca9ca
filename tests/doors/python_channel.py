# reason: the SDK is installed in .venv-doors only, where the type checker does not look
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportUntypedBaseClass=false, reportGeneralTypeIssues=false
"""The official Python SDK as a client of a channel: `python_channel.py MODE COMMAND…`.

Starts the command, begins as the SDK does in that mode, and prints the introduction and then each
event that it is sent, as a line of JSON, until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from mcp import Client
from mcp.client import ClientExtension, NotificationBinding
from mcp.client.stdio import StdioServerParameters
from pydantic import BaseModel


class Pushed(BaseModel):
    """The parameters of notifications/claude/channel."""

    content: str
    meta: dict[str, str]


class Channel(ClientExtension):
    """Takes what the channel pushes."""

    identifier = "local.test/channel"

    def notifications(self) -> list[NotificationBinding[Pushed]]:
        method = "notifications/claude/channel"
        return [NotificationBinding(method=method, params_type=Pushed, handler=_print_pushed)]


async def _print_pushed(pushed: Pushed) -> None:
    _print(pushed.model_dump())


def _print(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


async def main(mode: str, command: str, *arguments: str) -> None:
    """One session."""
    environment = dict(os.environ)  # noqa: TID251  reason: the SDK hands on little of it
    server = StdioServerParameters(command=command, args=[*arguments], env=environment)
    async with Client(server, mode=mode, extensions=[Channel()]) as client:
        experimental = client.server_capabilities.experimental
        _print({"version": client.protocol_version, "experimental": experimental})
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
