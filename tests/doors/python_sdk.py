# reason: the SDK is installed in .venv-doors only, where the type checker does not look
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
"""The official Python SDK as a client of /mcp: `python_sdk.py URL KEY MODE STEP`.

MODE is `legacy`, `auto` or a version. STEP `open` starts a session, saves a memory and delegates;
`close` reads the update, the result and the artifact. Prints one JSON object; in `calls` is what a
model sees: the tool, its arguments, and the text of the answer.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, key: str, mode: str, step: str) -> None:
    """One conversation."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        told = {"version": client.protocol_version, "instructions": bool(client.instructions)}
        tools = await client.list_tools()
        told["tools"] = [tool.name for tool in tools.tools]
        told["calls"] = []

        async def call(name: str, **arguments: object) -> dict[str, object]:
            result = await client.call_tool(name, arguments)
            assert not result.is_error, result
            text = "\n".join(part.text for part in result.content)
            told["calls"].append({"tool": name, "arguments": arguments, "text": text})
            return result.structured_content

        if step == "open":
            told["session"] = await call("start_session", title=f"Copper {mode}")
            told["memory"] = await call(
                "save_memory", session="latest", content="We take copper", type="decision"
            )
            told["task"] = await call("delegate_task", agent="researcher", instructions="Look")
        else:
            told["updates"] = await call("get_updates", session="latest")
            told["task"] = await call("get_task", task="latest", artifact="plan.md")
            resources = await client.list_resources()
            told["resource"] = str(resources.resources[0].uri)
            read = await client.read_resource(told["resource"])
            told["transcript"] = len(read.contents)
            prompt = await client.get_prompt("plan", {"topic": "copper"})
            told["prompt"] = len(prompt.messages)
        sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
