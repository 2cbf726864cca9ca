"""The demo's GitHub: an issue is labelled, and a rule makes a task of it.

The source and the rule are made for the demo and go with it. The body is GitHub's example of that
event in its fields, signed as GitHub signs.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from aiwebhook.client import Client
from aiwebhook.client.wire import ClientRequest, Wire
from aiwebhook.ids import new_uuid
from aiwebhook_cli.demo.failure import DemoFailed

Json = dict[str, Any]
ISSUE: Json = {
    "action": "labeled",
    "issue": {
        "number": 1,
        "title": "Which database do we use for the shipments?",
        "body": "And why? I was not in the meeting.",
        "user": {"login": "octocat", "type": "User"},
        "author_association": "OWNER",
    },
    "label": {"name": "agent"},
    "repository": {"full_name": "octo/shipments"},
    "sender": {"login": "octocat", "type": "User"},
}


@contextmanager
def labelled_issue(client: Client, session_id: str) -> Generator[str]:
    """The id of the task that comes of it. Raises DemoFailed."""
    source: Json = client.post("/v1/sources", {"kind": "github", "description": "the demo"})
    source_path = f"/v1/sources/{source['source_id']}"
    rule = rule_for(source["source_id"], session_id)
    try:
        client.post("/v1/rules", rule)
        delivery_id = _send(client.base_url, source)
        found: Json = client.get(f"/v1/rules/{rule['rule_id']}/runs")
        runs = {run["delivery_id"]: run for run in found["items"]}
        if delivery_id not in runs or runs[delivery_id]["status"] != "started":
            raise DemoFailed("GitHub's webhook came in, but the rule made no task of it.")
        yield str(runs[delivery_id]["task_id"])
    finally:
        client.delete(f"/v1/rules/{rule['rule_id']}")
        client.delete(source_path)


def rule_for(source_id: str, session_id: str) -> Json:
    """When an issue is labelled `agent`: the researcher, in the session of the meeting."""
    return {
        "rule_id": f"demo-{new_uuid()}",
        "description": "the demo",
        "source": source_id,
        "event": "issues",
        "when": [
            {"pointer": "/action", "equals": "labeled"},
            {"pointer": "/label/name", "equals": "agent"},
        ],
        "task": {
            "agent_name": "researcher",
            "instructions": "Which database do we use for the shipments, and why?",
            "fields": ["/issue/title", "/issue/body"],
            "session_id": session_id,
        },
    }


def _send(base_url: str, source: Json) -> str:
    """As GitHub does. Raises DemoFailed."""
    body = json.dumps(ISSUE).encode()
    signature = hmac.new(str(source["secret"]).encode(), body, hashlib.sha256).hexdigest()
    wire = Wire(base_url)
    try:
        answer = wire.exchange(
            ClientRequest(
                method="POST",
                target=f"/webhook/{source['source_id']}",
                headers={
                    "Content-Type": "application/json",
                    "X-GitHub-Event": "issues",
                    "X-GitHub-Delivery": new_uuid(),
                    "X-Hub-Signature-256": f"sha256={signature}",
                },
                body=body,
                timeout_s=10.0,
            )
        )
    finally:
        wire.close()
    if answer.status != 202:
        raise DemoFailed(f"GitHub's webhook was answered {answer.status}.")
    return str(json.loads(answer.content)["delivery_id"])
