"""The HTTP client of AI Webhook: for the CLI, workers, examples, demo and load test.

It knows the wire and nothing behind it: of this package it imports `errors` and `ids` only. Every
failure is raised as an error of `aiwebhook.errors`, whichever side it came from.

    with Client("http://127.0.0.1:8787", api_key="aiw_…") as client:
        client.command("create_session", "carbon_planning", {"title": "Carbon tracking"})
        task = client.delegate_task("carbon_planning", agent_name="researcher", description="…")
        print(client.wait_for_task(task["task_id"], timeout_s=120)["status"])
"""

from aiwebhook.client.api import Client
from aiwebhook.client.retry import RetryPolicy
from aiwebhook.client.runs import Run
from aiwebhook.client.transport import Json, Success, TransportOptions

__all__ = ["Client", "Json", "RetryPolicy", "Run", "Success", "TransportOptions"]
