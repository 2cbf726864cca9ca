"""What an ordinary user's stack shows to other processes of that user: none of its secrets."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from aiwebhook.client import Client
from aiwebhook_runner.process.isolation import reachable_by_others
from tests.support.hostile import needs_open_clone
from tests.support.source_tree import ROOT
from tests.support.waiting import eventually

SYSTEM_PYTHON = Path("/usr/bin/python3")
NOBODY = 65_534
"""Ordinary enough, and with an entry in /etc/passwd, which Postgres asks for."""
KEYS = {"ANTHROPIC_API_KEY": "sk-of-the-developer", "GITHUB_TOKEN": "ghp-of-the-developer"}

pytestmark = [
    pytest.mark.req("O3"),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not reachable_by_others(SYSTEM_PYTHON),
        reason="only root can become an ordinary user, who needs a Python that all may run",
    ),
    needs_open_clone,
]


@dataclass(slots=True)
class Stack:
    """A `make up` of somebody who is not root."""

    home: Path
    process: psutil.Popen
    seen: dict[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])
    """Of each process that there ever was: what it was started as, and with which environment."""

    @property
    def url(self) -> str:
        record = json.loads((self.home / "stack.json").read_text())
        return str(record["url"] or "")

    def look(self) -> list[psutil.Process]:
        """Root sees the environment that a process was started with, whoever else may not."""
        found = [self.process, *self.process.children(recursive=True)]
        for process in found:
            try:
                title = " ".join(process.cmdline())
                shown = Path(f"/proc/{process.pid}/environ").read_bytes()
            except (OSError, psutil.Error):
                continue
            self.seen[process.pid] = title, shown.decode(errors="replace")
        return found


def name_of(process: psutil.Process) -> str:
    """Also of one that has ended since it was looked up."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return "ended"


def environment_in(folder: Path) -> str:
    """The Python of an environment that everybody may use, with all that ours has."""
    environment = folder / "environment"
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", environment], check=True)
    ours = [str(ROOT / part) for part in ("layers/core/python", "runner", "agents", "cli", "local")]
    (packages,) = environment.glob("lib/python*/site-packages")
    paths = [*ours, sysconfig.get_path("purelib")]
    (packages / "ours.pth").write_text("\n".join(paths))
    return str(environment / "bin" / "python")


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    os.chown(folder, NOBODY, NOBODY)
    process = psutil.Popen(
        [environment_in(folder), "-m", "aiwebhook_cli", "local", "up"],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "HOME": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AIWEBHOOK_HOME": str(folder / "home"),
            "AIWEBHOOK_PORT": "0",
            **KEYS,
        },
        stdout=subprocess.DEVNULL,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
    )
    stack = Stack(home=folder / "home", process=process)
    try:
        eventually(lambda: (stack.home / "stack.json").exists() and stack.url, within_s=120)
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def is_closed(pid: int) -> bool:
    """Not dumpable: the kernel gives its files in /proc to root."""
    return Path(f"/proc/{pid}/environ").stat().st_uid == 0


def test_no_process_of_the_stack_shows_a_secret(stack: Stack) -> None:
    secrets = {**KEYS, **json.loads((stack.home / "secrets.json").read_text())}
    secrets["password"] = (stack.home / "postgres" / "password").read_text()
    with Client(stack.url, api_key=(stack.home / "api_key").read_text().strip()) as client:
        client.command("create_session", "s", {})
        task = {"agent_name": "conversation_processor", "description": "Look."}
        task_id = client.command("delegate_task", "s", task)["data"]["task_id"]

        def ended() -> bool:
            stack.look()
            found = client.command("list_tasks", "s", {})["data"]["tasks"]
            return next(t["status"] for t in found if t["task_id"] == task_id) == "completed"

        eventually(ended, within_s=120)

    titles = [title for title, _ in stack.seen.values()]
    for part in (
        "aiwebhook_cli",
        "front_process",
        "functions/program.py",
        "postgres",
        "aiwebhook_runner run",
    ):
        assert any(part in title for title in titles), part
    for title, shown in stack.seen.values():
        told = [name for name, value in secrets.items() if value in shown or value in title]
        assert not told, title
        for name in ("AWS_SESSION_TOKEN", "AIWEBHOOK_BOOTSTRAP_CODE", "AIWEBHOOK_FRONT"):
            assert f"{name}=" not in shown, title
    lasting = [process for process in stack.look() if "postgres" not in name_of(process)]
    assert len(lasting) > 2
    eventually(lambda: all(is_closed(process.pid) for process in lasting if process.is_running()))
