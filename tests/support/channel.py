"""A client of `aiwebhook mcp channel`: starts it, speaks MCP with it, keeps what it pushes."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PUSHED = "notifications/claude/channel"
_WITHIN_S = 60.0


class ChannelClient:
    """One channel, in a process of its own."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *options: str,
        stdout: int = subprocess.PIPE,
    ) -> None:
        """Of a `stdout` of its own, nothing is read here."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aiwebhook_cli", "mcp", "channel", *options],
            env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        self.said: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        """What came on its standard output; None at its end."""
        self.errors: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        if stdout == subprocess.PIPE:
            threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def send(self, message: Json | bytes) -> None:
        """One line to its standard input."""
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def answer(self, message: Json | bytes) -> Json:
        """What it says next, after this was sent."""
        self.send(message)
        return self.next()

    def next(self) -> Json:
        """What it says next; each line is a message."""
        message = self.said.get(timeout=_WITHIN_S)
        assert message is not None, self.hint()
        assert message["jsonrpc"] == "2.0"
        return message

    def pushed(self) -> Json:
        """The next message of the channel: content and meta."""
        message = self.next()
        assert message["method"] == PUSHED, message
        assert "id" not in message
        return message["params"]

    def hint(self) -> str:
        """The next line on its standard error."""
        line = self.errors.get(timeout=_WITHIN_S)
        assert line is not None, "it said nothing"
        return line

    def open(self, version: str = "2025-11-25") -> Json:
        """Begin as every client does; what it introduced itself with."""
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test"}}
        request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        introduction = self.answer(request)["result"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return introduction

    def end(self) -> int:
        """Close its standard input; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=_WITHIN_S)

    def kill(self, signal_number: int = signal.SIGKILL) -> int:
        """Its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=_WITHIN_S)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors.put(line.decode().rstrip("\n"))
        self.errors.put(None)


def environment(url: str, key: str, home: Path) -> dict[str, str]:
    """Nothing of the developer's shell."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AIWEBHOOK_URL": url,
        "AIWEBHOOK_API_KEY": key,
    }


@contextmanager
def channel(
    environment: Mapping[str, str], folder: Path, *options: str, stdout: int = subprocess.PIPE
) -> Generator[ChannelClient]:
    """Killed when the test leaves it running."""
    client = ChannelClient(environment, folder, *options, stdout=stdout)
    with client.process:
        try:
            yield client
        finally:
            client.process.kill()
