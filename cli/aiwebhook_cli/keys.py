"""`aiwebhook keys …`."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook_cli.arguments import present
from aiwebhook_cli.printing import console, print_done, print_json, print_rows
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(help="API keys; needs a key with the scope admin.", no_args_is_help=True)
_COLUMNS = ("key_id", "name", "prefix", "scopes", "created_at", "expires_at", "revoked_at")


@app.command(epilog="Example: aiwebhook keys create phone --scope commands --expires-in-days 90")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="commands (default), read, worker or admin; repeatable."),
    ] = None,
    cidr: Annotated[
        list[str] | None, typer.Option(help="Only from this network; repeatable.")
    ] = None,
    rate: Annotated[int | None, typer.Option(help="Requests a minute.")] = None,
    expires_in_days: Annotated[int | None, typer.Option(help="Ends after so many days.")] = None,
) -> None:
    """Make a key. It is shown this once."""
    told = cast("Globals", ctx.obj)
    body = present(
        name=name,
        scopes=scope or ["commands"],
        cidrs=cidr or None,
        rate_per_minute=rate,
        expires_in_days=expires_in_days,
    )
    with connect(told) as client:
        made = client.create_key(body)
    if told.json:
        print_json(made)
        return
    print_done(told, made, f"Key {made['key_id']} ({', '.join(made['scopes'])}). Keep it now:")
    console().print(made["key"], markup=False)


@app.command("list", epilog="Example: aiwebhook keys list")
def list_(ctx: typer.Context) -> None:
    """List keys, newest first; revoked ones too."""
    told = cast("Globals", ctx.obj)
    with connect(told) as client:
        found = client.get("/v1/keys")
    print_rows(told, found, found["items"], _COLUMNS, nothing="No keys.")


@app.command(epilog="Example: aiwebhook keys revoke key_0199…")
def revoke(
    ctx: typer.Context, key_id: Annotated[str, typer.Argument(help="The id, not the key.")]
) -> None:
    """End a key at once."""
    told = cast("Globals", ctx.obj)
    with connect(told) as client:
        ended = client.delete(f"/v1/keys/{quote(key_id, safe='')}")
    print_done(told, ended, f"Key {key_id} is revoked.")
