"""Journeys of a few calls each: what is missing shows in one of them within seconds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from aiwebhook.client import Client
from aiwebhook.client.contents import download, put
from aiwebhook.errors import NotFound
from tests.deployed import journeys
from tests.deployed.deployment import Deployment
from tests.support.commands import any_name
from tests.support.receiver import Callback, running_receiver
from tests.support.tenant import rows
from tests.support.waiting import eventually

Json = dict[str, Any]
_LARGE = "0123456789abcdef" * 20_000
_WITHIN_S = 15.0
_RUN_S = 40.0


def command(deployment: Deployment) -> None:
    """A command to the relay."""
    with deployment.client() as client:
        client.command("create_session", any_name("session"), {"title": "A session"})


def resource(deployment: Deployment) -> None:
    """A call of the session API."""
    with deployment.client() as client:
        client.create_session(any_name("session"), title="A session")


def command_is_told(deployment: Deployment) -> None:
    """What a command has to tell is told with its reply, not by the next sweep."""
    with deployment.client() as client, _nothing_left(deployment, "publish"):
        client.command("create_session", any_name("session"), {"title": "A session"})


def resource_is_told(deployment: Deployment) -> None:
    """The same for a call of the session API."""
    with deployment.client() as client, _nothing_left(deployment, "publish"):
        client.create_session(any_name("session"), title="A session")


def command_rings(deployment: Deployment) -> None:
    """A task that was delegated to the relay rings its agent's queue."""
    with deployment.client() as client, _nothing_left(deployment, "wake"):
        journeys.delegated(client, "researcher")


def resource_rings(deployment: Deployment) -> None:
    """The same for the session API."""
    with deployment.client() as client, _nothing_left(deployment, "wake"):
        session = any_name("session")
        client.create_session(session, title="A session")
        client.delegate_task(session, agent_name="researcher", description="What is it?")


def run_on_fargate(deployment: Deployment) -> None:
    """A task comes to its end in a container, and its log has a line."""
    with deployment.client() as client:
        task_id = journeys.delegated(client, "researcher", max_attempts=1)
        task = client.wait_for_task(task_id, timeout_s=_RUN_S)
        assert task["status"] == "completed", task


def log_of_a_run(deployment: Deployment) -> None:
    """Its containers write to the log."""
    group = deployment.resource("RunnerLogs")
    before = _lines(deployment, group)
    run_on_fargate(deployment)
    assert _lines(deployment, group) > before


def lease_token(deployment: Deployment) -> None:
    """A run's lease is sealed with the deployment's own key."""
    with deployment.client() as client, _claimed(client) as run:
        run.complete(output={"exit_code": 0})


def checkpoint(deployment: Deployment) -> None:
    """An archive is kept for the next attempt, and read by it."""
    content = b"an archive"
    digest = hashlib.sha256(content).hexdigest()
    with deployment.client() as client, TemporaryDirectory() as folder, _claimed(client) as run:
        path = Path(folder) / "archive"
        path.write_bytes(content)
        put(run.request_upload(sha256=digest, size=len(content), purpose="checkpoint"), path)
        run.save_checkpoint(data={"note": 1}, content_sha256=digest, size=len(content))
        run.release()
        again = client.claim_run(worker_id=any_name("worker"), agents=["local"], wait_s=10)
        assert again is not None
        with again:
            download(str(again.input["checkpoint"]["url"]), path)
            assert path.read_bytes() == content
            again.complete(output={"exit_code": 0})


def large_command(deployment: Deployment) -> None:
    """The relay keeps and reads what is too large for a row."""
    with deployment.client() as client:
        session = _session(client)
        made = _artifact(client, session)
        read = client.command("get_artifact", session, {"artifact_id": made})
        assert read["data"]["content"] == _LARGE, str(read)[:500]


def large_resource(deployment: Deployment) -> None:
    """The session API does, too."""
    with deployment.client() as client:
        session = _session(client)
        made = client.add_artifact(session, name=any_name("a"), type="note", content=_LARGE)
        assert client.artifact(made["artifact_id"])["content"] == _LARGE


def lost_content_by_command(deployment: Deployment) -> None:
    """The relay tells that content is gone from that it may not read it."""
    with deployment.client() as client:
        session = _session(client)
        made = _artifact(client, session)
        _empty(deployment)
        with pytest.raises(NotFound):
            client.command("get_artifact", session, {"artifact_id": made})


def lost_content_by_resource(deployment: Deployment) -> None:
    """So does the session API."""
    with deployment.client() as client:
        made = _artifact(client, _session(client))
        _empty(deployment)
        with pytest.raises(NotFound):
            client.artifact(made)


