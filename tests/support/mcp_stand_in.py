"""Stand-ins for MCP servers of others: a program, and GitHub's, which needs the internet.

Run as a program with its kind: `python -m tests.support.mcp_stand_in postgres`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ROW = {"who": "reader", "readable": "13", "writable": "0"}
TOOLS = {
    "postgres": ["execute_sql", "search_objects"],
    "writable": ["execute_sql"],
    "files": ["list_allowed_directories", "list_directory"],
    "github": ["get_me", "list_issues"],
    "other": ["sing"],
}


def answer_of(kind: str, message: Json) -> Json | None:
    """What a server of this kind answers; None: it was told something."""
    if "id" not in message:
        return None
    method, params = message["method"], message.get("params", {})
    result: Json = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {}}
    if method == "tools/list":
        names, page = TOOLS[kind], int(params.get("cursor", 0))
        result = {"tools": [{"name": names[page]}]}
        if page + 1 < len(names):
            result["nextCursor"] = str(page + 1)
    elif method == "tools/call":
        result = {"content": [{"type": "text", "text": _text(kind, params)}]}
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _text(kind: str, params: Json) -> str:
    if kind == "github":
        return json.dumps({"login": "octocat", "id": 583231})
    if kind == "files":
        listed = params["name"] == "list_directory"
        return "[FILE] a\n[FILE] b" if listed else f"Allowed directories:\n{Path.cwd()}"
    writable = "3" if kind == "writable" else "0"
    return json.dumps({"data": {"statements": [{"rows": [{**ROW, "writable": writable}]}]}})


def program(kind: str) -> None:
    """Serves standard input until it ends. `silent`, `ends` and `lives_on` are ill."""
    if kind == "ends":
        sys.exit("no database is there")
    if kind == "lives_on":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(sys.argv[2]).write_text(str(child.pid))
        kind = "other"
    sys.stdout.write("Starting up: this is no JSON.\n")
    for line in sys.stdin:
        answer = answer_of(kind, json.loads(line)) if kind != "silent" else None
        if answer is not None:
            told: Json = {"jsonrpc": "2.0", "method": "notifications/message"}
            sys.stdout.write(f"{json.dumps(told)}\n{json.dumps(answer)}\n")
            sys.stdout.flush()


@dataclass(slots=True, kw_only=True)
class GithubStandIn:
    """Not GitHub: its MCP server as far as it is documented, on loopback."""

    url: str = ""
    token: str = "ghp_right"
    as_events: bool = True
    sessions: list[str | None] = field(default_factory=list[str | None])


@contextmanager
def github_stand_in() -> Generator[GithubStandIn]:
    """Serves until the end of the block."""
    stand_in = GithubStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.sessions.append(self.headers["Mcp-Session-Id"])
            answer = answer_of("github", message)
            right = self.headers["Authorization"] == f"Bearer {stand_in.token}"
            self.send_response(401 if not right else 200 if answer else 202)
            content = b""
            if answer and stand_in.as_events:
                content = b"event: message\ndata: " + json.dumps(answer).encode() + b"\n\n"
                self.send_header("Content-Type", "text/event-stream")
            elif answer:
                content = json.dumps(answer).encode()
                self.send_header("Content-Type", "application/json")
            self.send_header("Mcp-Session-Id", "session-1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's name
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/mcp/"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    program(sys.argv[1])
