"""`aiwebhook cloud check`: whether a deployment would go through, before anything is created."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from aiwebhook.errors import AiWebhookError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.cloud.account import Account, Json
from aiwebhook_cli.cloud.toolchain import Toolchain, examine_machine

LEAST_BOOTSTRAP = 21
"""What this version of the CDK asks for."""
_LAMBDA_AT_ONCE = ("lambda", "L-B99A9384")
_FARGATE_VCPUS = ("fargate", "L-3032A538")
_LEAST_AT_ONCE = 100
"""A new account may run ten functions at once; callbacks and polls alone take that."""
_LEAST_VCPUS = 6


def examine_deployment(account: Account, tools: Toolchain, stage: str) -> Iterator[Check]:
    """All checks; those on AWS end with the first that says that AWS cannot be asked at all."""
    yield from examine_machine(tools)
    try:
        yield Check(name="account", ok=True, found=f"{account.number()} in {account.region}")
    except AiWebhookError as error:
        yield Check(name="account", ok=False, found=error.detail, remedy=error.remedy)
        return
    engine = _engine(tools, stage)
    for name, ask in (
        ("bootstrap", lambda: _bootstrap(account)),
        ("lambda quota", lambda: _lambda_quota(account)),
        ("fargate quota", lambda: _fargate_quota(account)),
        ("ecs role", lambda: _role_of_ecs(account)),
        ("postgres", lambda: _sold(account, engine)),
        ("stage", lambda: _stage(account, stage)),
    ):
        try:
            yield ask()
        except AiWebhookError as error:
            yield Check(name=name, ok=None, found=error.detail, remedy=error.remedy)


def costs_of_stage(tools: Toolchain, stage: str) -> list[Json]:
    """`name` and `dollars` a month of each item, as infra/costs.py reckons them."""
    said = tools.answer(tools.python, "-m", "infra.costs", stage)
    return cast("list[Json]", json.loads(said)) if said else []


def _bootstrap(account: Account) -> Check:
    version = account.bootstrap_version()
    if version is None:
        return Check(
            name="bootstrap",
            ok=None,
            found="not done in this account and Region: 'aiwebhook cloud deploy' does it",
        )
    return Check(
        name="bootstrap",
        ok=version >= LEAST_BOOTSTRAP,
        found=f"version {version}",
        remedy=f"At least {LEAST_BOOTSTRAP} is needed: 'aiwebhook cloud deploy' updates it.",
    )


def _lambda_quota(account: Account) -> Check:
    at_once = account.quota(*_LAMBDA_AT_ONCE)
    return Check(
        name="lambda quota",
        ok=None if at_once is None else at_once >= _LEAST_AT_ONCE,
        found="not known" if at_once is None else f"{at_once:g} functions at once",
        remedy=f"Ask for {_LEAST_AT_ONCE} or more: Service Quotas, Lambda, concurrent executions.",
    )


def _fargate_quota(account: Account) -> Check:
    vcpus = account.quota(*_FARGATE_VCPUS)
    return Check(
        name="fargate quota",
        ok=None if vcpus is None else vcpus >= _LEAST_VCPUS,
        found="not known" if vcpus is None else f"{vcpus:g} vCPUs",
        remedy=f"Ask for {_LEAST_VCPUS} or more: Service Quotas, Fargate, On-Demand vCPUs.",
    )


def _role_of_ecs(account: Account) -> Check:
    there = account.has_role_of_ecs()
    return Check(
        name="ecs role",
        ok=True if there else None,
        found="there" if there else "ECS has no role in this account yet",
        remedy="aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
    )


def _engine(tools: Toolchain, stage: str) -> str | None:
    """The version of PostgreSQL that the stage's committed template names."""
    path = tools.root / "infra" / "synth" / stage / "data.template.json"
    resources = cast("Json", json.loads(path.read_text("utf-8"))["Resources"])
    found = [
        each["Properties"]["EngineVersion"]
        for each in resources.values()
        if each["Type"] == "AWS::RDS::DBInstance"
    ]
    return found[0] if found else None


def _sold(account: Account, engine: str | None) -> Check:
    if engine is None:
        return Check(name="postgres", ok=None, found="the template names no version")
    sold = account.sells_engine(engine)
    return Check(
        name="postgres",
        ok=sold,
        found=f"{engine} is {'' if sold else 'not '}sold in {account.region}",
        remedy="Choose another Region, or another version in infra/constructs/database.py.",
    )


def _stage(account: Account, stage: str) -> Check:
    status = account.stack_status(stack(stage, "service"))
    if status is None:
        return Check(name="stage", ok=True, found=f"{stage} is not deployed here yet")
    stuck = "FAILED" in status or status.endswith("_IN_PROGRESS")
    return Check(
        name="stage",
        ok=not stuck,
        found=f"{stage} is deployed: {status}",
        remedy="Look at the stack's events in CloudFormation; wait, or continue the rollback.",
    )


def stack(stage: str, part: str) -> str:
    """The name of one of a stage's stacks: network, data, door or service."""
    return f"AiWebhook-{stage}-{part}"
