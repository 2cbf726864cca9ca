"""What a deployment has to do, as its users meet it: through the deployed API alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx

from aiwebhook.client import Client
from aiwebhook.ids import new_uuid
from tests.deployed.deployment import Deployment
from tests.support.commands import any_name
from tests.support.receiver import running_receiver

Json = dict[str, Any]
Journey = Callable[[Deployment], None]
_SAID = "Ana: We decided to use Postgres. Ben: I will write the migration until Friday."


def main_job(deployment: Deployment) -> None:
    """Session → words → agent on Fargate → artifact, signed callback, updates."""
    with running_receiver() as receiver, deployment.client() as client:
        endpoint = client.post("/v1/endpoints", {"url": receiver.url(any_name("/callbacks"))})
        session = any_name("session")
        client.command("create_session", session, {"title": "A meeting"})
        client.command("append_conversation", session, {"content": _SAID})
        task = client.wait_for_task(_delegated(client, session, "researcher"), timeout_s=90)
        assert task["status"] == "completed", task
        [listed] = client.artifacts(session, task_id=task["task_id"])["artifacts"]
        assert "Postgres" in client.artifact(listed["artifact_id"])["content"]
        told = receiver.wait_for(lambda c: c.task_id == task["task_id"], within_s=40)
        told[0].verify(endpoint["secret"])
        reply = client.command("list_memories", session, {})
        assert task["task_id"] in [update.get("task_id") for update in reply["updates"]], reply
        client.delete(f"/v1/endpoints/{endpoint['endpoint_id']}")


def worker_job(deployment: Deployment) -> None:
    """A task that a worker elsewhere claims, and completes."""
    with deployment.client() as client:
        session = any_name("session")
        client.command("create_session", session, {"title": "A terminal"})
        given = {"action_type": "shell", "params": {"command": "true"}}
        task_id = _delegated(client, session, "local", input=given)
        claimed = client.claim_run(worker_id=any_name("worker"), agents=["local"], wait_s=10)
        assert claimed is not None
        with claimed as run:
            assert run.heartbeat() is False
            run.complete(output={"exit_code": 0})
        assert client.task(task_id)["status"] == "completed"


def webhook_of_github(deployment: Deployment) -> None:
    """A signed delivery is accepted, an unsigned one is not."""
    arn = deployment.outputs()["GithubSecretArn"]
    secret = {"project_id": "default", "secrets": ["the secret of the webhook"]}
    deployment.account.client("secretsmanager").put_secret_value(
        SecretId=arn, SecretString=json.dumps(secret)
    )
    body = b'{"ref": "refs/heads/main"}'
    digest = hmac.new(secret["secrets"][0].encode(), body, hashlib.sha256).hexdigest()
    for signature, status in ((f"sha256={digest}", 202), (f"sha256={digest[::-1]}", 403)):
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(new_uuid()),
            "X-GitHub-Hook-ID": "4711",
            "X-Hub-Signature-256": signature,
        }
        answer = httpx.post(f"{deployment.url}/webhook", content=body, headers=headers, timeout=40)
        assert answer.status_code == status, answer.text


def large_content(deployment: Deployment) -> None:
    """What is too large for a row is kept in the bucket, and read back."""
    with deployment.client() as client:
        session = any_name("session")
        client.command("create_session", session, {"title": "A long text"})
        text = "0123456789abcdef" * 20_000
        client.command("append_conversation", session, {"content": text})
        made = client.add_artifact(session, name="long.txt", type="note", content=text)
        assert client.artifact(made["artifact_id"])["content"] == text


def minute_of_the_reaper(deployment: Deployment) -> None:
    """What the schedule does."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event"}
    assert deployment.invoke("reaper", event) is not None


def delegated(client: Client, agent: str, **fields: Any) -> str:
    """The id of a task in a session of its own."""
    session = any_name("session")
    client.command("create_session", session, {"title": "A session"})
    return _delegated(client, session, agent, **fields)


def _delegated(client: Client, session: str, agent: str, **fields: Any) -> str:
    data = {"agent_name": agent, "description": "What did we decide?", **fields}
    return str(client.command("delegate_task", session, data)["data"]["task_id"])


ALL = (main_job, worker_job, webhook_of_github, large_content, minute_of_the_reaper)
