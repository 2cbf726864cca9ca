"""`aiwebhook projects …`, `aiwebhook audit` and `aiwebhook usage`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook.domain.page import DEFAULT_PAGE, MAX_PAGE
from aiwebhook_cli.arguments import moment_of
from aiwebhook_cli.long_lists import ListView, PageCursor, RowLimit, pages_of, print_list
from aiwebhook_cli.printing import Json, console, print_done, print_json, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(
    help="Projects of the deployment. Needs an admin key of the project 'default'.",
    no_args_is_help=True,
)
_PROJECTS = ListView(
    rows="items",
    columns=(
        Column(name="project_id", title="project"),
        Column(name="name", sentence=True, least=12),
        Column(name="created_at", title="created", rank=1),
    ),
    nothing="No projects.",
)
_AUDIT = ListView(
    rows="items",
    columns=(
        Column(name="created_at", title="time"),
        Column(name="action"),
        Column(name="subject_id", title="subject"),
        Column(name="actor_id", title="by", rank=1),
        Column(name="data", title="details", sentence=True, least=12, rank=2),
    ),
    nothing="No entries.",
    row=lambda entry: {**entry, "actor_id": entry["actor"], "subject_id": entry["subject"]},
)
_USED = (
    Column(name="name"),
    Column(name="cost"),
    Column(name="tasks", rank=2),
    Column(name="runs", rank=3),
    Column(name="requests", rank=4),
    Column(name="input_tokens", title="tokens in", rank=1),
    Column(name="cached_input_tokens", title="cached", rank=5),
    Column(name="output_tokens", title="out", rank=1),
)


class UsageBy(StrEnum):
    """What a row of `aiwebhook usage` stands for."""

    DAY = "day"
    AGENT = "agent"
    SESSION = "session"
    KEY = "key"


@app.command(epilog='Example: aiwebhook projects create orchard "The orchard"')
def create(
    ctx: typer.Context,
    project_id: Annotated[
        str, typer.Argument(metavar="PROJECT_ID", help="Lower-case letters, digits, _ and -.")
    ],
    name: Annotated[str | None, typer.Argument(help="What it is called. Default: its id.")] = None,
) -> None:
    """Create a project with its agents. Its first admin key is shown only once."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        made = client.post_once(
            "/v1/projects", {"project_id": project_id, "name": name or project_id}
        )
    _show_key(options, made, f"Project {made['project_id']} is there. Keep its key now:")


@app.command("list", epilog="Example: aiwebhook projects list")
def list_(ctx: typer.Context, limit: RowLimit = DEFAULT_PAGE, cursor: PageCursor = None) -> None:
    """List projects, newest first."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        print_list(
            options,
            pages_of(client, "/v1/projects"),
            _PROJECTS,
            limit=limit,
            cursor=cursor,
        )


@app.command(epilog="Example: aiwebhook projects key orchard second")
def key(
    ctx: typer.Context,
    project_id: Annotated[str, typer.Argument(metavar="PROJECT_ID", help="The project.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will use it.")],
) -> None:
    """Create an admin key for a project that has lost its own. It is shown only once."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        made = client.post_once(f"/v1/projects/{quote(project_id, safe='')}/keys", {"name": name})
    _show_key(options, made, f"Key {made['key_id']} of {project_id}. Keep it now:")


def audit(
    ctx: typer.Context,
    actor: Annotated[str | None, typer.Option(help="Only by this key, or 'cli'.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Only this action or prefix: key.revoked, key.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Only about this key, endpoint or the like.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="30m, 2h, 3d, or an RFC 3339 time.")] = None,
    limit: RowLimit = DEFAULT_PAGE,
    cursor: PageCursor = None,
) -> None:
    """Show who changed keys, endpoints and the like. Newest first.
    Needs the scope admin."""
    options = cast("Globals", ctx.obj)
    wanted = {"actor": actor, "action": action, "subject": subject, "since": moment_of(since)}
    with connect(options) as client:
        print_list(
            options,
            pages_of(client, "/v1/audit", wanted),
            _AUDIT,
            limit=limit,
            cursor=cursor,
        )


def usage(
    ctx: typer.Context,
    by: Annotated[UsageBy, typer.Option(help="What a row stands for.")] = UsageBy.DAY,
    since: Annotated[
        str | None, typer.Option(help="30m, 2h, 3d, or an RFC 3339 time. Default: 30 days ago.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only before that.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=MAX_PAGE)] = MAX_PAGE,
) -> None:
    """Show the tokens and cost of agents' model calls. Needs the scope admin."""
    options = cast("Globals", ctx.obj)
    query = {"by": by.value, "since": moment_of(since), "until": moment_of(until), "limit": limit}
    with connect(options) as client:
        found = client.get("/v1/usage", query)
        names: Json = {}
        if by is UsageBy.KEY and not options.json:
            names = {each["key_id"]: each["name"] for each in client.get("/v1/keys")["items"]}
    if options.json:
        print_json(options, {"items": found["items"]} if options.lines else found)
        return
    rows = [_row(row, names.get(row["name"], row["name"])) for row in found["items"]]
    if rows:
        rows.append(_row(found["total"], "total"))
    print_rows(options, {}, rows, _USED, nothing="Nothing was used.")


def _row(used: Json, name: str | None) -> Json:
    cost, unpriced = used["cost_usd"], used["unpriced_requests"]
    text = "unknown" if cost is None else f"${cost:.4f}"
    if cost is not None and unpriced:
        text += f" and {unpriced} unpriced"
    figures = {
        field: f"{value:,}" if isinstance(value, int) else value for field, value in used.items()
    }
    return {**figures, "name": name or "–", "cost": text}


def _show_key(options: Globals, made: Json, sentence: str) -> None:
    if options.json:
        print_json(options, made)
        return
    print_done(options, made, sentence)
    console().print(made["key"], soft_wrap=True)
