"""`aiwebhook retention …` and `aiwebhook prune`."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from aiwebhook_cli.printing import Json, console, print_rows
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

EXAMPLES = "Example: aiwebhook prune --dry-run"
app = typer.Typer(
    help="How many days data is kept. Needs a key with the scope admin.",
    no_args_is_help=True,
)
_KEPT = (Column(name="kind"), Column(name="days"))
_PRUNED = (Column(name="kind"), Column(name="rows"))


@app.command(epilog="Example: aiwebhook retention show")
def show(ctx: typer.Context) -> None:
    """Show how many days rows of each kind are kept."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.get("/v1/retention")
    _print_days(options, found)


@app.command("set", epilog="Example: aiwebhook retention set events=30 audit=forever")
def set_(
    ctx: typer.Context,
    rules: Annotated[list[str], typer.Argument(help="kind=days, or kind=forever.")],
) -> None:
    """Change how many days rows of some kinds are kept."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.post("/v1/retention", dict(_rule(rule) for rule in rules))
    _print_days(options, found)


def prune_now(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Delete expired rows now instead of within a day."""
    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        found = client.post("/v1/retention/prune", {"dry_run": dry_run})
    rows = [{"kind": kind, "rows": number} for kind, number in found["rows"].items()]
    print_rows(options, found, rows, _PRUNED, nothing="")
    if not found["complete"] and not options.json:
        console().print("There is more: run it again, or leave it to the reaper.")


def _rule(text: str) -> tuple[str, int | str]:
    kind, equals, days = text.partition("=")
    if not equals or not (days == "forever" or days.isdecimal()):
        raise typer.BadParameter(f"needs kind=days or kind=forever, got '{text}'")
    return kind, days if days == "forever" else int(days)


def _print_days(options: Globals, found: Json) -> None:
    rows = [{"kind": kind, "days": days} for kind, days in found.items()]
    print_rows(options, found, rows, _KEPT, nothing="")
