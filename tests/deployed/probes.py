"""What the short journeys set up, and what they look at behind the API."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from aiwebhook.client import Client
from aiwebhook.errors import AiWebhookError
from tests.deployed import journeys
from tests.deployed.deployment import Deployment
from tests.support.commands import any_name
from tests.support.tenant import rows

_BEFORE_THE_SWEEP_S = 10
LARGE = "0123456789abcdef" * 20_000


def new_session(client: Client) -> str:
    """Its id."""
    session = any_name("session")
    client.create_session(session, title="A session")
    return session


def large_artifact(client: Client, session: str) -> str:
    """Put by command; its id."""
    made = {"name": any_name("a"), "type": "note", "content": LARGE}
    return str(client.command("add_artifact", session, made)["data"]["artifact_id"])


def log_lines(deployment: Deployment, group: str) -> int:
    """How many a log group has."""
    client = deployment.account.client("logs")
    return len(client.filter_log_events(logGroupName=group)["events"])


@contextmanager
def nothing_left(deployment: Deployment, kind: str, *, at_all: bool = False) -> Generator[None]:
    """What the block has to tell is told soon after it; `at_all`: older things, too."""
    newest = "SELECT coalesce(max(outbox_id), 0) AS id FROM outbox"
    since = 0 if at_all else rows(deployment.dsn, newest)[0]["id"]
    yield
    query = "SELECT outbox_id FROM outbox WHERE kind = %(kind)s AND outbox_id > %(since)s"
    deployment.patience.eventually(
        lambda: not rows(deployment.dsn, query, kind=kind, since=since),
        within_s=_BEFORE_THE_SWEEP_S,
    )


def cancel_open_tasks(deployment: Deployment) -> None:
    """What journeys that failed left open: a worker would claim it in place of the next one's."""
    query = "SELECT task_id FROM tasks WHERE status IN ('pending', 'claimed', 'running')"
    left = rows(deployment.dsn, query)
    if not left:
        return
    with deployment.client() as client:
        for task in left:
            with suppress(AiWebhookError):  # it has ended meanwhile
                client.change_task(task["task_id"], "cancel")


@contextmanager
def rung(deployment: Deployment, agent: str) -> Generator[None]:
    """The agent's queue gets a message soon after the block. A wake-up has no row in the outbox, so
    that Lambda takes none out of the queue meanwhile.
    """
    queues, functions = (deployment.account.client(name) for name in ("sqs", "lambda"))
    url = json.loads(deployment.outputs()["AgentQueues"])[agent]
    names = ["ApproximateNumberOfMessages", "QueueArn"]

    def looked() -> dict[str, str]:
        return queues.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]

    before = looked()
    mappings = functions.list_event_source_mappings(EventSourceArn=before["QueueArn"])
    mapping = mappings["EventSourceMappings"][0]["UUID"]
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        waiting = int(looked()[names[0]])
        yield
        deployment.patience.eventually(
            lambda: int(looked()[names[0]]) > waiting, within_s=_BEFORE_THE_SWEEP_S
        )
    finally:
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def leave_unsent(deployment: Deployment, kind: str) -> None:
    """As a function leaves it that dies after its commit."""
    rows(
        deployment.dsn,
        "INSERT INTO outbox (project_id, kind, destination, event_no, created_at)"
        " SELECT 'default', %(kind)s, CASE %(kind)s WHEN 'wake' THEN 'researcher' END,"
        " CASE %(kind)s WHEN 'publish' THEN (SELECT max(event_no) FROM events) END,"
        " now() - interval '1 minute'",
        kind=kind,
    )


@contextmanager
def noted_to_stop(deployment: Deployment) -> Generator[None]:
    """As a run is noted whose lease the server ended."""
    cluster = deployment.outputs()["ClusterArn"]
    run = f"{cluster.replace(':cluster/', ':task/')}/{'0' * 32}"
    query = "INSERT INTO runs_to_stop (attempt_id, runtime_ref) VALUES (%(id)s, %(run)s)"
    rows(deployment.dsn, query, id=any_name("att"), run=run)
    yield
    left = rows(deployment.dsn, "SELECT * FROM runs_to_stop WHERE runtime_ref = %(run)s", run=run)
    rows(deployment.dsn, "DELETE FROM runs_to_stop WHERE runtime_ref = %(run)s", run=run)
    assert not left


@contextmanager
def worker_run(client: Client) -> Generator[Any]:
    """A worker's run of the agent local."""
    given = {"action_type": "shell", "params": {"command": "true"}}
    journeys.delegated(client, "local", input=given, max_attempts=2)
    run = client.claim_run(worker_id=any_name("worker"), agents=["local"], wait_s=10)
    assert run is not None
    with run:
        yield run


def empty_bucket(deployment: Deployment) -> None:
    """Delete all content."""
    bucket = deployment.outputs()["ArtifactBucketName"]
    client = deployment.account.client("s3")
    for each in client.list_objects_v2(Bucket=bucket, Prefix="content/").get("Contents", []):
        client.delete_object(Bucket=bucket, Key=each["Key"])
