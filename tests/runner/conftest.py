"""The runner as a real process against a fake Runs API."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runner.fake_runs_api import CODE, FakeRunsApi, any_agent, any_run_input
from tests.support.agents_user import agents_python, make_open
from tests.support.source_tree import PYTHONPATH


class RunnerProcess:
    """Starts `python -m aiwebhook_runner run` for an agent written in a few lines of Python."""

    def __init__(self, api: FakeRunsApi, folder: Path) -> None:
        self.api = api
        self.work_dir = folder / "runs"
        self.scratch = make_open(folder / "scratch")
        """Outside of the workspace: where an agent of a test leaves notes for the test."""
        self._folder = folder
        self.python = sys.executable
        self.user: int | None = None
        """Whom the runner runs as; None: us."""
        self.process: subprocess.Popen[str] | None = None
        self.output = ""

    def agent(self, source: str, **run_input: Any) -> None:
        """The agent's program. It knows `say(type, **fields)`, `scratch`, os, sys, time, json."""
        prelude = f"""
            import json, os, pathlib, signal, subprocess, sys, time
            scratch = pathlib.Path({str(self.scratch)!r})
            def say(type, **fields):
                print(json.dumps({{"type": type, **fields}}), flush=True)
        """
        script = self._folder / "agent.py"
        script.write_text(textwrap.dedent(prelude) + textwrap.dedent(source))
        manifest = any_agent(command=[agents_python(), str(script)])
        manifest |= run_input.pop("agent", None) or {}
        self.api.run_input = any_run_input(agent=manifest, **run_input)

    def start(self, **env: str) -> "RunnerProcess":
        """Begin; `env` adds to the runner's environment."""
        self.process = subprocess.Popen(
            [self.python, "-m", "aiwebhook_runner", "run"],
            **self._as_user(),
            env={
                "PATH": os.defpath,
                "PYTHONPATH": PYTHONPATH,
                "AIWEBHOOK_API_URL": self.api.url,
                "AIWEBHOOK_TASK_ID": "task_any",
                "AIWEBHOOK_BOOTSTRAP_CODE": CODE,
                "AIWEBHOOK_CORRELATION_ID": "req_any",
                "AIWEBHOOK_WORK_DIR": str(self.work_dir),
                "AIWEBHOOK_KILL_GRACE_S": "0.4",
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def _as_user(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        self.work_dir.mkdir()
        os.chown(self.work_dir, self.user, self.user)
        return {"user": self.user, "group": self.user, "extra_groups": []}

    def exit_code(self) -> int:
        """Waits for the end; the timeout only keeps a broken runner from hanging the tests."""
        assert self.process is not None
        self.output, errors = self.process.communicate(timeout=30)
        assert not errors, errors
        return self.process.returncode

    def signal(self, number: int) -> None:
        """Send the runner a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def cancel(self) -> None:
        """What a cancel of the task does: the API says so, and ECS stops the container."""
        self.api.cancel.set()
        self.signal(signal.SIGTERM)

    def log(self) -> list[dict[str, Any]]:
        """Its log lines; after exit_code()."""
        return [json.loads(line) for line in self.output.splitlines()]

    def close(self) -> None:
        """End what a failed test left."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate()


@pytest.fixture
def api() -> Iterator[FakeRunsApi]:
    with FakeRunsApi() as fake:
        yield fake


@pytest.fixture
def runner(api: FakeRunsApi, open_folder: Path) -> Iterator[RunnerProcess]:
    process = RunnerProcess(api, open_folder)
    yield process
    process.close()
