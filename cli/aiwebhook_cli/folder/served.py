"""A folder of sessions as the deployment that a command line speaks to, over HTTP."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.target import Globals

if TYPE_CHECKING:
    import typer


def serve_while(ctx: typer.Context, options: Globals, folder: Path) -> Globals:
    """The options with the address of the folder's server: the one that runs, or one that ends with
    the command. Raises AiWebhookError.
    """
    if not folder.is_dir():
        raise AiWebhookError(f"{folder} is not a folder.", code="local_stack")
    try:
        from aiwebhook_local.folder_server import FolderServerRunning, folder_server  # noqa: PLC0415 only with --store
        from aiwebhook_local.front_launch import FrontNotStarted  # noqa: PLC0415 as above
    except ModuleNotFoundError as exc:
        raise AiWebhookError(
            f"A folder of sessions needs {exc.name}, which is not installed.", code="not_installed"
        ) from exc
    kept = ExitStack()
    try:
        served = kept.enter_context(folder_server(folder))
    except (OSError, FolderServerRunning, FrontNotStarted) as exc:
        raise AiWebhookError(str(exc), code="local_stack") from exc
    ctx.call_on_close(kept.close)
    return replace(options, url=served.url, key=served.api_key, profile=None)
