"""`aiwebhook connections …`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast
from urllib.parse import quote

import typer

from aiwebhook.clock import utc_now
from aiwebhook_cli.printing import Json, print_done, print_rows
from aiwebhook_cli.short_id import whole_id
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(
    help="Programs that people have allowed to act for them. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_COLUMNS = (
    Column(name="connection_id", title="connection"),
    Column(name="client_name", title="program", sentence=True, least=12),
    Column(name="client_host", title="of", rank=1),
    Column(name="person"),
    Column(name="status"),
    Column(name="scopes", rank=3),
    Column(name="last_used_at", title="last used", rank=2),
    Column(name="created_at", title="allowed", rank=4),
)


@app.command("list", epilog="Example: aiwebhook connections list")
def list_(ctx: typer.Context) -> None:
    """List connections, newest first. Those that ended stay listed for a month."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/connections")
    now = utc_now()
    rows = [{**each, "status": _status(each, now)} for each in found["items"]]
    print_rows(options, found, rows, _COLUMNS, nothing="No connections.")


@app.command(epilog="Example: aiwebhook connections revoke con_0199…")
def revoke(
    ctx: typer.Context, connection_id: Annotated[str, typer.Argument(help="The id.")]
) -> None:
    """End a connection and all its tokens immediately."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        whole = whole_id(
            connection_id,
            lambda: (each["connection_id"] for each in client.get("/v1/connections")["items"]),
        )
        ended = client.delete(f"/v1/connections/{quote(whole, safe='')}")
    print_done(options, ended, f"The connection of {ended['client_name']} has ended.")


def _status(connection: Json, now: datetime) -> str:
    """Whether it may still be used."""
    if connection["revoked_at"]:
        return "revoked" if connection["revoked_reason"] == "revoked" else "ended"
    ends = connection["expires_at"]
    return "active" if ends and datetime.fromisoformat(ends) > now else "expired"
