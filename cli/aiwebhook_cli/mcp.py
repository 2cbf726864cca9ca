"""`aiwebhook mcp …`."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from aiwebhook.errors import Invalid
from aiwebhook_cli.printing import print_hint, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, cli_state_folder, connect, find_target, reader_dsn

if TYPE_CHECKING:
    from aiwebhook.client import Client
    from aiwebhook_cli.channel.follower import Poll

Json = dict[str, Any]
app = typer.Typer(help="MCP servers on this machine.", no_args_is_help=True)
_EXAMPLES = """Example: claude mcp add news -- aiwebhook mcp channel

Example: claude --dangerously-load-development-channels server:news

Example: aiwebhook mcp channel --session carbon_planning --agent researcher

docs/events.md tells what Claude Code shows, and what is kept between starts.
"""
_POLL_S = 20.0
_CHECKED = (
    Column(name="server"),
    Column(name="ok"),
    Column(name="tools"),
    Column(name="found", sentence=True),
    Column(name="wrote", sentence=True, rank=1),
)


@app.command(epilog=_EXAMPLES)
def channel(
    ctx: typer.Context,
    event: Annotated[str, typer.Option(help="The event to follow; docs/events.md lists them.")] = (
        "task.updated"
    ),
    session: Annotated[
        str | None, typer.Option(help="Only events of this session.", metavar="SESSION_ID")
    ] = None,
    agent: Annotated[str | None, typer.Option(help="Only events of this agent's tasks.")] = None,
) -> None:
    """Tell a Claude Code session what agents did. Claude Code starts it as a channel.

    Speaks MCP on standard input and output; everything else goes to standard error.
    """
    from aiwebhook_cli.channel.follower import Follower, Outside  # noqa: PLC0415 --help needs none of it
    from aiwebhook_cli.channel.place import PlaceFile  # noqa: PLC0415 as above
    from aiwebhook_cli.channel.protocol import StdioServer  # noqa: PLC0415 as above

    options = cast("Globals", ctx.obj)
    given = {"session_id": session, "agent": agent}
    arguments = {name: value for name, value in given.items() if value is not None}
    with ExitStack() as stack:
        client = stack.enter_context(connect(options))
        followed = {"name": event, "arguments": arguments}
        file = stack.enter_context(PlaceFile(_place_of(options, client.base_url, followed)))
        if not file.is_ours:
            print_hint("Another channel of this folder keeps its place; this one begins now.")
        server = StdioServer(source=sys.stdin.fileno(), sink=sys.stdout.fileno())
        news: SimpleQueue[str | _End] = SimpleQueue()
        outside = Outside(hint=news.put, pause=threading.Event().wait)

        def follow() -> None:
            server.ready.wait()
            poll = _poll_of(client, followed)
            Follower(poll=poll, push=server.push, file=file, outside=outside).run()

        _until_one_ends((server.read_until_closed, follow), news)


@app.command(epilog="Example: aiwebhook mcp check postgres")
def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Only these; default: all.")] = None,
    file: Annotated[Path, typer.Option(help="The file that declares the servers.")] = Path(
        ".mcp.json"
    ),
) -> None:
    """Check each server of .mcp.json by using one of its tools.

    In ours it creates a session, writes, reads and deletes it; others are only read.
    Exit code 1 when one of them cannot be used.
    """
    from dataclasses import asdict  # noqa: PLC0415 --help needs none of it

    from aiwebhook_cli.mcp_servers.checking import check_server  # noqa: PLC0415 as above
    from aiwebhook_cli.mcp_servers.declared import declared_servers  # noqa: PLC0415 as above

    options = cast("Globals", ctx.obj)
    servers = declared_servers(file, _variables(options))
    unknown = set(names or ()) - {server.name for server in servers}
    if unknown:
        known = ", ".join(server.name for server in servers)
        raise Invalid(f"{file} has no server '{min(unknown)}', but: {known}.", code="usage")
    chosen = [server for server in servers if not names or server.name in names]
    checked = [check_server(server, options.environ) for server in chosen]
    rows: list[Json] = [
        {**asdict(each), "found": each.read if each.ok else each.fault} for each in checked
    ]
    print_rows(options, {"items": rows}, rows, _CHECKED, nothing="No servers are declared.")
    for each in checked:
        if each.remedy:
            print_hint(f"{each.server}: {each.remedy}")
    raise typer.Exit(0 if all(each.ok for each in checked) else 1)


def _variables(options: Globals) -> dict[str, str]:
    """What `${…}` may name: the environment, and what this command line knows by itself."""
    target = find_target(options)
    known = {
        "AIWEBHOOK_URL": target.url,
        "AIWEBHOOK_API_KEY": target.key,
        "AIWEBHOOK_READER_DSN": reader_dsn(options),
    }
    return {name: value for name, value in known.items() if value} | dict(options.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Of a job; `error` is None where it has returned."""

    error: Exception | None = None


def _until_one_ends(jobs: Sequence[Callable[[], None]], news: SimpleQueue[str | _End]) -> None:
    """Run the jobs at the same time until the first ends. Raises what it raises.

    The others are left where they are while the process ends. So none may touch a stream of
    Python's, whose locks end a process with an abort: what they want to say is said here.
    """

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 raised again where it ends the process
            news.put(_End(error=error))
        else:
            news.put(_End())

    for job in jobs:
        threading.Thread(target=run, args=(job,), daemon=True).start()
    while isinstance(item := news.get(), str):
        print_hint(item)
    if item.error is not None:
        raise item.error


def _poll_of(client: Client, followed: Json) -> Poll:
    """Asks for events behind a cursor; the server holds the request until there is one."""
    from aiwebhook.client.problems import holding  # noqa: PLC0415 as above
    from aiwebhook.client.transport import ClientCall  # noqa: PLC0415 as in target.connect

    def poll(cursor: str | None) -> Json:
        params = {**followed, "cursor": cursor, "timeoutMs": int(_POLL_S * 1000)}
        body = {"jsonrpc": "2.0", "id": 1, "method": "events/poll", "params": params}
        answer = client.send(ClientCall(method="POST", path="/mcp", body=body, wait_s=_POLL_S)).body
        if (error := answer.get("error")) is not None:
            raise Invalid(str(cast("Json", error).get("message")))
        result = holding(answer, "result")["result"]
        return holding(result, "events", "cursor", "truncated", "hasMore", "nextPollMs")

    return poll


def _place_of(options: Globals, url: str, followed: Json) -> Path:
    """The file for what is followed from this folder. A new key goes on where the old one was."""
    named = json.dumps([url, str(options.folder), followed], sort_keys=True)
    name = hashlib.sha256(named.encode()).hexdigest()[:16]
    return cli_state_folder(options) / "channels" / f"{name}.json"
