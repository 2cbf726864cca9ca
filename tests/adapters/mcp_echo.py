"""A stdio MCP server with one tool, `echo`; a program of its own, standard library only."""

import json
import sys
from typing import Any

ECHO = {
    "name": "echo",
    "description": "Says it again.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a request; an empty one for what we do not know."""
    match method:
        case "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "lab", "version": "1"},
            }
        case "tools/list":
            return {"tools": [ECHO]}
        case "tools/call":
            text = f"echo: {params.get('arguments', {}).get('text', '')}"
            return {"content": [{"type": "text", "text": text}]}
        case _:
            return {}


def main() -> None:
    """Until the client closes the pipe."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            result = answer(request["method"], request.get("params") or {})
            reply = {"jsonrpc": "2.0", "id": request["id"], "result": result}
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
