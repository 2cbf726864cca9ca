"""`aiwebhook session …`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

import typer

from aiwebhook.domain.page import DEFAULT_PAGE, MAX_PAGE
from aiwebhook_cli.arguments import confirm, json_object, present
from aiwebhook_cli.live import usage_text
from aiwebhook_cli.long_lists import ListView, PageCursor, RowLimit, print_list
from aiwebhook_cli.printing import (
    Json,
    console,
    print_done,
    print_fields,
    print_json,
    print_rows,
    print_table,
)
from aiwebhook_cli.session_export import EXAMPLE, export_session
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect
from aiwebhook_cli.value_text import size_text

app = typer.Typer(help="Create, inspect and close sessions.", no_args_is_help=True)
SessionId = Annotated[str, typer.Argument(metavar="SESSION_ID", help="The session.")]
_COLUMNS = (
    Column(name="session_id", title="session"),
    Column(name="status"),
    Column(name="last_activity_at", title="last activity", rank=1),
    Column(name="title", sentence=True, least=12),
)
_FOUND = (
    Column(name="session_id", title="session"),
    Column(name="kind"),
    Column(name="excerpt", title="text", sentence=True, least=24),
    Column(name="created_at", title="created", rank=1),
    Column(name="place_id", title="name", rank=2),
)
_PARTS: Mapping[str, Sequence[Column]] = {
    "memories": (
        Column(name="type"),
        Column(name="content", sentence=True, least=56),
        Column(name="created_at", title="created", rank=1),
        Column(name="key", rank=2, sentence=True, least=12),
    ),
    "tasks": (
        Column(name="task_id", title="task"),
        Column(name="status"),
        Column(name="agent_name", title="agent", rank=1),
        Column(name="created_at", title="created", rank=2),
        Column(name="what", sentence=True, rank=3),
    ),
    "artifacts": (
        Column(name="name", sentence=True),
        Column(name="type"),
        Column(name="size", rank=1),
        Column(name="created_at", title="created", rank=2),
        Column(name="task_id", title="task", rank=3),
        Column(name="artifact_id", title="artifact", rank=4),
    ),
}


@app.command(epilog='Example: aiwebhook session create plan --title "Carbon tracking" -p ana -p bo')
def create(
    ctx: typer.Context,
    session_id: Annotated[str | None, typer.Argument(help="An id of your choice.")] = None,
    title: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    participant: Annotated[
        list[str] | None, typer.Option("--participant", "-p", help="Who takes part; repeatable.")
    ] = None,
    context: Annotated[str | None, typer.Option(help="Background for whoever joins.")] = None,
    metadata: Annotated[str | None, typer.Option(help="A JSON object, or @file.")] = None,
) -> None:
    """Open a session."""
    options = cast("Globals", ctx.obj)
    fields = present(
        title=title,
        participants=participant or None,
        context=context,
        metadata=json_object(metadata, "--metadata"),
    )
    with connect(options) as client:
        made = client.create_session(session_id, **fields)
    print_done(options, made, f"Session {made['session_id']} is open.")


@app.command("list", epilog="Example: aiwebhook session list --status active --search carbon")
def list_(
    ctx: typer.Context,
    status: Annotated[str, typer.Option(help="all, active, paused or completed.")] = "all",
    search: Annotated[str | None, typer.Option(help="Words in id, title or context.")] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List sessions, newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        print_list(
            options,
            lambda size, after: client.list_sessions(
                filter=status, search=search, limit=size, cursor=after
            ),
            ListView(rows="sessions", columns=_COLUMNS, nothing="No sessions."),
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook session search copper price")
def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(help="Words that must all occur.")],
    limit: Annotated[
        int, typer.Option(help="How many at most.", min=1, max=MAX_PAGE)
    ] = DEFAULT_PAGE,
) -> None:
    """Search titles, memories, conversation and artifacts' names. Newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/search", {"text": " ".join(words), "limit": limit})
    rows = [{**place, "place_id": place["name"]} for place in found["items"]]
    print_rows(options, found, rows, _FOUND, nothing="Found nowhere.")


@app.command(epilog="Example: aiwebhook session summary plan")
def summary(ctx: typer.Context, session_id: SessionId) -> None:
    """Show how much a session holds."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.session(session_id)
    print_fields(options, found if options.json else _readable(found))


@app.command(epilog="Example: aiwebhook session show plan --json")
def show(ctx: typer.Context, session_id: SessionId) -> None:
    """A session with its newest memories, tasks and artifacts."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found: Json = {
            "session": client.session(session_id),
            "memories": client.memories(session_id, limit=DEFAULT_PAGE)["memories"],
            "tasks": client.tasks(session_id=session_id, limit=DEFAULT_PAGE)["tasks"],
            "artifacts": client.artifacts(session_id, limit=DEFAULT_PAGE)["artifacts"],
        }
    if options.json:
        print_json(options, found)
        return
    print_fields(options, _readable(found["session"]))
    for task in found["tasks"]:
        task["what"] = task.get("say") or task.get("description")
    for artifact in found["artifacts"]:
        artifact["size"] = size_text(artifact.get("size"))
    screen = console()
    for part, columns in _PARTS.items():
        if found[part]:
            screen.print()
            screen.print(part, style="bold")
            print_table(screen, found[part], columns)


@app.command(epilog="Example: aiwebhook session pause plan")
def pause(ctx: typer.Context, session_id: SessionId) -> None:
    """Pause an active session."""
    _change(ctx, session_id, "pause", "is paused")


@app.command(epilog="Example: aiwebhook session resume plan")
def resume(ctx: typer.Context, session_id: SessionId) -> None:
    """Resume a paused or completed session."""
    _change(ctx, session_id, "resume", "goes on")


@app.command(epilog="Example: aiwebhook session complete plan")
def complete(ctx: typer.Context, session_id: SessionId) -> None:
    """Close a session."""
    _change(ctx, session_id, "complete", "is completed")


@app.command(epilog="Example: aiwebhook session delete plan --yes")
def delete(
    ctx: typer.Context,
    session_id: SessionId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a session and everything in it, permanently."""
    options = cast("Globals", ctx.obj)
    confirm(f"Delete session {session_id} with everything in it?", yes=yes)
    with connect(options) as client:
        print_done(options, client.delete_session(session_id), f"Session {session_id} is deleted.")


app.command(name="export", epilog=EXAMPLE)(export_session)


def _change(ctx: typer.Context, session_id: str, action: str, sentence: str) -> None:
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        changed = client.change_session(session_id, action)
    print_done(options, changed, f"Session {session_id} {sentence}.")


def _readable(session: Json) -> Json:
    """Figures that are zero are left out, and what models have used is told as a sentence."""
    fields = dict(session)
    stats: Json = fields.pop("stats", None) or {}
    fields["holds"] = {name: number for name, number in stats.items() if number}
    usage: Json = fields.pop("usage", None) or {}
    fields["usage"] = usage_text(usage) if usage.get("requests") else ""
    return fields
