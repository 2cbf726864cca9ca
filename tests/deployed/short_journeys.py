"""Journeys of a few calls each: what is missing shows in one of them within seconds."""

# reason: a list, of what the table of grants names

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from aiwebhook.client.api import STANDS_STILL, Client
from aiwebhook.client.contents import download, put
from aiwebhook.errors import NotFound
from tests.deployed import journeys
from tests.deployed.deployment import Deployment
from tests.deployed.probes import (
    LARGE,
    empty_bucket,
    large_artifact,
    leave_unsent,
    log_lines,
    new_session,
    noted_to_stop,
    nothing_left,
    rung,
    worker_run,
)
from tests.support.commands import any_name
from tests.support.github_api import TOKEN, GithubTwin, answering, running_github
from tests.support.loopback import Service, answer, read_request, service
from tests.support.receiver import Callback, Receiver, running_receiver
from tests.support.tenant import rows

Journey = Callable[[Deployment], Any]
DESK = "The desk of this test"
_MEMORY = {"type": "fact", "content": "Kept for good"}


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
    with deployment.client() as client:
        session = new_session(client)
        with nothing_left(deployment, "publish"):
            client.command("store_memory", session, _MEMORY)


def resource_is_told(deployment: Deployment) -> None:
    """The same for a call of the session API."""
    with deployment.client() as client:
        session = new_session(client)
        with nothing_left(deployment, "publish"):
            client.store_memory(session, **_MEMORY)


def command_rings(deployment: Deployment) -> None:
    """A task that was delegated to the relay rings its agent's queue."""
    with deployment.client() as client, rung(deployment, "researcher"):
        journeys.delegated(client, "researcher")


def resource_rings(deployment: Deployment) -> None:
    """The same for the session API."""
    with deployment.client() as client, rung(deployment, "researcher"):
        session = new_session(client)
        client.delegate_task(session, agent_name="researcher", description="What is it?")


def run_on_fargate(deployment: Deployment) -> None:
    """A task comes to its end in a container, and its log has a line."""
    with deployment.client() as client:
        task_id = journeys.delegated(client, "researcher", max_attempts=1)
        task = ended(deployment, client, task_id)
        assert task["status"] == "completed", task


def ended(deployment: Deployment, client: Client, task_id: str) -> Any:
    """The task, once it ended."""

    def task() -> Any:
        found = client.task(task_id)
        return found if found["status"] in STANDS_STILL else None

    return deployment.patience.eventually(task, every_s=0.2)


def log_of_a_run(deployment: Deployment) -> None:
    """Its containers write to the log."""
    group = deployment.resource("RunnerLogs")
    before = log_lines(deployment, group)
    run_on_fargate(deployment)
    assert log_lines(deployment, group) > before


def lease_token(deployment: Deployment) -> None:
    """A run's lease is sealed with the deployment's own key."""
    with deployment.client() as client, worker_run(client) as run:
        run.complete(output={"exit_code": 0})


def checkpoint(deployment: Deployment) -> None:
    """An archive is kept for the next attempt, and read by it."""
    content = b"an archive"
    digest = hashlib.sha256(content).hexdigest()
    with deployment.client() as client, TemporaryDirectory() as folder, worker_run(client) as run:
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
        session = new_session(client)
        made = large_artifact(client, session)
        read = client.command("get_artifact", session, {"artifact_id": made})
        assert read["data"]["content"] == LARGE, str(read)[:500]


def large_resource(deployment: Deployment) -> None:
    """The session API does, too."""
    with deployment.client() as client:
        session = new_session(client)
        made = client.add_artifact(session, name=any_name("a"), type="note", content=LARGE)
        assert client.artifact(made["artifact_id"])["content"] == LARGE


def lost_content_by_command(deployment: Deployment) -> None:
    """The relay tells that content is gone from that it may not read it."""
    with deployment.client() as client:
        session = new_session(client)
        made = large_artifact(client, session)
        empty_bucket(deployment)
        with pytest.raises(NotFound):
            client.command("get_artifact", session, {"artifact_id": made})


def lost_content_by_resource(deployment: Deployment) -> None:
    """So does the session API."""
    with deployment.client() as client:
        made = large_artifact(client, new_session(client))
        empty_bucket(deployment)
        with pytest.raises(NotFound):
            client.artifact(made)


def ping(deployment: Deployment) -> None:
    """A trial callback is sent at once."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        made = client.post("/v1/endpoints", {"url": receiver.url(path)})
        client.post(f"/v1/endpoints/{made['endpoint_id']}/ping")
        arrived(deployment, receiver, lambda each: each.path == path)


def run_of_a_model(deployment: Deployment) -> None:
    """A task whose gateway gets a provider's key comes as far as its container."""
    with deployment.client() as client:
        task_id = journeys.delegated(client, "codex", max_attempts=1)
        task = ended(deployment, client, task_id)
        assert "ResourceInitialization" not in str(task), task
        assert any("started_at" in run for run in task["runs"]), task


