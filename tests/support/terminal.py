"""A real terminal for a command line: a pty, whose other end is read until nothing more comes."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import TracebackType
from typing import Self


@contextmanager
def on_a_terminal(*, columns: int = 80) -> Generator[Callable[[], str]]:
    """Standard output and error are a terminal within; what this yields reads it afterwards.

    Rich asks the process's own streams for the width: set COLUMNS beside it.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    pieces: list[bytes] = []

    def read() -> None:
        try:
            while piece := os.read(leader, 65_536):
                pieces.append(piece)
        except OSError:
            return  # Linux ends a terminal without writers so

    reader = threading.Thread(target=read)
    reader.start()
    with (
        os.fdopen(follower, "w", encoding="utf-8", newline="") as terminal,
        redirect_stdout(terminal),
        redirect_stderr(terminal),
    ):
        yield lambda: _text(reader, leader, pieces)
        terminal.flush()


def run_on_a_terminal(command: list[str], env: dict[str, str], *, columns: int) -> tuple[int, str]:
    """Exit code and output of a process of its own, which asks the terminal for its size."""
    child, leader = pty.fork()
    if child == 0:
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.chdir(Path.cwd())
        os.execve(command[0], command, env)
    output = b""
    try:
        while piece := os.read(leader, 65_536):
            output += piece
    except OSError:
        pass
    os.close(leader)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), output.decode()


class Terminal:
    """A process on a terminal, which can be read while it runs; killed at the end."""

    def __init__(self, command: list[str], env: dict[str, str], *, columns: int) -> None:
        self._leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self._pieces: list[bytes] = []
        self.process = subprocess.Popen(
            command, env=env, stdin=follower, stdout=follower, stderr=follower
        )
        os.close(follower)
        self._reader = threading.Thread(target=self._read)

    def text(self) -> str:
        """What was written so far."""
        return b"".join(self._pieces).decode("utf-8", "replace")

    def _read(self) -> None:
        try:
            while piece := os.read(self._leader, 65_536):
                self._pieces.append(piece)
        except OSError:
            return  # Linux ends a terminal without writers so

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait(timeout=10)
        self._reader.join(timeout=10)
        os.close(self._leader)


def _text(reader: threading.Thread, leader: int, pieces: list[bytes]) -> str:
    reader.join(timeout=10)
    os.close(leader)
    return b"".join(pieces).decode()
