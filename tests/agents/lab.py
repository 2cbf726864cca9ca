"""A running stack whose gateways talk to the scripted provider, and cells played on it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from psycopg.types.json import Jsonb

from aiwebhook.client import Json
from aiwebhook_local.stack import StackInfo
from tests.agents.matrix import Act, Situation
from tests.support.living import GONE, living_in
from tests.support.source_tree import PYTHONPATH
from tests.support.tenant import Tenant, tenant
from tests.support.waiting import eventually

MCP_SERVER = Path(__file__).with_name("lab_mcp_server.py")
SCENARIOS = Path(__file__).with_name("scenarios.json")
_PYTHON = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
"""One that the agent's user can reach: ours may lie in somebody's home."""

MCP_COMMAND = {"command": [_PYTHON, str(MCP_SERVER)]}
PROGRAMS = {"claude_code": "claude", "codex": "codex", "gemini": "gemini", "opencode": "opencode"}
MAX_TURNS = 4
"""Fewer than after which Gemini CLI itself finds that it goes in circles."""
_SIGNALS = {Act.SIGINT: signal.SIGINT, Act.SIGTERM: signal.SIGTERM, Act.SIGKILL: signal.SIGKILL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One cell after its end."""

    task: Json
    events: Sequence[Json] = field(repr=False)
    artifacts: Sequence[Json]
    left: Sequence[str]
    """Command lines of processes of the run that still lived."""

    @property
    def error_class(self) -> str | None:
        """Of the task; None for success."""
        error: Json | None = self.task.get("error")
        return error["error_class"] if error else None

    @property
    def kinds(self) -> set[str]:
        """Kinds of the normalised events."""
        return {e["data"].get("kind", "") for e in self.events if e["type"] == "task.progress"}


class Provider:
    """The scripted provider as a process."""

    def __init__(self, folder: Path, script: Path = SCENARIOS) -> None:
        self.log = folder / "provider.jsonl"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "aiwebhook_local.scripted"),
                *("--log", str(self.log), "--script", str(script)),
            ],
            env={"PATH": os.defpath, "PYTHONPATH": PYTHONPATH},
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"

    def stop(self) -> None:
        """Gone; connections to it are refused from now on."""
        self._process.terminate()
        self._process.communicate(timeout=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """Where cells are played."""

    stack: StackInfo
    provider: Provider
    folder: Path

    def play(self, agent: str, situation: Situation, *, repo: Path | None = None) -> Played:
        """Delegate one task in a project of its own and see it to its end."""
        with tenant(self.stack) as project:
            if situation.scenario == "mcp":
                self.configure(project, agent, mcp_servers={"lab": MCP_COMMAND})
            if situation.scenario == "loop":
                self.configure(project, agent, max_turns=MAX_TURNS)
            session = project.session()
            task_id = self.delegate(project, session, agent, situation, repo=repo)
            folder = run_folder(task_id)
            if situation.act is not None:
                self._act(project, session, task_id, agent, situation.act)
            return self.see_end(project, session, task_id, folder, situation.timeout_s)

    def configure(self, project: Tenant, agent: str, **changes: Any) -> None:
        """Change the agent's manifest in this project."""
        project.sql(
            "UPDATE agents SET manifest = manifest || %(changes)s"
            " WHERE project_id = %(project_id)s AND agent_name = %(agent)s",
            agent=agent,
            changes=Jsonb(changes),
        )

    def delegate(
        self,
        project: Tenant,
        session: str,
        agent: str,
        situation: Situation,
        *,
        repo: Path | None = None,
    ) -> str:
        """The id of the task. One attempt: a retry would play the scenario again."""
        return project.delegate(
            session,
            agent,
            description=f"Do the task. [[scenario:{situation.scenario}]]",
            repo=(repo or any_repository(self.folder)).as_uri(),
            max_attempts=1,
            timeout_s=situation.timeout_s,
        )

    def see_end(
        self, project: Tenant, session: str, task_id: str, folder: Path, timeout_s: int
    ) -> Played:
        """Wait for the end of the task, then look at what is left."""
        task = project.ended(task_id, within_s=timeout_s + 120)
        with suppress(AssertionError):
            eventually(lambda: not living_in(folder), within_s=10)
        return Played(
            task=task,
            events=project.events(session),
            artifacts=project.client.command("list_artifacts", session, {"task_id": task_id})[
                "data"
            ]["artifacts"],
            left=living_in(folder),
        )

    def _act(self, project: Tenant, session: str, task_id: str, agent: str, act: Act) -> None:
        match act:
            case Act.FOLLOW_UP:
                self._until_it_works(project, session)
                message = "Go on. [[scenario:edit2]]"
                project.client.command(
                    "reply_to_task", session, {"task_id": task_id, "message": message}
                )
            case Act.CANCEL:
                self._until_it_works(project, session)
                project.client.command("cancel_task", session, {"task_id": task_id})
            case _:
                self._until_it_works(project, session)
                leader(task_id, agent).send_signal(_SIGNALS[act])

    @staticmethod
    def _until_it_works(project: Tenant, session: str) -> None:
        """The model has answered: opencode tells of a tool only when it has ended."""

        def works() -> bool:
            kinds = {event["data"].get("kind") for event in project.events(session)}
            return bool(kinds & {"tool_call", "usage"})

        eventually(works, within_s=90)


def run_folder(task_id: str) -> Path:
    """The folder of the task's container: everything of the run works or lives below it."""

    def find() -> Path | None:
        for process in psutil.process_iter():
            with suppress(*GONE):
                if process.environ().get("AIWEBHOOK_TASK_ID") == task_id:
                    return Path(process.cwd())
        return None

    return eventually(find, within_s=60)


def leader(task_id: str, agent: str) -> psutil.Process:
    """The CLI's own process."""

    def find() -> psutil.Process | None:
        for process in psutil.process_iter():
            with suppress(*GONE):
                if process.environ().get("AIWEBHOOK_TASK_ID") == task_id:
                    for member in process.children(recursive=True):
                        if _is_cli(member, agent):
                            return member
        return None

    return eventually(find)


def _is_cli(process: psutil.Process, agent: str) -> bool:
    line = process.cmdline()[:3]
    return any(Path(part).name.startswith(PROGRAMS[agent]) for part in line)


def any_repository(folder: Path, **files: str) -> Path:
    """A repository with one commit; `files` are path → text."""
    path = folder / f"repo-{os.urandom(6).hex()}"
    path.mkdir(parents=True)
    for name, text in {"README.md": "# Any\n", **files}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    identity = ("-c", "user.name=any", "-c", "user.email=any@example.invalid")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Start"]):
        subprocess.run(["git", *identity, *arguments], cwd=path, check=True, capture_output=True)
    return path


@contextmanager
def running_provider(folder: Path) -> Generator[Provider]:
    """Started, and stopped if nobody has."""
    provider = Provider(folder)
    try:
        yield provider
    finally:
        provider.stop()
