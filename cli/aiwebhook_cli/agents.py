"""`aiwebhook agent …`."""

from __future__ import annotations

from typing import cast

import typer

from aiwebhook_cli.printing import print_rows
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(help="Who can do what.", no_args_is_help=True)
_COLUMNS = ("agent_name", "status", "running", "queued", "max_concurrent", "description")


@app.callback()
def group() -> None:
    """Who can do what."""


@app.command("list", epilog="Example: aiwebhook agent list")
def list_(ctx: typer.Context) -> None:
    """List agents with their live status and load."""
    told = cast("Globals", ctx.obj)
    with connect(told) as client:
        found = client.get("/v1/agents")
    print_rows(told, found, found["items"], _COLUMNS, nothing="No agents.")