def minute(deployment: Deployment) -> Any:
    """What the reaper's schedule does."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event"}
    return deployment.invoke("reaper", event)


def sweep(deployment: Deployment) -> None:
    """The reaper looks through the bucket, where an hour has gone by since it did."""
    rows(deployment.dsn, "UPDATE blob_sweep SET began_at = 'epoch', leased_until = 'epoch'")
    assert "blobs_seen" in minute(deployment)


def reaper_tells(deployment: Deployment) -> None:
    """What nobody told, the reaper tells."""
    resource(deployment)  # which is an event to tell of
    leave_unsent(deployment, "publish")
    with nothing_left(deployment, "publish", at_all=True):
        minute(deployment)


def reaper_rings(deployment: Deployment) -> None:
    """Whom nobody rang, the reaper rings."""
    leave_unsent(deployment, "wake")
    with nothing_left(deployment, "wake", at_all=True):
        minute(deployment)


def reaper_stops(deployment: Deployment) -> None:
    """The reaper has ECS stop what is noted."""
    with noted_to_stop(deployment):
        minute(deployment)


def taken_from(queue: Callable[[Deployment], str]) -> Journey:
    """Lambda takes a message out of the queue."""

    def taken(deployment: Deployment) -> None:
        client, url = deployment.account.client("sqs"), queue(deployment)
        client.send_message(QueueUrl=url, MessageBody="{}")
        names = ["ApproximateNumberOfMessages"]

        def none_waits() -> bool:
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
            return found["Attributes"][names[0]] == "0"

        deployment.patience.eventually(none_waits)

    return taken


def dispatcher_stops(deployment: Deployment) -> None:
    """So does the dispatcher, whenever it looks."""
    with noted_to_stop(deployment):
        dispatcher_looks(deployment)


def callback(deployment: Deployment) -> None:
    """An event reaches its receiver."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        client.post("/v1/endpoints", {"url": receiver.url(path)})
        journeys.worker_job(deployment)
        arrived(deployment, receiver, lambda each: each.path == path)


def arrived(
    deployment: Deployment,
    receiver: Receiver,
    wanted: Callable[[Callback], bool],
    *,
    count: int = 1,
) -> list[Callback]:
    """The first `count` callbacks that are wanted."""
    return deployment.patience.eventually(lambda: receiver.arrived(wanted, count))


def callback_again(deployment: Deployment) -> None:
    """What a receiver refused comes again some seconds later, by a message of its own."""
    with running_receiver() as receiver, deployment.client() as client:
        path = f"/{any_name('callbacks')}"
        receiver.answers = [500]
        client.post("/v1/endpoints", {"url": receiver.url(path)})
        journeys.worker_job(deployment)
        [first] = arrived(deployment, receiver, lambda each: each.path == path)

        def is_first(each: Callback) -> bool:
            return each.webhook_id == first.webhook_id

        arrived(deployment, receiver, is_first, count=2)


def client_document(deployment: Deployment) -> None:
    """A program that names itself by the address of a document is read about there."""
    with service(answer_with_document) as publisher:
        client_id = f"{publisher.url}/client.json"
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": f"{publisher.url}/callback",
            "state": any_name("state"),
            "code_challenge": "c" * 43,
            "code_challenge_method": "S256",
            "resource": f"{deployment.outputs()['PublicUrl']}/mcp",
        }
        page = httpx.get(f"{deployment.url}/authorize", params=asked, timeout=30)
    assert page.status_code == 200, page.text
    assert DESK in page.text, page.text


def answer_with_document(publisher: Service, connection: socket.socket) -> None:
    """Of a client at this address."""
    read_request(connection)
    said = {
        "client_id": f"{publisher.url}/client.json",
        "client_name": DESK,
        "redirect_uris": [f"{publisher.url}/callback"],
    }
    connection.sendall(answer(200, json.dumps(said)))


def schema(deployment: Deployment) -> None:
    """Migrate reaches the database."""
    assert deployment.invoke("migrate", {})["applied"] == []


def dispatcher_looks(deployment: Deployment) -> None:
    """A message of an agent's queue."""
    look = json.dumps({"project_id": "default", "agent_name": "researcher"})
    deployment.invoke("dispatcher", {"Records": [{"messageId": "1", "body": look}]})


def reconciler_looks(deployment: Deployment) -> Any:
    """What the reconciler's schedule does."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event"}
    return deployment.invoke("reconciler", event)


def reconciler_asks(deployment: Deployment) -> None:
    """It opens the token of a source and has GitHub send again what never arrived."""
    with reconciled_source(deployment) as github:
        github.receive = answering(500)
        github.send("lost")
        reconciler_looks(deployment)
        assert github.asked() == ["lost"]


def reconciler_keeps(deployment: Deployment) -> None:
    """What is too large to be sent is read, and lies in the bucket."""
    with reconciled_source(deployment) as github:
        github.receive = answering(413)
        github.send("large", json.dumps({"text": "x" * 300_000}).encode())
        assert reconciler_looks(deployment)["deliveries_fetched"] == 1


@contextmanager
def reconciled_source(deployment: Deployment) -> Generator[GithubTwin]:
    """A source about which GitHub is asked, for as long as it lasts."""
    with running_github(answering(500)) as github, deployment.client() as client:
        source = client.post("/v1/sources", {"kind": "github"})["source_id"]
        path = f"/v1/sources/{source}/reconciliation"
        client.post(path, {"hook": github.hook, "token": TOKEN, "api_url": github.url})
        try:
            yield github
        finally:
            client.delete(path)


webhook_of_github = journeys.webhook_of_github
CALLS: dict[str, Journey] = {
    "relay": command,
    "session_api": resource,
    "dispatcher": dispatcher_looks,
    "reaper": minute,
    "notifier": callback,
    "outbound": callback,
    "reconciler": reconciler_looks,
    "migrate": schema,
}
"""Of each function one that it logs."""


def log_of(function: str, call: Journey) -> Journey:
    """The function's log has more lines after the call."""

    def log(deployment: Deployment) -> None:
        config = deployment.configuration(function)
        group = config["LoggingConfig"]["LogGroup"]
        before = log_lines(deployment, group)
        call(deployment)
        deployment.patience.eventually(lambda: log_lines(deployment, group) > before)

    return log


def network_of(function: str) -> Journey:
    """Lambda can put the function into its subnets."""

    def network(deployment: Deployment) -> None:
        ec2 = deployment.account.client("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        deployment.account.client("lambda").update_function_configuration(
            FunctionName=deployment.functions()[function],
            VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
        )

    return network
