"""One run of a command-line agent, bare and under its supervisor, and how long each part took.

Bare: the CLI alone, started as its adapter says, straight at a scripted provider, in an empty
folder that is a repository. Supervised: the runner with a gateway beside it (as on Fargate) and a
Runs API on loopback, from the start of its interpreter to its exit, with nothing left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from aiwebhook.domain.provider import KEY_OF
from aiwebhook.domain.run import LeasedTask
from aiwebhook_runner.adapters import CliTurn, Launch, ModelAccess, adapter_for
from aiwebhook_runner.adapters.cli_kinds import provider_of
from aiwebhook_runner.adapters.prompt import first_prompt
from aiwebhook_runner.process.isolation import write_settings
from aiwebhook_runner.process.workspace import Workspace
from tests.adapters.scripted import Scripted
from tests.runner.fake_runs_api import CODE, FakeRunsApi, any_run_input
from tests.support.source_tree import PYTHONPATH

POLL_S = 0.01
WAITED_FOR = frozenset({"start", "context", "messages", "artifacts", "complete"})
"""Beats, signals and events have threads of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One kind of agent."""

    kind: str
    path: str
    folder: Path
    scripted: Scripted
    code: Path
    """The runner and its bytecode, as in its image."""

    @property
    def wire(self) -> dict[str, object]:
        """The run input."""
        compute = {"cpu": 1024, "memory_mib": 4096}  # as the manifests of these kinds say
        agent = {"name": "any", "kind": self.kind, "description": "Any.", "compute": compute}
        return any_run_input(agent=agent, description="[[scenario:text]] Do it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised:
    """Seconds and MB of one run; `agent` is its process, started and swept."""

    wall: float
    start: float
    prepare: float
    agent: float
    result: float
    exit: float
    api: float
    """Of the Runs API, while the run waited for it."""
    megabytes: float


def bare(cell: Cell, number: int) -> float:
    """Seconds of the CLI alone."""
    workspace = Workspace.create(cell.folder)
    launch = _launch(cell, workspace, number)
    spec = adapter_for(launch.run.agent).launch(launch)
    git = ["/usr/bin/env", "git", "init", "-q"]
    subprocess.run(git, cwd=workspace.work, env=dict(spec.environment), check=True)
    write_settings(workspace.home, spec.files, None)
    began = time.monotonic()
    done = subprocess.run(
        spec.argv,
        env=dict(spec.environment),
        cwd=spec.cwd,
        input=spec.stdin,
        capture_output=True,
        check=False,
    )
    wall = time.monotonic() - began
    workspace.remove()
    if done.returncode:
        raise RuntimeError(f"the bare {cell.kind} failed: {done.stderr[-500:]!r}")
    return wall


def _launch(cell: Cell, workspace: Workspace, number: int) -> Launch:
    run = LeasedTask.from_json(cell.wire)
    provider = provider_of(run.agent.kind, run.agent.model)
    return Launch(
        run=run,
        context={},
        workspace=workspace,
        environment={
            "PATH": cell.path,
            "HOME": str(workspace.home),
            "TMPDIR": str(workspace.tmp),
            "LANG": "C.UTF-8",
        },
        turn=CliTurn(
            number=1,
            prompt=first_prompt(run, {}),
            session_id=f"00000000-0000-4000-8000-{number:012d}",
        ),
        model=ModelAccess(provider=provider, base_url=cell.scripted.url, token=str(number)),
    )


def supervised(cell: Cell) -> Supervised:
    """One run under the supervisor."""
    with gateway(cell) as url, TimedRunsApi() as api:
        api.run_input = cell.wire
        began, began_at = time.monotonic(), time.time()
        process = subprocess.Popen(
            [sys.executable, "-m", "aiwebhook_runner", "run"],
            env={
                "PATH": cell.path,
                "PYTHONPATH": str(cell.code),
                "AIWEBHOOK_API_URL": api.url,
                "AIWEBHOOK_TASK_ID": "task_any",
                "AIWEBHOOK_BOOTSTRAP_CODE": CODE,
                "AIWEBHOOK_CORRELATION_ID": "req_any",
                "AIWEBHOOK_WORK_DIR": str(cell.folder),
                "AIWEBHOOK_GATEWAY_URL": url,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        peak = Peak(process.pid)
        output, _ = process.communicate()
        wall, ended_at = time.monotonic() - began, time.time()
        if api.count("complete") != 1:
            raise RuntimeError(f"the supervised {cell.kind} failed: {api.bodies('fail')}")
    at = {
        line["message"]: _seconds(line["timestamp"])
        for line in map(json.loads, output.splitlines())
    }
    return Supervised(
        wall=wall,
        start=at["run_started"] - began_at,
        prepare=at["agent_started"] - at["run_started"],
        agent=at["agent_ended"] - at["agent_started"],
        result=at["outcome_recorded"] - at["agent_ended"],
        exit=ended_at - at["outcome_recorded"],
        api=api.waited_for,
        megabytes=peak.megabytes(),
    )


class TimedRunsApi(FakeRunsApi):
    """Knows how long it has worked on what the run's main thread waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = 0.0

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """As ever, and timed."""
        began = time.monotonic()
        super().handle(request)
        if request.path.partition("?")[0].rsplit("/", 1)[1] in WAITED_FOR:
            self.waited_for += time.monotonic() - began


class Peak:
    """The largest resident size of one process, without its children."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._kilobytes = 0
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def megabytes(self) -> float:
        """After its end."""
        self._thread.join()
        return self._kilobytes / 1024

    def _poll(self) -> None:
        pause = threading.Event()
        with contextlib.suppress(OSError):
            while lines := self._status.read_text().splitlines():
                found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
                if not found:
                    return
                self._kilobytes = int(found[0])
                pause.wait(POLL_S)


@contextlib.contextmanager
def gateway(cell: Cell) -> Generator[str]:
    """A fresh gateway beside the run; its start is not measured: it is another container."""
    keys = dict.fromkeys(KEY_OF.values(), "no-real-key")
    upstream = {
        f"AIWEBHOOK_UPSTREAM_{name}": cell.scripted.url
        for name in ("ANTHROPIC", "OPENAI", "GOOGLE")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "aiwebhook_gateway", "serve", "--with-parent"],
        env={"PATH": os.defpath, "PYTHONPATH": PYTHONPATH, **keys, **upstream},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        if process.stdout is None:
            raise AssertionError("Popen was asked for this pipe")
        try:
            yield f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.terminate()


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
