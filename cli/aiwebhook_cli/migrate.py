"""`aiwebhook migrate …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from aiwebhook_cli.printing import console, print_fields, print_json, print_table
from aiwebhook_cli.tables import Column
from aiwebhook_cli.target import Globals, connect

app = typer.Typer(help="Import sessions from folders of files.", no_args_is_help=True)
_COLUMNS = (
    Column(name="path", title="skipped", sentence=True, least=12),
    Column(name="why", sentence=True, least=24),
)


@app.command(
    "json-to-postgres", epilog="Example: aiwebhook migrate json-to-postgres sessions --dry-run"
)
def json_to_postgres(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of session folders, or one of these.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and compare; write nothing.")
    ] = False,
    archive_to: Annotated[
        Path | None,
        typer.Option(help="Move each session's folder there once all of it is verified."),
    ] = None,
) -> None:
    """Import sessions from a folder. Every item is compared by its hash.

    What exists already stays as it is, so you can run it again. Exit code 1:
    something was skipped.
    """
    from aiwebhook_cli.folder.migration import MigrationOrder, migrate_folder  # noqa: PLC0415 only this command

    options = cast("Globals", ctx.obj)
    if not folder.is_dir():
        raise typer.BadParameter(f"{folder} is not a folder.")
    order = MigrationOrder(root=folder, dry_run=dry_run, archive_to=archive_to)
    with connect(options) as client:
        done = migrate_folder(client, order)
    told = done.as_json()
    if options.json:
        print_json(options, told)
    else:
        skipped = told.pop("skipped")
        del told["items"]
        print_fields(options, {name: str(number) for name, number in told.items()})
        if skipped:
            print_table(console(), skipped, _COLUMNS)
    raise typer.Exit(1 if done.skipped else 0)
