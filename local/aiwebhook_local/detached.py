"""`aiwebhook local up --detach`: the stack in a process of its own that outlives the terminal."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_local.home import Home
from aiwebhook_local.stack import StackAlreadyRunning, running_at
from aiwebhook_local.supervisor import WELCOME_END, stack_status
from aiwebhook_local.waiting import wait_until

_TIMEOUT_S = 300.0
_STOP_TIMEOUT_S = 60.0


class StackNotStarted(Exception):
    """The process ended before the stack was ready; the message is its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedStack:
    """A running stack; `welcome` is what it printed when it was ready."""

    process: "subprocess.Popen[bytes]"
    welcome: str


def up_detached(
    home: Home, command: Sequence[str], environment: Mapping[str, str]
) -> DetachedStack:
    """Start `command`, an `aiwebhook local up`; returns when the stack is ready. Raises
    StackAlreadyRunning, StackNotStarted. An interrupt meanwhile stops it.
    """
    if stack_status(home).running:
        raise StackAlreadyRunning(running_at(home))
    home.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    said = home.logs / "up.log"
    said.unlink(missing_ok=True)
    with said.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: _is_settled(process, said), timeout_s=_TIMEOUT_S, period_s=0.1)
    except KeyboardInterrupt:
        process.terminate()
        process.wait(_STOP_TIMEOUT_S)
        raise
    text = said.read_text(errors="replace")
    if process.poll() is not None:
        raise StackNotStarted(_sentence(text) or "The stack ended without a word.")
    # Truncated because the welcome has the API key and sign-in code, and later output lands here.
    os.truncate(said, 0)
    return DetachedStack(process=process, welcome=text.partition(WELCOME_END)[0].rstrip())


def _sentence(text: str) -> str:
    """The command's error message alone, without the prefix and hint that every error has."""
    return text.strip().removeprefix("Error: ").partition("\n  →")[0]


def _is_settled(process: "subprocess.Popen[bytes]", said: Path) -> bool:
    return process.poll() is not None or WELCOME_END.encode() in said.read_bytes()
