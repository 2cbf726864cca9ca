"""One turn of a real CLI, started as its adapter says and heard by its reader."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aiwebhook_runner.adapters import Adapter, Launch, ProcessEnd
from aiwebhook_runner.jsons import NotJsonObject
from aiwebhook_runner.output.messages import AgentMessage
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.process.workspace import Workspace

PATIENCE_S = 60
"""Only keeps a CLI that hangs from hanging the tests."""
M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything one process said, and what its reader made of it."""

    lines: tuple[bytes, ...]
    end: ProcessEnd
    messages: tuple[AgentMessage, ...]

    def all(self, kind: type[M]) -> list[M]:
        """The messages of this kind."""
        return [message for message in self.messages if isinstance(message, kind)]

    def one(self, kind: type[M]) -> M:
        """The only message of this kind."""
        [message] = self.all(kind)
        return message


def empty_workspace(folder: Path) -> Workspace:
    """With one commit, as the supervisor prepares it."""
    workspace = Workspace(root=folder)
    for path in (workspace.work, workspace.home, workspace.tmp):
        path.mkdir(parents=True)
    (workspace.work / "README.md").write_text("seed\n")
    git(workspace, "init", "-q", "-b", "main")
    git(workspace, "add", "-A")
    git(
        workspace,
        "-c",
        "user.name=seed",
        "-c",
        "user.email=seed@example.invalid",
        "commit",
        "-qm",
        "seed",
    )
    return workspace


def git(workspace: Workspace, *arguments: str) -> str:
    """What git says, in the work folder, without anybody's settings."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=workspace.work,
        env={"PATH": os.defpath, "HOME": str(workspace.home), "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def hear(
    adapter: Adapter, launch: Launch, *, on_line: Callable[[int, bytes], None] | None = None
) -> Heard:
    """Starts the turn and waits for its end. `on_line` gets the process id and each line."""
    spec = adapter.launch(launch)
    write_files(spec, launch.workspace)
    lines: list[bytes] = []
    with tempfile.TemporaryFile() as errors:
        with (
            subprocess.Popen(
                spec.argv,
                cwd=spec.cwd,
                env=dict(spec.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            ) as process,
            ended_at_last(process),
        ):
            feed(process, spec.stdin)
            for line in process.stdout or ():
                lines.append(line)
                if on_line:
                    on_line(process.pid, line)
        errors.seek(0)
        tail = errors.read().decode("utf-8", "replace")
    end = ProcessEnd(exit_code=process.returncode, stderr_tail=tail)
    return Heard(lines=tuple(lines), end=end, messages=tuple(understood(adapter, lines, end)))


@contextmanager
def ended_at_last(process: "subprocess.Popen[bytes]") -> Generator[None]:
    """Its group is gone after the block, and after PATIENCE_S."""
    too_late = threading.Timer(PATIENCE_S, end_group, (process.pid,))
    too_late.start()
    try:
        yield
        process.wait()
    finally:
        too_late.cancel()
        too_late.join()
        end_group(process.pid)


def feed(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Writes the prompt and closes the pipe."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(data)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()


def understood(adapter: Adapter, lines: list[bytes], end: ProcessEnd) -> list[AgentMessage]:
    """What a fresh reader makes of it."""
    reader = adapter.reader()
    messages: list[AgentMessage] = []
    for line in lines:
        with contextlib.suppress(NotJsonObject):
            messages.extend(reader.read(line))
    messages.extend(reader.finish(end))
    return messages


def write_files(spec: LaunchSpec, workspace: Workspace) -> None:
    """As the supervisor does before the start."""
    for name, text in spec.files.items():
        path = workspace.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def end_group(pid: int) -> None:
    """The process and all its children that stayed in its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
