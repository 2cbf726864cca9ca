"""`aiwebhook local up | down | status` with `--store DIR`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer

from aiwebhook_cli.printing import print_done, print_fields
from aiwebhook_cli.target import Globals
from aiwebhook_local.folder_server import (
    FolderFiles,
    ServedFolder,
    own_folder_server,
    served_folder,
    start_folder_server,
    stop_folder_server,
)
from aiwebhook_local.interrupting import signals_interrupt


def up(options: Globals, folder: Path, *, port: int | None, detach: bool) -> None:
    """Serve the folder until Ctrl-C, SIGTERM, SIGHUP or `local down`, unless it is detached."""
    with signals_interrupt():
        if detach:
            _, served = start_folder_server(folder, port=port)
            print_done(options, _told(folder, served), _welcome(folder, served, detached=True))
            return
        with suppress(KeyboardInterrupt), own_folder_server(folder, port=port) as own:
            welcome = _welcome(folder, own.served, detached=False)
            print_done(options, _told(folder, own.served), welcome)
            own.process.wait()


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
