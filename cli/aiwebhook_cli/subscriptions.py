"""`aiwebhook subscriptions …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook_cli.printing import print_done, print_rows
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

if TYPE_CHECKING:
    from aiwebhook.client import Client

app = typer.Typer(
    help="Events that MCP clients follow by webhook. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="subscription_id", title="subscription"),
    Column(name="name", title="event"),
    Column(name="host", title="sent to"),
    Column(name="status"),
    Column(name="waiting", rank=1),
    Column(name="last_delivery_at", title="last sent", rank=2),
    Column(name="expires_at", title="until", rank=3),
)


@app.command("list", epilog="Example: aiwebhook subscriptions list")
def list_(ctx: typer.Context) -> None:
    """List subscriptions, newest first. Those that ended stay listed for a week."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/subscriptions")
    print_rows(options, found, found["items"], _COLUMNS, nothing="No subscriptions.")


@app.command(epilog="Example: aiwebhook subscriptions end sub_0199…")
def end(
    ctx: typer.Context, subscription_id: Annotated[str, typer.Argument(help="The id.")]
) -> None:
    """End a subscription and drop its pending events. Its client may subscribe again."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        ended = client.delete(_path(client, subscription_id))
    print_done(options, ended, f"The subscription {ended['ended']} has ended.")


@app.command(epilog="Example: aiwebhook subscriptions refill sub_0199…")
def refill(
    ctx: typer.Context, subscription_id: Annotated[str, typer.Argument(help="The id.")]
) -> None:
    """Let a chat that used up its wakes be woken again. Applies to all its subscriptions."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        done = client.post(f"{_path(client, subscription_id)}/refill", {})
    print_done(options, done, "The chat can be woken again.")


def _path(client: Client, subscription_id: str) -> str:
    whole = whole_id(
        subscription_id,
        lambda: (each["subscription_id"] for each in client.get("/v1/subscriptions")["items"]),
    )
    return f"/v1/subscriptions/{quote(whole, safe='')}"
