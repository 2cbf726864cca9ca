"""`aiwebhook cloud destroy`: removes a deployment, in an order that can be taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

import typer

from aiwebhook_cli.cloud.commands import account_and_tools
from aiwebhook_cli.cloud.images import app  # the group with the commands of the modules before
from aiwebhook_cli.cloud.options import DryRun, Region, StageName, require_terminal
from aiwebhook_cli.cloud.removal import (
    empty_stores,
    remove_logins,
    require_unused_secret,
    what_stays,
)
from aiwebhook_cli.cloud.stack_states import require_ours, stack_statuses
from aiwebhook_cli.cloud.stage import stack
from aiwebhook_cli.cloud.toolchain import Toolchain
from aiwebhook_cli.printing import print_done, print_hint
from aiwebhook_cli.target import Globals

_SERVING, _KEEPING = ("service", "door"), ("data", "network")
"""The stacks in the order of their removal: those without data, and the others."""


@app.command(epilog="Example: aiwebhook cloud destroy --stage dev --dry-run")
def destroy(
    ctx: typer.Context,
    stage: StageName = "dev",
    region: Region = None,
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a deployment. Says first whether its data is kept (keep_data)."""
    options = cast("Globals", ctx.obj)
    account, tools, _ = account_and_tools(options, stage, region, dry_run=dry_run)
    statuses = stack_statuses(account, stage)
    if not statuses:
        print_done(options, {"removed": []}, f"There is no stage {stage} in {account.region}.")
        return
    require_ours(account, stage, statuses)
    # A deployment that was killed early has a network alone.
    keeps_data = any(account.is_protected(stack(stage, part)) for part in _KEEPING)
    if not keeps_data:
        require_unused_secret(account, stage)
    print_hint(what_stays(stage, keeps_data=keeps_data))
    if not yes and not dry_run:
        require_terminal("A removal must be confirmed")
        typer.confirm(f"Remove the stage {stage} in {account.region}?", abort=True)
    tools.require_node(tolerant=True)
    tools.make(".venv/.infra", what="The removal")
    removed = _remove(tools, stage, _SERVING)
    if not keeps_data:
        # After what writes to them, so that nothing comes while they are emptied.
        if not dry_run:
            empty_stores(account, stage)
        removed += _remove(tools, stage, _KEEPING)
        if not dry_run:
            remove_logins(account, stage)
    names = ", ".join(removed)
    if dry_run:
        print_done(options, {"removed": [], "would_remove": removed}, f"Would remove: {names}.")
    else:
        print_done(options, {"removed": removed}, f"Removed: {names}.")


def _remove(tools: Toolchain, stage: str, parts: Sequence[str]) -> list[str]:
    names = [stack(stage, part) for part in parts]
    tools.cdk("destroy", "-c", f"stage={stage}", *names, "--force", what="The removal")
    return names
