"""`aiwebhook session export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from aiwebhook_cli.printing import print_done
from aiwebhook_cli.target import Globals, connect

EXAMPLE = "Example: aiwebhook session export plan sessions"


def export_session(
    ctx: typer.Context,
    session_id: Annotated[str, typer.Argument(metavar="SESSION_ID", help="The session.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where its folder goes, under its id.")
    ],
) -> None:
    """Write a session into a folder of files. `aiwebhook migrate` reads it.

    The folder appears once it is complete on disk. An existing one is left alone.
    """
    import hashlib  # noqa: PLC0415  reason: only here

    from aiwebhook.session_folder.folder_item import wire_id  # noqa: PLC0415 only here
    from aiwebhook_cli.folder.exported_session import export_files  # noqa: PLC0415 only here
    from aiwebhook_cli.folder.whole_folder import write_whole_folder  # noqa: PLC0415 only here

    options = cast("Globals", ctx.obj)
    with connect(options) as client:
        files = export_files(client, session_id)
    into = folder / wire_id(session_id, "sess")
    write_whole_folder(into, files)
    told = {path: hashlib.sha256(raw).hexdigest() for path, raw in sorted(files.items())}
    size = sum(map(len, files.values()))
    body = {"session_id": session_id, "folder": str(into), "bytes": size, "files": told}
    print_done(options, body, f"Session {session_id} is in {into}: {len(files)} files.")
