"""`aiwebhook memory …`."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from aiwebhook.domain.page import DEFAULT_PAGE
from aiwebhook_cli.arguments import confirm, json_object, present, text_or_stdin
from aiwebhook_cli.long_lists import ListView, PageCursor, RowLimit, print_list
from aiwebhook_cli.printing import print_done, print_fields
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(help="What a session remembers: find, read, store, forget.", no_args_is_help=True)
SessionId = Annotated[str, typer.Argument(metavar="SESSION_ID", help="The session.")]
KeyOfMemory = Annotated[str, typer.Argument(metavar="KEY", help="Its key, as in 'memory list'.")]
_TYPES = "idea, decision, question, action_item, fact, note, context, preference or risk"
_MEMORIES = ListView(
    rows="memories",
    columns=(
        Column(name="type"),
        Column(name="content", sentence=True, least=40),
        Column(name="key", sentence=True, least=12, rank=2),
        Column(name="created_at", title="created", rank=1),
        Column(name="tags", sentence=True, least=8, rank=3),
        Column(name="version", rank=4),
    ),
    nothing="No memories.",
)


@app.command("list", epilog="Example: aiwebhook memory list plan --type decision --text copper")
def list_(
    ctx: typer.Context,
    session_id: SessionId,
    type_: Annotated[str | None, typer.Option("--type", help=f"{_TYPES}.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only with this tag; repeatable.")] = None,
    text: Annotated[str | None, typer.Option(help="Words that must all occur.")] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """List memories, newest first."""
    options = cast("Globals", ctx.obj)
    wanted = present(type=type_, tags=",".join(tag) if tag else None, text=text)
    with connect(options) as client:
        print_list(
            options,
            lambda size, after: client.memories(session_id, **wanted, limit=size, cursor=after),
            _MEMORIES,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook memory show plan metal")
def show(ctx: typer.Context, session_id: SessionId, key: KeyOfMemory) -> None:
    """Show one memory, whole."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.memory(session_id, key)
    print_fields(options, found)


@app.command(epilog='Example: aiwebhook memory store plan decision "Copper it is." --name metal')
def store(
    ctx: typer.Context,
    session_id: SessionId,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help=f"{_TYPES}.")],
    content: Annotated[
        str | None, typer.Argument(help="The text; - is standard input, @file a file.")
    ] = None,
    fields: Annotated[
        str | None, typer.Option(help="Instead of CONTENT: a JSON object, @file, or -.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="KEY", help="A name to find it by; reusing it makes a new version."
        ),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A word to find it by; repeatable.")] = None,
) -> None:
    """Remember something."""
    if (content is None) == (fields is None):
        raise typer.BadParameter("give either CONTENT or --fields.")
    options = cast("Globals", ctx.obj)
    body = present(
        type=type_,
        content=text_or_stdin(content, "CONTENT") or json_object(fields, "--fields"),
        key=key,
        tags=tag or None,
    )
    with connect(options) as client:
        stored = client.store_memory(session_id, **body)
    print_done(options, stored, f"Stored as {stored['key']}, version {stored['version']}.")


@app.command(epilog="Example: aiwebhook memory delete plan metal --yes")
def delete(
    ctx: typer.Context,
    session_id: SessionId,
    key: KeyOfMemory,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a memory with all its versions, permanently."""
    options = cast("Globals", ctx.obj)
    confirm(f"Forget {key} with all its versions?", yes=yes)
    with connect(options) as client:
        gone = client.forget_memory(session_id, key)
    print_done(options, gone, f"{key} is forgotten.")
