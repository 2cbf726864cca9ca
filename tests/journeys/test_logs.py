"""Logs: one correlation id through every hop, and nothing in them that was said or is secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiwebhook.domain.lease import LeaseKeys
from aiwebhook_local.stack import StackInfo
from tests.support.agents import QUICK
from tests.support.commands import any_name
from tests.support.receiver import Receiver
from tests.support.tenant import Tenant
from tests.support.waiting import eventually

CANARY = "canary-7e57ab1e-said-by-somebody"
HOPS = {"relay", "dispatcher", "runner", "session_api", "notifier"}


def lines_of(logs: Path) -> list[dict[str, Any]]:
    """Every JSON line of every part."""
    texts = [line for file in logs.glob("*.log") for line in file.read_text().splitlines()]
    return [json.loads(text) for text in texts if text.startswith('{"')]


def post_command(project: Tenant, correlation_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """A command of a caller that brings a correlation id of its own."""
    headers = {"Authorization": f"Bearer {project.key}", "X-Correlation-Id": correlation_id}
    url = f"{project.client.base_url}/webhook"
    answer = httpx.post(url, json=body, headers=headers, timeout=30)
    assert answer.headers["X-Correlation-Id"] == correlation_id, answer.text
    return answer.json()["data"]


@pytest.mark.req("O3")
def test_one_correlation_id_leads_through_every_hop_to_the_callback(
    stack: StackInfo, project: Tenant, receiver: Receiver
) -> None:
    project.play("researcher", QUICK)
    project.client.post("/v1/endpoints", {"url": receiver.url()})
    session_id = project.session()
    correlation_id = any_name("journey")
    data = {"agent_name": "researcher", "description": "Anything."}
    body = {"command": "delegate_task", "session_id": session_id, "data": data}

    task_id = post_command(project, correlation_id, body)["task_id"]

    callback = receiver.of_task(task_id, "task.completed")
    assert callback.document["data"]["correlation_id"] == correlation_id

    def hops() -> set[str]:
        lines = lines_of(stack.home.logs)
        return {line["service"] for line in lines if line.get("correlation_id") == correlation_id}

    eventually(lambda: hops() >= HOPS or None)


@pytest.mark.req("O3", "O7")
def test_no_log_holds_anything_that_was_said_or_is_secret(
    stack: StackInfo, project: Tenant, receiver: Receiver
) -> None:
    project.play("researcher", QUICK)
    endpoint = project.client.post("/v1/endpoints", {"url": receiver.url(f"/{CANARY}")})
    session_id = project.session(context=CANARY)
    project.client.append_conversation(session_id, f"Ana: {CANARY}")
    project.client.store_memory(session_id, type="note", content=CANARY)
    task_id = project.delegate(
        session_id, "researcher", description=CANARY, input_data={"text": CANARY}
    )
    receiver.of_task(task_id, "task.completed", path=f"/{CANARY}")
    bad = {"command": "store_memory", "session_id": session_id, "data": {"type": CANARY}}
    refused = httpx.post(
        f"{stack.url}/webhook", json=bad, headers={"X-API-Key": project.key}, timeout=30
    )
    assert refused.status_code == 422

    secrets = json.loads((stack.home.root / "secrets.json").read_text())
    keys = LeaseKeys(secrets["master_key"])
    attempts = project.sql(
        "SELECT attempt_name(attempt_id, claimed_at, lease_epoch) AS attempt_id FROM task_attempts"
        " WHERE task_id = %(t)s",
        t=task_id,
    )
    forbidden = {
        "what was said": CANARY,
        "the project's key": project.key,
        "the stack's key": stack.api_key,
        "the callback secret": endpoint["secret"],
        **{name: str(value) for name, value in secrets.items()},
        **{row["attempt_id"]: keys.bootstrap_code(row["attempt_id"]) for row in attempts},
    }
    found = {
        (file.name, name)
        for file in stack.home.logs.iterdir()
        for name, secret in forbidden.items()
        if secret in file.read_text(errors="replace")
    }
    assert found == set()


@pytest.mark.req("O3")
def test_commands_launches_runs_and_callbacks_each_leave_a_line_and_a_metric(
    stack: StackInfo,
) -> None:
    """Runs last in this file: it reads what the journeys before it have left behind."""
    lines = lines_of(stack.home.logs)
    said = {(line["service"], line["message"]) for line in lines if "message" in line}
    assert {
        ("relay", "command"),
        ("dispatcher", "run launched"),
        ("runner", "run_started"),
        ("runner", "run_ended"),
        ("notifier", "callback attempted"),
    } <= said
    metrics = {
        metric["Name"]
        for line in lines
        for group in line.get("_aws", {}).get("CloudWatchMetrics", ())
        for metric in group["Metrics"]
    }
    assert {"commands", "command_ms", "runs_launched"} <= metrics
