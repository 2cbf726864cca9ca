"""Each right of each role is needed: without it a journey fails. The table says which."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from itertools import groupby
from typing import Any

import pytest

from tests.deployed import short_journeys as short
from tests.deployed.account import EmulatedAccount
from tests.deployed.conftest import Report, size
from tests.deployed.deployment import Deployment
from tests.deployed.grants import Grant, Roles, roles_of
from tests.deployed.lambda_actions import INTERFACE_ACTIONS, LOG_ACTIONS, POLL_ACTIONS
from tests.deployed.patience import Patience
from tests.deployed.probes import cancel_open_tasks
from tests.deployed.releases import Release

pytestmark = [pytest.mark.cloud, pytest.mark.req("O1"), pytest.mark.timeout(3600)]

Journey = Callable[[Deployment], Any]
SECRET, LOGIN = "secretsmanager:GetSecretValue", "ssm:GetParameter"
QUEUES: tuple[tuple[str, str, Callable[[Deployment], str]], ...] = (
    ("dispatcher", "agents' queues", lambda d: json.loads(d.outputs()["AgentQueues"])["codex"]),
    ("notifier", "deliveries", lambda d: d.resource("NotifierDeliveriesQueue")),
    ("notifier", "retries", lambda d: d.resource("NotifierRetriesQueue")),
    ("reaper", "stopped runs", lambda d: d.resource("ReaperStoppedRunsQueue")),
)
NOTICED_BY: dict[tuple[str, str, str], Journey] = {
    ("relay", LOGIN, "login"): short.command,
    ("relay", SECRET, "github secret"): short.webhook_of_github,
    ("relay", "sqs:SendMessage", "agents' queues"): short.command_rings,
    ("relay", "sns:Publish", "topic"): short.command_is_told,
    ("relay", "s3:PutObject", "content"): short.large_command,
    ("relay", "s3:GetObject", "content"): short.large_command,
    ("relay", "s3:ListBucket", "bucket"): short.lost_content_by_command,
    ("session_api", LOGIN, "login"): short.resource,
    ("session_api", SECRET, "app secret"): short.lease_token,
    ("session_api", "sqs:SendMessage", "agents' queues"): short.resource_rings,
    ("session_api", "sqs:SendMessage", "retries"): short.ping,
    ("session_api", "sns:Publish", "topic"): short.resource_is_told,
    ("session_api", "s3:PutObject", "content"): short.large_resource,
    ("session_api", "s3:GetObject", "content"): short.large_resource,
    ("session_api", "s3:PutObject", "checkpoints"): short.checkpoint,
    ("session_api", "s3:GetObject", "checkpoints"): short.checkpoint,
    ("session_api", "s3:ListBucket", "bucket"): short.lost_content_by_resource,
    ("dispatcher", LOGIN, "login"): short.run_on_fargate,
    ("dispatcher", SECRET, "app secret"): short.run_on_fargate,
    ("dispatcher", "ecs:RunTask", "task definitions"): short.run_on_fargate,
    ("dispatcher", "iam:PassRole", "execution role"): short.run_on_fargate,
    ("dispatcher", "iam:PassRole", "task role"): short.run_on_fargate,
    ("dispatcher", "ecs:TagResource", "runs"): short.run_on_fargate,
    ("dispatcher", "ecs:StopTask", "runs"): short.dispatcher_stops,
    ("reaper", LOGIN, "login"): short.minute,
    ("reaper", "sqs:SendMessage", "agents' queues"): short.reaper_rings,
    ("reaper", "sns:Publish", "topic"): short.reaper_tells,
    ("reaper", "s3:ListBucketVersions", "bucket"): short.sweep,
    ("reaper", "ecs:StopTask", "runs"): short.reaper_stops,
    ("notifier", LOGIN, "login"): short.callback,
    ("notifier", "lambda:InvokeFunction", "function"): short.callback,
    ("session_api", "lambda:InvokeFunction", "function"): short.client_document,
    ("notifier", SECRET, "app secret"): short.callback,
    ("notifier", "sqs:SendMessage", "retries"): short.callback_again,
    ("reconciler", LOGIN, "login"): short.reconciler_looks,
    ("reconciler", SECRET, "app secret"): short.reconciler_asks,
    ("reconciler", "s3:PutObject", "content"): short.reconciler_keeps,
    ("reconciler", "lambda:InvokeFunction", "function"): short.reconciler_asks,
    ("migrate", SECRET, "database"): short.schema,
    ("migrate", LOGIN, "login"): short.schema,
    ("execution", SECRET, "agents' keys"): short.run_of_a_model,
    ("execution", "ecr:GetAuthorizationToken", "anything"): short.run_on_fargate,
    ("execution", "ecr:BatchGetImage", "images"): short.run_on_fargate,
    ("execution", "ecr:BatchCheckLayerAvailability", "images"): short.run_on_fargate,
    ("execution", "ecr:GetDownloadUrlForLayer", "images"): short.run_on_fargate,
    ("execution", "logs:CreateLogStream", "log"): short.run_on_fargate,
    ("execution", "logs:PutLogEvents", "log"): short.log_of_a_run,
}
"""(role, action, on what) → what fails without it."""
for _role, _on, _queue in QUEUES:
    NOTICED_BY.update(
        dict.fromkeys(((_role, each, _on) for each in POLL_ACTIONS), short.taken_from(_queue))
    )
for _role, _calls in short.CALLS.items():
    NOTICED_BY.update(
        dict.fromkeys(((_role, each, "log") for each in LOG_ACTIONS), short.log_of(_role, _calls))
    )
for _role in (each for each in short.CALLS if each != "outbound"):
    NOTICED_BY.update(
        dict.fromkeys(
            ((_role, each, "anything") for each in INTERFACE_ACTIONS), short.network_of(_role)
        )
    )
JOURNEYS = list(dict.fromkeys(NOTICED_BY.values()))
_LEAST_S, _MOST_S = 1.0, 10.0
_OLD = "of content that no row names for six hours; tests/aws has the calls, with a clock of theirs"
_CDK = "CDK gives it to each reader of a queue; Lambda's poller does not ask for it"
_ALSO_CDK = "CDK gives it to each reader of a secret; ECS does not ask for it"
NOT_SHOWN: dict[tuple[str, str, str], str] = {
    **{
        ("reaper", f"s3:{action}", on): _OLD
        for action in ("DeleteObject", "DeleteObjectVersion")
        for on in ("content", "checkpoints")
    },
    **{
        (role, f"sqs:{action}", on): _CDK
        for role, on in (
            ("dispatcher", "agents' queues"),
            ("notifier", "deliveries"),
            ("notifier", "retries"),
            ("reaper", "stopped runs"),
        )
        for action in ("ChangeMessageVisibility", "GetQueueUrl")
    },
    ("execution", "secretsmanager:DescribeSecret", "agents' keys"): _ALSO_CDK,
    (
        "dispatcher",
        "sns:Publish",
        "topic",
    ): "tells of runs refused for good; tests/functions has it",
    (
        "dispatcher",
        "sqs:SendMessage",
        "agents' queues",
    ): "rings for tasks due soon, as the minute does",
    (
        "reaper",
        "s3:GetObject",
        "content",
    ): "reads large webhooks for rules; tests/relay has them",
    ("reaper", "s3:ListBucket", "bucket"): "tells that such content is gone from that it may not",
    (
        "reaper",
        "sqs:SendMessage",
        "retries",
    ): "sends callbacks whose message was lost, after minutes",
    (
        "relay",
        SECRET,
        "app secret",
    ): "the secrets of sources are made with it; tests/relay has them",
    ("migrate", "ssm:PutParameter", "login"): "written by the first deployment, then once a month",
    ("trigger", "lambda:InvokeFunction", "function"): "test_releases deploys without it",
}
"""(role, action, on what) → why nothing here fails without it."""


@pytest.fixture(scope="module")
def deployed(account: EmulatedAccount, release: Release) -> Deployment:
    """In the account of this process, beside which `test_releases` has one of its own."""
    deployment = Deployment(account=account)
    deployment.bootstrap()
    deployment.deploy(release, "deploy")
    deployment.push_images()
    return deployment


@pytest.fixture(scope="module")
def roles(deployed: Deployment) -> Roles:
    """Of its functions and runs."""
    return roles_of(deployed)


def key(grant: Grant) -> tuple[str, str, str]:
    return grant.role, grant.action, grant.on


def test_each_grant_is_in_the_table(roles: Roles) -> None:
    grants = {key(grant) for grant in roles.grants()}
    known = NOTICED_BY.keys() | NOT_SHOWN.keys()
    assert grants - known == set()
    assert known - grants == set()


def chosen(roles: Roles) -> list[Grant]:
    """All, or a seeded sample."""
    grants = [grant for grant in roles.grants() if key(grant) in NOTICED_BY]
    if size() == "sample":
        return random.Random("grants").sample(grants, 8)
    return grants


def place(grant: Grant) -> int:
    """Grants that the same journey notices stand together."""
    return JOURNEYS.index(NOTICED_BY[key(grant)])


def failure(journey: Journey, deployment: Deployment) -> str | None:
    """How the journey fails; None where it does not."""
    try:
        journey(deployment)
    except Exception as failure:  # noqa: BLE001 reason: whatever it is, a user would meet it
        return f"{type(failure).__name__}: {failure}".partition("\n")[0][:120]
    return None


def patience(journey: Journey, deployment: Deployment) -> float:
    """For how many seconds the journey is to wait after a refusal: twice what it takes with
    all grants, now.
    """
    deployment.patience = Patience()
    begun = time.monotonic()
    journey(deployment)
    return min(max(_LEAST_S, 2 * (time.monotonic() - begun)), _MOST_S)


def noticed(grant: Grant, roles: Roles, waiting_s: float) -> str | None:
    """How the journey fails without the grant; None where it does not, or for another reason."""
    deployment, journey = roles.deployment, NOTICED_BY[key(grant)]
    with roles.without(grant) as refusals:
        deployment.patience = Patience(after_refusal_s=waiting_s, refused=refusals.seen)
        how = failure(journey, deployment)
        if how is None or not refusals.seen():
            # A look of the dispatcher that began before may have taken the first task.
            how = failure(journey, deployment)
        seen = refusals.seen()
    cancel_open_tasks(deployment)
    return how if seen else None


def test_without_a_grant_a_journey_fails(
    deployed: Deployment, roles: Roles, report: Report
) -> None:
    unnoticed: list[str] = []
    before = roles.grants()
    of_a_journey = groupby(sorted(chosen(roles), key=place), key=lambda each: NOTICED_BY[key(each)])
    for journey, grants in of_a_journey:
        # With all grants it succeeds, so that it is the missing one that it fails for.
        waiting_s = patience(journey, deployed)
        for grant in grants:
            how = noticed(grant, roles, waiting_s)
            report(f"{grant}: {journey.__name__}: {how or 'NOT NOTICED'}")
            if how is None:
                unnoticed.append(str(grant))
    assert unnoticed == []
    assert roles.grants() == before
