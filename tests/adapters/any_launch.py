"""A launch in which nothing matters but what a test says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiwebhook.domain.agent import AgentManifest
from aiwebhook.domain.run import LeasedTask
from aiwebhook_runner.adapters import CliTurn, Launch, ModelAccess, adapter_for
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.process.workspace import Workspace

PROVIDER = {
    "claude_code": "anthropic",
    "codex": "openai",
    "gemini": "google",
    "opencode": "anthropic",
}
SESSION_ID = "11111111-2222-4333-8444-555555555555"
TOKEN = "run-token-of-this-test"


def any_manifest(kind: str, **changes: Any) -> AgentManifest:
    """A valid manifest of this kind."""
    fields = {"name": "any_agent", "kind": kind, "description": "Any."} | changes
    return AgentManifest.from_mapping(fields, source="test")


def any_run(agent: AgentManifest, **changes: Any) -> LeasedTask:
    """A task for this agent."""
    fields: dict[str, Any] = {
        "task_id": "task_any",
        "session_id": "any_session",
        "project_id": "default",
        "attempt_id": "attempt_any",
        "lease_epoch": 1,
        "lease_token": "lease",
        "heartbeat_s": 20.0,
        "agent": agent,
        "task_type": "any",
        "description": "Do the task.",
        "input": {},
        "timeout_s": 60.0,
        "correlation_id": "req_any",
    }
    return LeasedTask(**(fields | changes))


def any_launch(
    kind: str,
    folder: Path,
    *,
    path: str,
    turn: CliTurn | None = None,
    base_url: str = "http://127.0.0.1:8788/provider",
    environment: Mapping[str, str] | None = None,
    **manifest: Any,
) -> Launch:
    """Of turn 1, in a workspace at `folder`, with `path` as the PATH."""
    workspace = Workspace(root=folder)
    agent = any_manifest(kind, **manifest)
    return Launch(
        run=any_run(agent),
        context={},
        workspace=workspace,
        environment={
            "PATH": path,
            "HOME": str(workspace.home),
            "TMPDIR": str(workspace.tmp),
            "LANG": "C.UTF-8",
            **(environment or {}),
        },
        turn=turn or CliTurn(number=1, prompt="Do the task.", session_id=SESSION_ID),
        model=ModelAccess(provider=PROVIDER[kind], base_url=base_url, token=TOKEN),
    )


def spec_of_kind(kind: str, folder: Path, **launch: Any) -> LaunchSpec:
    """What the adapter wants started."""
    built = any_launch(kind, folder / "run", **launch)
    return adapter_for(built.run.agent).launch(built)


def path_with(name: str, folder: Path) -> str:
    """A PATH on which something is called `name`."""
    program = folder / "bin" / name
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program.parent)
