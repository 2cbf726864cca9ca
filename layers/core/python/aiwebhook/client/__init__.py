"""The HTTP client of AI Webhook: for the CLI, workers, examples, demo and load test.

It depends on the wire format only: of this package it imports just `errors` and `ids`. Every
failure, of either side, is raised as an error of `aiwebhook.errors`.

    with Client("http://127.0.0.1:8787", api_key="aiw_…") as client:
        client.command("create_session", "carbon_planning", {"title": "Carbon tracking"})
        task = client.delegate_task("carbon_planning", agent_name="researcher", description="…")
        print(client.wait_for_task(task["task_id"], timeout_s=120)["status"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.client.api import Client
from aiwebhook.client.retry import RetryPolicy
from aiwebhook.client.transport import Json, Success, TransportOptions

if TYPE_CHECKING:
    from aiwebhook.client.runs import Run

__all__ = ["Client", "Json", "RetryPolicy", "Run", "Success", "TransportOptions"]


def __getattr__(name: str) -> object:
    """Import `Run` on first use: only workers need it, and it would slow down the command line."""
    if name != "Run":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aiwebhook.client.runs import Run  # noqa: PLC0415 as the docstring says

    return Run
