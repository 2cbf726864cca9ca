"""Whether the functions' database roles have the rights that the deployed release declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from aiwebhook.domain.counted import counted
from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.stage import stack

_SHOWN = 3


def rights_checks(account: Account, stage: str) -> Iterator[Check]:
    """What migrate, which alone may look as the owner, finds; nothing where none is deployed."""
    try:
        if account.stack_status(stack(stage, "service")) is None:
            return
        migrate = account.function(stack(stage, "service"), "MigrationMigrate")
        said = {} if migrate is None else account.invoke(migrate, {"compare_rights": True})
    except AiWebhookError as error:
        yield Check(name="rights", ok=None, found=error.detail, remedy=error.remedy)
        return
    if "differences" not in said:
        yield Check(name="rights", ok=None, found="the deployed release does not tell")
        return
    differences = cast("dict[str, Json]", said["differences"])
    if not differences:
        yield Check(name="rights", ok=True, found="each function's role has those it needs")
    missing = {name: each["missing"] for name, each in differences.items() if each["missing"]}
    surplus = {name: each["surplus"] for name, each in differences.items() if each["surplus"]}
    if missing:
        yield Check(
            name="rights",
            ok=False,
            found=f"missing in the database: {_shown(missing)}",
            remedy=f"aiwebhook cloud migrate --stage {stage}",
        )
    if surplus:
        yield Check(
            name="rights",
            ok=None,
            found=f"more than needed in the database: {_shown(surplus)}",
            remedy="Once no older release will come back:"
            f" 'aiwebhook cloud migrate --post --stage {stage}' takes them away.",
        )


def _shown(rights: dict[str, list[str]]) -> str:
    """Of each function the first few."""
    return "; ".join(f"{function} {_listed(found)}" for function, found in rights.items())


def _listed(rights: Iterable[str]) -> str:
    found = list(rights)
    more = len(found) - _SHOWN
    rest = [f"{counted(more, 'more right')}"] if more > 0 else []
    return ", ".join([*found[:_SHOWN], *rest])
