"""`aiwebhook keys …`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook.clock import utc_now
from aiwebhook_cli.arguments import present
from aiwebhook_cli.printing import Json, console, print_done, print_json, print_rows
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(help="API keys. Needs a key with the scope admin.", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(help="The id, not the key.")]
_COLUMNS = (
    Column(name="key_id", title="key"),
    Column(name="name", sentence=True, least=12),
    Column(name="status"),
    Column(name="scopes", rank=1),
    Column(name="prefix", rank=2),
    Column(name="created_at", title="created", rank=3),
    Column(name="expires_at", title="expires", rank=4),
    Column(name="revoked_at", title="revoked", rank=5),
)


@app.command(epilog="Example: aiwebhook keys create phone --scope commands --expires-in-days 90")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="commands (default), read, say, worker or admin; repeatable."),
    ] = None,
    cidr: Annotated[
        list[str] | None, typer.Option(help="Only from this network; repeatable.")
    ] = None,
    rate: Annotated[int | None, typer.Option(help="Requests a minute.")] = None,
    expires_in_days: Annotated[int | None, typer.Option(help="Days until it expires.")] = None,
) -> None:
    """Create a key. It is shown only once."""
    options = cast("Globals", ctx.obj)
    body = present(
        name=name,
        scopes=scope or ["commands"],
        cidrs=cidr or None,
        rate_per_minute=rate,
        expires_in_days=expires_in_days,
    )
    with connect(options) as client:
        made = client.create_key(body)
    _show_key(options, made)


@app.command("list", epilog="Example: aiwebhook keys list")
def list_(ctx: typer.Context) -> None:
    """List keys, newest first; revoked ones too."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/keys")
    now = utc_now()
    rows = [{**key, "status": _status(key, now)} for key in found["items"]]
    print_rows(options, found, rows, _COLUMNS, nothing="No keys.")


@app.command(epilog="Example: aiwebhook keys revoke key_0199…")
def revoke(ctx: typer.Context, key_id: KeyId) -> None:
    """Revoke a key immediately."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        ended = client.delete(f"/v1/keys/{quote(_whole(client, key_id), safe='')}")
    print_done(options, ended, f"Key {key_id} is revoked.")


@app.command(epilog="Example: aiwebhook keys rotate key_0199… --overlap 3600")
def rotate(
    ctx: typer.Context,
    key_id: KeyId,
    overlap: Annotated[
        int | None, typer.Option(help="Seconds for which the old key stays valid. Default: a day.")
    ] = None,
) -> None:
    """Replace a key by a new one with the same rights. It is shown only once."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        made = client.rotate_key(_whole(client, key_id), present(overlap_s=overlap))
    _show_key(options, made)


def _whole(client: Client, key_id: str) -> str:
    return whole_id(key_id, lambda: (key["key_id"] for key in client.get("/v1/keys")["items"]))


def _show_key(options: Globals, made: Json) -> None:
    if options.json:
        print_json(options, made)
        return
    print_done(options, made, f"Key {made['key_id']} ({', '.join(made['scopes'])}). Keep it now:")
    console().print(made["key"], soft_wrap=True)


def _status(key: Json, now: datetime) -> str:
    if key.get("revoked_at"):
        return "revoked"
    ends = key.get("expires_at")
    return "expired" if ends and datetime.fromisoformat(ends) <= now else "active"
