"""`aiwebhook local up | down | status` with `--store DIR`."""

from __future__ import annotations

from pathlib import Path

import typer

from aiwebhook_cli.printing import print_done, print_fields
from aiwebhook_cli.target import Globals
from aiwebhook_local.folder_server import (
    FolderFiles,
    ServedFolder,
    served_folder,
    start_folder_server,
    stop_folder_server,
)


def up(options: Globals, folder: Path, *, port: int | None, detach: bool) -> None:
    """Serve the folder, until Ctrl-C or `local down` unless it is detached."""
    process, served = start_folder_server(folder, port=port)
    print_done(options, _told(folder, served), _welcome(folder, served, detached=detach))
    if detach:
        return
    try:
        process.wait()
    except KeyboardInterrupt:
        stop_folder_server(folder)


def down(options: Globals, folder: Path) -> None:
    stopped = stop_folder_server(folder)
    sentence = "The folder is served no longer." if stopped else "Nobody served the folder."
    print_done(options, {"stopped": stopped}, sentence)


def show(options: Globals, folder: Path) -> None:
    """Raises Exit: 0 where it is served."""
    served = served_folder(folder)
    print_fields(options, {"running": served is not None, **_told(folder, served)})
    raise typer.Exit(1 if served is None else 0)


def _told(folder: Path, served: ServedFolder | None) -> dict[str, object]:
    return {
        "url": None if served is None else served.url,
        "folder": str(folder.resolve()),
        "api_key_file": str(FolderFiles(folder).key),
        "pid": None if served is None else served.pid,
    }


def _welcome(folder: Path, served: ServedFolder, *, detached: bool) -> str:
    lines = (
        f"The sessions of {folder.resolve()} are served (process {served.pid}).",
        f"  URL      {served.url}",
        f"  API key  {served.api_key}",
        f"  log      {FolderFiles(folder).log}",
        "Tasks, agents, keys and endpoints need Postgres: 'aiwebhook local up' without --store.",
        f"'aiwebhook local down --store {folder}' stops it." if detached else "Ctrl-C stops it.",
    )
    return "\n".join(lines)
