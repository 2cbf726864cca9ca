"""The `task_command` of docs/wire.md, posted as its clients post it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.tenant import Tenant

GIT_STATUS: dict[str, Any] = {
    "type": "task_command",
    "sync": True,
    "data": {
        "task_id": "git_status_001",
        "action_type": "git",
        "params": {"command": ["git", "status"], "working_dir": ".", "timeout": 30},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowAnswer:
    """A request that the service may hold for 25 s."""

    project: Tenant
    answer: Future[httpx.Response]


def post_task_command(project: Tenant) -> httpx.Response:
    """Wait for the answer as long as the service may take."""
    return httpx.post(
        f"{project.client.base_url}/webhook",
        json=GIT_STATUS,
        headers={"X-API-Key": project.key},
        timeout=40,
    )
