"""What the clone says of a stage, before AWS is asked anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiwebhook.errors import ConfigurationError
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.toolchain import Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDescription:
    """A stage's settings as far as the command line needs them."""

    name: str
    database_major: int
    idle_costs: Sequence[Json]
    """`name` and `dollars` a month of each item."""


def describe_stage(tools: Toolchain, name: str) -> StageDescription:
    """As infra/stages.py and the user's stages.toml have it. Raises ConfigurationError for a stage
    that nothing describes and for a file that will not do."""
    said = tools.json_of("infra.stage_file", name)
    return StageDescription(
        name=name, database_major=said["database_major"], idle_costs=said["idle_costs"]
    )


def stack(stage: str, part: str) -> str:
    """The name of one of a stage's stacks: network, data, door or service."""
    return f"AiWebhook-{stage}-{part}"


def require_engine(account: Account, stage: StageDescription) -> None:
    """Raise ConfigurationError where a database would be made that the Region does not sell."""
    if account.stack_status(stack(stage.name, "data")) is not None:
        return
    sold = account.engine_majors()
    if stage.database_major not in sold:
        raise ConfigurationError(not_sold(account, stage.database_major, sold), code="engine")


def not_sold(account: Account, major: int, sold: frozenset[int]) -> str:
    """The sentence, with the newest that is sold."""
    newest = f": the newest is {max(sold)}" if sold else ""
    return f"RDS does not sell PostgreSQL {major} in {account.region}{newest}."
