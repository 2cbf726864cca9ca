"""`aiwebhook cloud check`: whether a deployment would go through, before anything is created."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import FUNCTIONS_QUOTA, Account
from aiwebhook_cli.cloud.handed_in import handed_in_checks
from aiwebhook_cli.cloud.stack_states import is_being_worked_on, stack_statuses, stuck_stacks
from aiwebhook_cli.cloud.stage import StageDescription, holds_requests, not_offered, stack
from aiwebhook_cli.cloud.toolchain import Toolchain, examine_machine

LEAST_BOOTSTRAP = 21
"""What this version of the CDK asks for."""

_VPCS, _ADDRESSES = "L-F678F1CE", "L-0263D0A3"
"""Codes of the quotas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quota:
    """What the account must be allowed at least; `title`: where Service Quotas shows it."""

    name: str
    service: str
    quota_id: str
    least: int
    unit: str
    title: str


_QUOTAS = (
    # A new account may run ten functions at once; callbacks and polls alone take that.
    _Quota(
        name="lambda quota",
        service="lambda",
        quota_id=FUNCTIONS_QUOTA,
        least=100,
        unit="functions at once",
        title="Lambda, concurrent executions",
    ),
    _Quota(
        name="fargate quota",
        service="fargate",
        quota_id="L-3032A538",
        least=6,
        unit="vCPUs",
        title="Fargate, On-Demand vCPUs",
    ),
)


def examine_deployment(
    account: Account, tools: Toolchain, stage: StageDescription
) -> Iterator[Check]:
    """All checks; those on AWS end with the first that says that AWS cannot be asked at all."""
    yield from examine_machine(tools)
    try:
        yield Check(name="account", ok=True, found=f"{account.number()} in {account.region}")
    except AiWebhookError as error:
        yield Check(name="account", ok=False, found=error.detail, remedy=error.remedy)
        return
    for name, ask in (
        ("bootstrap", lambda: _bootstrap(account)),
        *((quota.name, partial(_quota_check, account, quota)) for quota in _QUOTAS),
        ("waits", lambda: _waits(account, stage)),
        ("build quota", lambda: _builds(account)),
        ("ecs role", lambda: _role_of_ecs(account)),
        ("network", lambda: network_check(account, stage)),
        ("postgres", lambda: _database(account, stage)),
        ("stage", lambda: _stage(account, stage.name)),
    ):
        try:
            yield ask()
        except AiWebhookError as error:
            yield Check(name=name, ok=None, found=error.detail, remedy=error.remedy)
    try:
        yield from handed_in_checks(account, stage)
    except AiWebhookError as error:
        yield Check(name="handed in", ok=None, found=error.detail, remedy=error.remedy)


def _bootstrap(account: Account) -> Check:
    version = account.bootstrap_version()
    if version is None:
        return Check(
            name="bootstrap",
            ok=None,
            found="not done in this account and Region: 'aiwebhook cloud deploy' does it",
        )
    if not account.has_bootstrap_bucket():
        return Check(
            name="bootstrap",
            ok=False,
            found=f"version {version}, and its bucket is gone",
            remedy="Delete the stack CDKToolkit; 'aiwebhook cloud deploy' creates it again.",
        )
    return Check(
        name="bootstrap",
        ok=version >= LEAST_BOOTSTRAP,
        found=f"version {version}",
        remedy=f"At least {LEAST_BOOTSTRAP} is needed: 'aiwebhook cloud deploy' updates it.",
    )


def _quota_check(account: Account, quota: _Quota) -> Check:
    value = account.quota(quota.service, quota.quota_id)
    return Check(
        name=quota.name,
        ok=None if value is None else value >= quota.least,
        found="not known" if value is None else f"{value:g} {quota.unit}",
        remedy=f"Ask for {quota.least} or more: Service Quotas, {quota.title}.",
    )


def _waits(account: Account, stage: StageDescription) -> Check:
    """A request that is held keeps a function busy: in a small account there are none to spare."""
    held = holds_requests(account, stage)
    return Check(
        name="waits",
        ok=True if held else None,
        found={
            True: f"{stage.max_waits} requests held at once by each function",
            False: "no request is held: clients ask again instead",
            None: "not known",
        }[held],
        remedy=f"From {stage.functions_wanted} functions at once on they are, after the next"
        " 'aiwebhook cloud deploy'; or set max_waits lower.",
    )


def _builds(account: Account) -> Check:
    """AWS lets some new accounts run none, and says so at the first build only."""
    allowed = account.builds_at_once()
    return Check(
        name="build quota",
        ok=None if not allowed else True,
        found="not known" if allowed is None else f"{allowed:g} builds at once (CodeBuild, arm64)",
        remedy="Ask for 1 or more (Service Quotas, AWS CodeBuild), or build the images on this"
        " machine: 'aiwebhook cloud images --engine docker'.",
    )


def _role_of_ecs(account: Account) -> Check:
    there = account.has_role_of_ecs()
    return Check(
        name="ecs role",
        ok=True if there else None,
        found="there" if there else "ECS has no role in this account yet",
        remedy="aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
    )


def network_check(account: Account, stage: StageDescription) -> Check:
    """A stage makes a VPC and takes addresses; an account may have five of each."""
    if account.stack_status(stack(stage.name, "network")) is not None:
        return Check(name="network", ok=True, found="the stage has its own")
    vpcs, addresses = account.networks_in_use()
    wanted = (
        ("VPCs", _VPCS, "vpc", vpcs, 1),
        ("Elastic IP addresses", _ADDRESSES, "ec2", addresses, stage.elastic_addresses),
    )
    for what, quota_id, service, used, more in wanted:
        allowed = account.quota(service, quota_id)
        if allowed is not None and used + more > allowed:
            return Check(
                name="network",
                ok=False,
                found=f"{used} of {allowed:g} {what} are taken, and the stage needs {more}",
                remedy=f"Give one back, or ask for more: Service Quotas, {what} per Region.",
            )
    return Check(name="network", ok=True, found="room for a VPC and its addresses")


def _database(account: Account, stage: StageDescription) -> Check:
    refusal = not_offered(account, stage)
    offered = f"{stage.database_major} on db.{stage.database_instance} is offered"
    return Check(
        name="postgres",
        ok=refusal is None,
        found=refusal or f"{offered} in {account.region}",
        remedy="Choose another Region, database_instance or database_major (stages.toml).",
    )


def _stage(account: Account, stage: str) -> Check:
    found = stack_statuses(account, stage)
    for stuck in stuck_stacks(account, stage, found):
        said = f"{stuck.name} is {stuck.status}"
        return Check(name="stage", ok=False, found=said, remedy=stuck.remedy)
    for name, status in found.items():
        if is_being_worked_on(status):
            said = f"{name} is {status}: somebody deploys, or a deployment was stopped"
            remedy = "'aiwebhook cloud deploy' waits for it, and goes on."
            return Check(name="stage", ok=None, found=said, remedy=remedy)
    service = found.get(stack(stage, "service"))
    if service is None:
        return Check(name="stage", ok=True, found=f"{stage} is not deployed here yet")
    return Check(name="stage", ok=True, found=f"{stage} is deployed: {service}")
