"""The program that runs one allowed command: `python -m …action`, with the command on stdin.

Speaks our own agent protocol (protocol.py). It is the agent process of its run, so the supervisor
handles cancellation, deadline and every process left behind.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TypedDict

from aiwebhook_runner.process.pipes import read_to_the_end

MAX_BYTES = 100_000
"""Of each stream; the rest is read and discarded."""


class ActionRequest(TypedDict):
    """What the adapter sent."""

    argv: list[str]
    directory: str
    environment: dict[str, str]
    timeout_s: float | None


class Stream:
    """One pipe of the command, read to its end by a thread."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            raise AssertionError("Popen was asked for this pipe")
        self._kept = bytearray()
        self._ended = threading.Event()
        self.truncated = False
        self._thread = threading.Thread(
            target=lambda: read_to_the_end(pipe, self._keep, gone=self._ended), daemon=True
        )
        self._thread.start()

    def text(self) -> str:
        """The beginning of what was written; call once the command has ended. A child it left
        behind may hold the pipe open; the supervisor ends that when we are gone.
        """
        self._ended.set()
        self._thread.join()
        return bytes(self._kept).decode("utf-8", "replace")

    def _keep(self, data: bytes) -> None:
        room = MAX_BYTES - len(self._kept)
        self.truncated = self.truncated or len(data) > room
        self._kept += data[:room]


def main() -> int:
    """One line on stdout: a result, or an error."""
    action: ActionRequest = json.load(sys.stdin)
    answer = carry_out(action)
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def carry_out(action: ActionRequest) -> dict[str, object]:
    try:
        os.chdir(action["directory"])
        # The kernel's path differs if somebody has put a link there since it was allowed.
        if str(Path.cwd()) != action["directory"]:
            return _refused(f"{action['directory']} has been replaced by a link.")
        process = subprocess.Popen(
            action["argv"],
            env=action["environment"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as exc:
        return _refused(f"{action['argv'][0]} cannot be started: {exc}.")
    streams = Stream(process.stdout), Stream(process.stderr)
    try:
        code = process.wait(action["timeout_s"])
    except subprocess.TimeoutExpired:
        message = f"The command ran longer than the {action['timeout_s']:g} s it was given."
        return {"type": "error", "error_class": "timeout", "message": message}
    finally:
        _end_group(process)
    return _result(code, *streams)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    # Either error means that no process of the group is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _result(code: int, stdout: Stream, stderr: Stream) -> dict[str, object]:
    output: dict[str, object] = {
        "success": code == 0,
        "stdout": stdout.text(),
        "stderr": stderr.text(),
        "returncode": code,
    }
    if stdout.truncated or stderr.truncated:
        output["truncated"] = True
    say = "The command succeeded." if code == 0 else f"The command ended with code {code}."
    return {"type": "result", "output": output, "say": say}


def _refused(message: str) -> dict[str, object]:
    return {"type": "error", "error_class": "refused", "message": message}


if __name__ == "__main__":
    sys.exit(main())
