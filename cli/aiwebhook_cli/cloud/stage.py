"""What the clone says of a stage, before AWS is asked anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiwebhook.errors import AiWebhookError, ConfigurationError
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.toolchain import Toolchain
from aiwebhook_cli.printing import print_hint


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDescription:
    """A stage's settings as far as the command line needs them."""

    name: str
    database_instance: str
    database_major: int
    database_storage_gib: int
    max_waits: int
    """How many requests each of two functions may hold at once."""
    elastic_addresses: int
    """How many it takes, for its way out."""
    database_snapshot: str | None
    app_secret_arn: str | None
    certificate_arn: str | None
    idle_costs: Sequence[Json]
    """`name` and `dollars` a month of each item."""

    @property
    def functions_wanted(self) -> int:
        """How many functions at once the account must allow, so that requests may be held: those
        that are take half of them at the most."""
        return 4 * self.max_waits


def describe_stage(
    tools: Toolchain, name: str, settings: Mapping[str, str] | None = None
) -> StageDescription:
    """As infra/stages.py and the user's stages.toml have it, into which `settings` are written
    first. Raises ConfigurationError for a stage that nothing describes and for a file that
    will not do."""
    more = ("--set", json.dumps(settings)) if settings else ()
    said = tools.json_of("infra.stage_file", *more, "--", name)
    return StageDescription(
        name=name,
        database_instance=said["database_instance"],
        database_major=said["database_major"],
        database_storage_gib=said["database_storage_gib"],
        max_waits=said["max_waits"],
        elastic_addresses=said["elastic_addresses"],
        database_snapshot=said["database_snapshot"],
        app_secret_arn=said["app_secret_arn"],
        certificate_arn=said["certificate_arn"],
        idle_costs=said["idle_costs"],
    )


def stack(stage: str, part: str) -> str:
    """The name of one of a stage's stacks: network, data, door or service."""
    return f"AiWebhook-{stage}-{part}"


def service_outputs(account: Account, stage: str) -> Mapping[str, str]:
    """Of the stage's service; empty where it is not deployed, or not yet. Raises ConfigurationError
    for a stack of that name which is not ours."""
    outputs = account.outputs(stack(stage, "service"))
    if outputs and "AgentSecrets" not in outputs:
        raise foreign_stack(stack(stage, "service"))
    return outputs


def foreign_stack(name: str) -> ConfigurationError:
    """The error for a stack of this name that is not ours."""
    return ConfigurationError(
        f"There is a stack {name} that AI Webhook did not make.", code="stack_foreign"
    )


def holds_requests(account: Account, stage: StageDescription) -> bool | None:
    """Whether the account may run enough functions to hold requests; None where it is not known."""
    functions = account.functions_at_once()
    return None if functions is None else functions >= stage.functions_wanted


def deployment_parameters(account: Account, stage: StageDescription) -> tuple[str, ...]:
    """What the account decides; nothing where it does not say, and the stack keeps what it has."""
    try:
        held = holds_requests(account, stage)
    except AiWebhookError:  # not every role that deploys may read quotas
        return ()
    if held is None:
        return ()
    if not held:
        print_hint(
            f"The account may run fewer than {stage.functions_wanted} functions at once: no request"
            " is held, and clients ask again. Deploy again when its quota is raised."
        )
    return "--parameters", f"{stack(stage.name, 'service')}:HoldsRequests={str(held).lower()}"


def require_engine(account: Account, stage: StageDescription) -> None:
    """Raise ConfigurationError if a database would be made that RDS does not offer there."""
    if account.stack_status(stack(stage.name, "data")) is not None:
        return
    refusal = not_offered(account, stage)
    if refusal is not None:
        raise ConfigurationError(refusal, code="engine")


def not_offered(account: Account, stage: StageDescription) -> str | None:
    """Why RDS would refuse the stage's database, as a sentence; None: it is offered."""
    majors = account.engine_majors(stage.database_instance)
    on = f"db.{stage.database_instance} in {account.region}"
    if not majors:
        return f"RDS does not offer PostgreSQL on {on}."
    if stage.database_major not in majors:
        newest = f"the newest there is {max(majors)}"
        return f"RDS does not offer PostgreSQL {stage.database_major} on {on}: {newest}."
    return None
