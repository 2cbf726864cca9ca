# reason: the package is installed in .venv-doors only, where the type checker does not look
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportUnknownLambdaType=false
"""The PyPI package mcp-webhook-events as a server:
`anchor_server.py STORE GUARDED PASSED_S PATIENCE_S`.

Prints the port it listens on, then obeys lines of JSON: `{"publish": marker}`, `{"deliver": n}`
(n senders at once), `{"pass": seconds}`; each is answered by a line. GUARDED `yes`: it calls public
addresses only, as it does in production; PASSED_S: so much later than it is; PATIENCE_S: how long
it waits for a receiver.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp_webhook_events import EventDefinition, McpEvents, SafeHttp

KIND = "task.updated"
ANYTHING: dict[str, Any] = {"type": "object"}


def main(store: str, guarded: str, passed_s: str, patience_s: str) -> None:
    """Until its input ends."""
    later = [float(passed_s)]
    server = MCPServer("Anchor")
    events = McpEvents(
        server,
        store=store,
        definitions=[
            EventDefinition(
                name=KIND,
                description="A task was updated.",
                input_schema={
                    "type": "object",
                    "properties": {"task_id": {"type": "string"}},
                    "additionalProperties": False,
                },
                payload_schema=ANYTHING,
            )
        ],
        http=SafeHttp(allow_insecure_for_tests=guarded != "yes", timeout=float(patience_s)),
        clock=lambda: time.time() + later[0],
    )
    events.install(recent_events_tool=True)
    app = server.streamable_http_app(stateless_http=True, json_response=True)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="on")
    running = uvicorn.Server(config)
    threading.Thread(target=running.run, args=([listener],), daemon=True).start()
    _tell(listener.getsockname()[1])
    for line in sys.stdin:
        wish = json.loads(line)
        if "publish" in wish:
            _tell(events.publish(KIND, {"say": wish["publish"], "task_id": wish["publish"]}))
        elif "deliver" in wish:
            with ThreadPoolExecutor(wish["deliver"]) as pool:
                _tell(list(pool.map(lambda _: events.deliver_pending(), range(wish["deliver"]))))
        else:
            later[0] += wish["pass"]
            _tell(later[0])


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