def ping(deployment: Deployment) -> None:
    """A trial callback is sent at once."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        made = client.post("/v1/endpoints", {"url": receiver.url(path)})
        client.post(f"/v1/endpoints/{made['endpoint_id']}/ping")
        receiver.wait_for(lambda each: each.path == path, within_s=_WITHIN_S)


def run_of_a_model(deployment: Deployment) -> None:
    """A task whose gateway gets a provider's key comes as far as its container."""
    with deployment.client() as client:
        task_id = journeys.delegated(client, "codex", max_attempts=1)
        task = client.wait_for_task(task_id, timeout_s=_RUN_S)
        assert task["error"]["error_class"] not in {"launch", "no_role"}, task


def webhook_of_github(deployment: Deployment) -> None:
    """The relay checks the signature."""
    journeys.webhook_of_github(deployment)


def minute(deployment: Deployment) -> Json:
    """What the reaper's schedule does."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event"}
    return deployment.invoke("reaper", event)


def sweep(deployment: Deployment) -> None:
    """The reaper looks through the bucket."""
    assert "blobs_seen" in minute(deployment)


def reaper_tells(deployment: Deployment) -> None:
    """What nobody told, the reaper tells."""
    _unsent(deployment, "publish")
    with _nothing_left(deployment, "publish"):
        minute(deployment)


def reaper_rings(deployment: Deployment) -> None:
    """Whom nobody rang, the reaper rings."""
    _unsent(deployment, "wake")
    with _nothing_left(deployment, "wake"):
        minute(deployment)


def reaper_stops(deployment: Deployment) -> None:
    """The reaper has ECS stop what is noted."""
    with _to_stop(deployment):
        minute(deployment)


def dispatcher_stops(deployment: Deployment) -> None:
    """So does the dispatcher, whenever it looks."""
    look = json.dumps({"project_id": "default", "agent_name": "researcher"})
    with _to_stop(deployment):
        deployment.invoke("dispatcher", {"Records": [{"messageId": "1", "body": look}]})


def callback(deployment: Deployment) -> None:
    """An event reaches its receiver."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        client.post("/v1/endpoints", {"url": receiver.url(path)})
        journeys.worker_job(deployment)
        receiver.wait_for(lambda each: each.path == path, within_s=_WITHIN_S)


def callback_again(deployment: Deployment) -> None:
    """What a receiver refused comes again some seconds later, by a message of its own."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        receiver.answers = [500]
        client.post("/v1/endpoints", {"url": receiver.url(path)})
        journeys.worker_job(deployment)
        [first] = receiver.wait_for(lambda each: each.path == path, within_s=_WITHIN_S)

        def is_first(each: Callback) -> bool:
            return each.webhook_id == first.webhook_id

        receiver.wait_for(is_first, count=2, within_s=_WITHIN_S)


def schema(deployment: Deployment) -> None:
    """Migrate reaches the database."""
    assert deployment.invoke("migrate", {})["applied"] == []


def _session(client: Client) -> str:
    session = any_name("session")
    client.create_session(session, title="A session")
    return session


def _artifact(client: Client, session: str) -> str:
    made = {"name": any_name("a"), "type": "note", "content": _LARGE}
    return str(client.command("add_artifact", session, made)["data"]["artifact_id"])


def _lines(deployment: Deployment, group: str) -> int:
    client = deployment.account.client("logs")
    return len(client.filter_log_events(logGroupName=group)["events"])


@contextmanager
def _nothing_left(deployment: Deployment, kind: str) -> Generator[None]:
    yield
    query = "SELECT outbox_id FROM outbox WHERE kind = %(kind)s"
    eventually(lambda: not rows(deployment.dsn, query, kind=kind), within_s=3)


def _unsent(deployment: Deployment, kind: str) -> None:
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
def _to_stop(deployment: Deployment) -> Generator[None]:
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
def _claimed(client: Client) -> Generator[Any]:
    """A worker's run of the agent local."""
    given = {"action_type": "shell", "params": {"command": "true"}}
    journeys.delegated(client, "local", input=given, max_attempts=2)
    run = client.claim_run(worker_id=any_name("worker"), agents=["local"], wait_s=10)
    assert run is not None
    with run:
        yield run


def _empty(deployment: Deployment) -> None:
    bucket = deployment.outputs()["ArtifactBucketName"]
    client = deployment.account.client("s3")
    for each in client.list_objects_v2(Bucket=bucket, Prefix="content/").get("Contents", []):
        client.delete_object(Bucket=bucket, Key=each["Key"])
