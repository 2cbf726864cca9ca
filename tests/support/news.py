"""What tests about news look at."""

from __future__ import annotations

from typing import Any

from aiwebhook.commands.base import Reply
from tests.support.commands import CommandDriver


def read(driver: CommandDriver, session_id: str | None = "s", **more: Any) -> Reply:
    """Any reply of a read."""
    command = "list_sessions" if session_id is None else "get_session_summary"
    return driver.send(command, session_id, **more)


def told(reply: Reply) -> list[str]:
    """The tasks that `updates` are about."""
    return [update["task_id"] for update in reply.updates]


def told_elsewhere(reply: Reply) -> list[str]:
    """The tasks that `elsewhere` is about."""
    return [item["task_id"] for item in reply.elsewhere]
