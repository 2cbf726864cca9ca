"""The worker as a real process, in front of a fake deployment."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.agents_user import agents_python, make_open
from tests.support.processes import has_ended
from tests.support.source_tree import PYTHONPATH, ROOT
from tests.worker.fake_deployment import KEY, FakeDeployment

COUNTING = """
import fcntl
def counted(change):
    # Under a lock: how many of us are at work, and the most there ever were.
    with open(scratch / "count", "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        now, most = [int(n) for n in (file.read() or "0 0").split()]
        now += change
        file.seek(0); file.truncate()
        most = max(now, most)
        file.write(f"{now} {most}")
    return most
"""


def is_alive(pid: int) -> bool:
    return not has_ended(pid)


class WorkerProcess:
    """`aiwebhook worker` with --json; its lines are read as they come."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *arguments: str,
        python: str = sys.executable,
        user: int | None = None,
        **env: str,
    ) -> None:
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [python, "-m", "aiwebhook_cli", "--json", "worker", *arguments],
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env={
                "PATH": os.environ.get("PATH", os.defpath),  # noqa: TID251 - for git and sh
                "HOME": str(folder),
                "PYTHONPATH": f"{PYTHONPATH}{os.pathsep}{ROOT / 'cli'}",
                "AIWEBHOOK_URL": url,
                "AIWEBHOOK_API_KEY": KEY,
                "AIWEBHOOK_WORK_DIR": str(folder / "runs"),
                "AIWEBHOOK_KILL_GRACE_S": "0.4",
                **env,
            },
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.errors = ""
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(json.loads(line))
                self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line

    def wait_for(self, change: str, **facts: object) -> dict[str, Any]:
        """The first line of this change with these facts."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [
                line
                for line in self.lines
                if line["message"] == change and facts.items() <= line.items()
            ]
            return bool(found)

        with self._changed:
            assert self._changed.wait_for(look, 30), (change, self.lines, self.errors)
        return found[0]

    def changes(self) -> list[str]:
        return [line["message"] for line in self.lines]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        code = self.process.wait(timeout=30)
        for reader in self._readers:
            reader.join(5)
        return code

    def children(self) -> list[int]:
        """Its runs' supervisors."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        words = [w for t in tasks.iterdir() for w in (t / "children").read_text().split()]
        return [int(word) for word in words]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.exit_code()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


class Workshop:
    """Tasks, workers and a folder for notes."""

    def __init__(self, fake: FakeDeployment, folder: Path) -> None:
        self.fake = fake
        self.folder = folder
        self.scratch = make_open(folder / "scratch")
        count = self.scratch / "count"  # of COUNTING; each run is another user, and all write it
        count.touch()
        count.chmod(0o666)
        self._workers: list[WorkerProcess] = []

    def agent(self, source: str) -> dict[str, Any]:
        """A manifest of kind command for a program of a few lines."""
        prelude = f"""
            import json, os, pathlib, signal, subprocess, sys, time
            scratch = pathlib.Path({str(self.scratch)!r})
            task = json.load(sys.stdin)
            def say(type, **fields):
                print(json.dumps({{"type": type, **fields}}), flush=True)
            def note(name, text=""):
                (scratch / (name + ".tmp")).write_text(str(text))
                (scratch / (name + ".tmp")).rename(scratch / name)
        """
        script = self.folder / "agent.py"
        script.write_text(textwrap.dedent(prelude) + COUNTING + textwrap.dedent(source))
        return {
            "name": "any_agent",
            "kind": "command",
            "command": [agents_python(), str(script)],
            "description": "Any agent.",
        }

    def worker(self, *arguments: str, **env: Any) -> WorkerProcess:
        arguments = arguments or ("--agents", "any_agent")
        worker = WorkerProcess(self.fake.url, self.folder, *arguments, **env)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


@pytest.fixture
def workshop(open_folder: Path) -> Iterator[Workshop]:
    with FakeDeployment() as fake:
        workshop = Workshop(fake, open_folder)
        yield workshop
        fake.change(down=False)
        workshop.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for what no event tells: a file of an agent, the end of a process."""

    def wait(condition: Callable[[], bool]) -> None:
        pause = threading.Event()
        for _ in range(1_500):
            if condition():
                return
            pause.wait(0.02)
        raise AssertionError("it never came true")

    return wait
