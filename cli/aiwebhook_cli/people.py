"""`aiwebhook people …`."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook_cli.printing import Json, console, print_done, print_json, print_rows
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(
    help="People who sign in on the consent page. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="person_id", title="person"),
    Column(name="name", sentence=True, least=12),
    Column(name="code"),
    Column(name="created_at", title="added", rank=1),
)


@app.command(epilog='Example: aiwebhook people add "Ana"')
def add(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help="Unique in the project.")]
) -> None:
    """Add a person of this project. Their sign-in code is shown only once."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        made = client.post_once("/v1/people", {"name": name})
    _show_code(options, made)


@app.command("list", epilog="Example: aiwebhook people list")
def list_(ctx: typer.Context) -> None:
    """List people, in the order they were added."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/people")
    rows = [
        {**person, "code": "set" if person["code_set_at"] else "none"} for person in found["items"]
    ]
    print_rows(options, found, rows, _COLUMNS, nothing="No people.")


@app.command(epilog="Example: aiwebhook people reset owner")
def reset(
    ctx: typer.Context, person: Annotated[str, typer.Argument(help="The name or the id.")]
) -> None:
    """Give a person a new sign-in code, shown once. The old code ends; connections stay."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        items = client.get("/v1/people")["items"]
        named = [each["person_id"] for each in items if each["name"] == person]
        whole = whole_id(named[0] if named else person, lambda: (p["person_id"] for p in items))
        made = client.post_once(f"/v1/people/{quote(whole, safe='')}/reset", {})
    _show_code(options, made)


def _show_code(options: Globals, made: Json) -> None:
    if options.json:
        print_json(options, made)
        return
    print_done(options, made, f"The sign-in code of {made['name']}. Keep it now:")
    console().print(made["sign_in_code"], soft_wrap=True)
