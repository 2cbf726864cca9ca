"""What a declared server can do: its tools, one real read, and for ours a write as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiwebhook.client.wire import ClientRequest, Wire, WireError
from aiwebhook.ids import new_id
from aiwebhook_cli.mcp_servers.declared import DeclaredServer
from aiwebhook_cli.mcp_servers.speaking import McpConversation, McpFault, begun

Json = dict[str, Any]
ToolCaller = Callable[[str, Json], Json]
"""The result of a tool, by its name and arguments. Raises McpFault."""
_MAY_WRITE = """
SELECT current_user AS who,
    (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND has_table_privilege(oid, 'SELECT')) AS readable,
    (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
    + (SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper) AS writable
"""
_SECRETS: Mapping[str, str] = {
    "AIWEBHOOK_READER_DSN": "start 'aiwebhook local up', whose role can only read, or name one",
    "AIWEBHOOK_API_KEY": "start 'aiwebhook local up', or 'aiwebhook config set'",
}
_LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedServer:
    """What was found. `read` and `wrote` say what was done; `remedy` what to do about a fault."""

    server: str
    ok: bool
    tools: int | None = None
    read: str = ""
    wrote: str = ""
    fault: str = ""
    remedy: str = ""


def check_server(server: DeclaredServer, environ: Mapping[str, str]) -> CheckedServer:
    """Start or reach it, list its tools, and use one. Raises nothing."""
    if server.missing:
        name = server.missing[0]
        remedy = _SECRETS.get(name, f"export {name}; let it be one that can only read")
        return CheckedServer(
            server=server.name, ok=False, fault=f"{name} has no value", remedy=remedy
        )
    tools: int | None = None
    try:
        conversation = begun(server, environ)
        try:
            names = _tool_names(conversation)
            tools = len(names)
            return _used(server, names, lambda name, given: _called(conversation, name, given))
        finally:
            conversation.close()
    except McpFault as fault:
        return CheckedServer(
            server=server.name,
            ok=False,
            tools=tools,
            fault=str(fault)[:_LONGEST],
            remedy=_remedy(server, fault),
        )


def _tool_names(conversation: McpConversation) -> set[str]:
    names: set[str] = set()
    cursor: str | None = None
    while True:
        page = conversation.ask("tools/list", {} if cursor is None else {"cursor": cursor})
        names |= {str(tool["name"]) for tool in cast("list[Json]", page.get("tools", []))}
        cursor = page.get("nextCursor")
        if not cursor:
            return names


def _used(server: DeclaredServer, names: set[str], ask: ToolCaller) -> CheckedServer:
    """By what it offers: each of the four kinds has a tool that no other has."""
    read, wrote = "", ""
    if "save_memory" in names:
        read, wrote = _ours(server, ask)
    elif "execute_sql" in names:
        read = _postgres(ask)
    elif "list_allowed_directories" in names:
        read = _files(ask)
    elif "get_me" in names:
        read = f"signed in as {_login(ask('get_me', {}))}"
    else:
        read = "nothing: no read of it is known"
    return CheckedServer(
        server=server.name, ok=True, tools=len(names), read=read, wrote=wrote or "–"
    )


def _ours(server: DeclaredServer, ask: ToolCaller) -> tuple[str, str]:
    # A title of its own: the same call again would be answered with the session of the last check.
    started = _content(ask("start_session", {"title": f"MCP check {new_id('check')}"}))
    session_id = _text_of(started, "session_id")
    try:
        ask("save_memory", {"session": session_id, "content": "written", "type": "note"})
        found = ask("search_memories", {"session": session_id, "query": "written"})
        if "written" not in json.dumps(found):
            raise McpFault("a memory that was just written is not found")
    finally:
        _delete_session(server, session_id)
    return "that memory again", "a session with a memory, deleted again"


def _postgres(ask: ToolCaller) -> str:
    text = _text(ask("execute_sql", {"sql": _MAY_WRITE}))
    row = _row(text)
    if row is None:
        raise McpFault(f"its read answered: {text}")
    if int(row["writable"]):
        raise McpFault(f"its role '{row['who']}' may write")
    return f"{row['readable']} tables, as '{row['who']}', which can only read"


def _files(ask: ToolCaller) -> str:
    folders = _text(ask("list_allowed_directories", {})).splitlines()
    folder = next((line for line in folders if line.startswith("/")), None)
    if folder is None:
        raise McpFault("it may read no folder")
    entries = _text(ask("list_directory", {"path": folder})).splitlines()
    return f"{len(entries)} entries of {folder}"


def _called(conversation: McpConversation, name: str, given: Json) -> Json:
    result = conversation.ask("tools/call", {"name": name, "arguments": given})
    if result.get("isError"):
        raise McpFault(f"{name}: {_text(result)}")
    return result


def _delete_session(server: DeclaredServer, session_id: str) -> None:
    """Over the API: no tool deletes a session."""
    wire = Wire((server.url or "").removesuffix("/mcp"))
    request = ClientRequest(
        method="DELETE", target=f"/v1/sessions/{session_id}", headers=server.headers
    )
    try:
        status = wire.exchange(request).status
    except WireError as exc:
        raise McpFault(f"session '{session_id}' could not be deleted ({exc})") from exc
    finally:
        wire.close()
    if status not in (200, 204):
        raise McpFault(f"session '{session_id}' could not be deleted (HTTP {status})")


def _remedy(server: DeclaredServer, fault: McpFault) -> str:
    if fault.refused:
        return "name credentials that it takes, in the variables of its 'headers'"
    if "may write" in str(fault):
        return "give it a role that can only read: docs/mcp.md"
    if server.url:
        return f"is {server.url} right, and does it run?"
    return f"run it yourself: {' '.join(server.words)}"


def _content(result: Json) -> Json:
    found = result.get("structuredContent")
    return cast("Json", found) if isinstance(found, dict) else {}


def _text(result: Json) -> str:
    parts = cast("list[Json]", result.get("content") or [])
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text")


def _text_of(found: object, name: str) -> str:
    """The value under this name, however deep. Raises McpFault."""
    holder = _holding(found, name)
    if holder is None:
        raise McpFault(f"its response has no {name}")
    return str(holder[name])


def _holding(found: object, name: str) -> Json | None:
    """The object that has a field of this name, however deep."""
    pending: list[Any] = [found]
    while pending:
        each = pending.pop(0)
        if isinstance(each, dict):
            if name in each:
                return cast("Json", each)
            pending += cast("Json", each).values()
        elif isinstance(each, list):
            pending += cast("list[Any]", each)
    return None


def _login(result: Json) -> str:
    try:
        return _text_of(json.loads(_text(result)), "login")
    except ValueError as exc:
        raise McpFault("get_me does not answer JSON") from exc


def _row(text: str) -> Json | None:
    """The row with `writable` in what the Postgres server answered."""
    try:
        return _holding(json.loads(text), "writable")
    except ValueError:
        return None
