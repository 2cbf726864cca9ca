"""`aiwebhook local up | down | status`: runs the stack in the foreground, stops
it, reports on it.
"""

import contextlib
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiwebhook.errors import ConfigurationError
from aiwebhook.sealed import close_to_others
from aiwebhook_local.home import Home, Project
from aiwebhook_local.interrupting import signals_interrupt
from aiwebhook_local.processes import ProcessIdentity, stop_processes
from aiwebhook_local.settings import forget_agent_keys
from aiwebhook_local.stack import (
    SOURCE_ROOT,
    StackInfo,
    StackOptions,
    locked,
    recover,
    running_stack,
)
from aiwebhook_local.waiting import wait_until

_WATCH_PERIOD_S = 0.5
_STOP_TIMEOUT_S = 45.0
LAST_PORT = 65_535
WELCOME_END = "Ctrl-C stops everything."
_NEW_CODE = "as shown at the first start ('aiwebhook people reset owner' makes a new one)"


class StackDied(Exception):
    """A part of the running stack ended by itself; the rest was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStatus:
    """What is running. The maps are empty when nothing is, and `url` is None until the
    stack is ready.
    """

    running: bool
    home: Path
    url: str | None
    api_key_file: Path
    pids: dict[str, int]
    ports: dict[str, int]

    @property
    def ready(self) -> bool:
        """Whether a client would be served."""
        return self.url is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """Options of a command line; None: from the environment, or the default."""

    port: int | None = None
    home: Path | None = None
    public_url: str | None = None
    emulator: bool = False


def options_from(environ: Mapping[str, str], given: UpOptions | None = None) -> StackOptions:
    """The options of this source tree; AIWEBHOOK_HOME and AIWEBHOOK_PORT change folder and port.
    Raises ConfigurationError.
    """
    given = given or UpOptions()
    public_url = given.public_url
    options = StackOptions(
        project=Project(root=SOURCE_ROOT),
        home=home_from(environ, given.home),
        port=_port(environ.get("AIWEBHOOK_PORT")) if given.port is None else given.port,
        public_url=None if public_url is None else _checked_url(public_url),
        hot_reload=True,
    )
    return replace(options, emulator=True) if given.emulator else options


def home_from(environ: Mapping[str, str], given: Path | None = None) -> Home:
    """The given folder, the environment's, or that of this source tree."""
    folder = given or environ.get("AIWEBHOOK_HOME")
    return Home(root=Path(folder).resolve() if folder else SOURCE_ROOT / ".local")


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and int(text) <= LAST_PORT):
        raise ConfigurationError(
            f"AIWEBHOOK_PORT must be a number from 0 to {LAST_PORT}, got {text!r}.",
            remedy="Set it to a free port, to 0 for any, or leave it out for 8787.",
        )
    return int(text)


def _checked_url(url: str) -> str:
    """An origin: clients look for our documents at the host's root. Raises ConfigurationError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme != "https" or "." not in host or not plain:
        raise ConfigurationError(
            f"--public-url must be https and a host, without a path, got {url!r}.",
            remedy="Give the address that your tunnel shows, such as https://name.example.com.",
        )
    return f"https://{parts.netloc.lower()}"


def up(options: StackOptions) -> None:
    """Run the stack until Ctrl-C, SIGTERM or `down`; then stop everything that was started.

    Raises what `running_stack` raises, and StackDied.
    """
    close_to_others()
    forget_agent_keys()
    with signals_interrupt():
        try:
            with running_stack(options=options) as stack:
                options.say(_welcome(stack, options))
                try:
                    _watch(stack, options.say)
                except KeyboardInterrupt:
                    _say(options, "\nStopping: running tasks go back to their queues …")
        except KeyboardInterrupt:
            pass  # while it started
        _say(options, f"Stopped. The data stays in {options.home.root}.")


def _say(options: StackOptions, sentence: str) -> None:
    """Print a sentence. A closed terminal is ignored: it must not keep the stack from stopping."""
    with contextlib.suppress(OSError):
        options.say(sentence)


def down(home: Home) -> bool:
    """Stop the stack of `home`, and what a killed one left. True when there was one to stop."""
    was = stack_status(home)
    supervisor = _supervisor(home)
    if supervisor is not None and (process := supervisor.process) is not None:
        # A graceful stop takes as long as runs need to release their tasks.
        stop_processes([process], grace_s=_STOP_TIMEOUT_S)
    if home.root.exists():
        with locked(home):
            recover(home)
    return was.running


def stack_status(home: Home) -> StackStatus:
    """Whether the stack of `home` runs, and where."""
    supervisor = _supervisor(home)
    running = supervisor is not None and supervisor.alive
    record: dict[str, Any] = json.loads(home.stack_file.read_text()) if running else {}
    return StackStatus(
        running=running,
        home=home.root,
        url=record.get("url"),
        api_key_file=home.api_key_file,
        pids=record.get("pids", {}),
        ports=record.get("ports", {}),
    )


def _supervisor(home: Home) -> ProcessIdentity | None:
    with contextlib.suppress(FileNotFoundError, ValueError, LookupError, TypeError):
        record = json.loads(home.stack_file.read_text())
        return ProcessIdentity(**record["processes"][0])
    return None


def _watch(stack: StackInfo, say: Callable[[str], None]) -> None:
    front = ProcessIdentity.of(stack.pids["front"])
    installed = _changed_at(stack.agents.programs)

    def front_ended() -> bool:
        nonlocal installed
        if installed != (now := _changed_at(stack.agents.programs)):
            installed = now
            stack.agents.send_changes()
        if not stack.postgres.running:
            say("Postgres ended by itself; starting it again")
            stack.postgres.start()
        return not front.alive

    wait_until(front_ended, timeout_s=math.inf, period_s=_WATCH_PERIOD_S)
    raise StackDied(f"the front ended by itself; see {stack.home.logs / 'front.log'}")


def _changed_at(folder: Path) -> int | None:
    """When an entry was added or removed last; None if it does not exist."""
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _welcome(stack: StackInfo, options: StackOptions) -> str:
    keys = ", ".join(name for name, value in options.agent_keys.items() if value)
    command = json.dumps(
        {
            "type": "collaborative_session_command",
            "command": "create_session",
            "session_id": "first",
        }
    )
    code = options.sign_in(stack.coordinates)
    return "\n".join(
        [
            f"AI Webhook is ready after {stack.ready_s:.1f} s (process {os.getpid()}).",
            f"  URL      {stack.url}",
            f"  API key  {stack.api_key}",
            f"  sign-in  {code or _NEW_CODE}",
            f"  MCP      {stack.public_url}/mcp",
            f"  docs     {stack.url}/docs",
            f"  logs     {stack.home.logs}",
            f"  keys     {keys or 'none in your environment'} (for agents; kept in memory only)",
            "Try:",
            f"  curl -s {stack.url}/webhook -H 'Authorization: Bearer {stack.api_key}' \\",
            f"    -H 'Content-Type: application/json' -d '{command}'",
            WELCOME_END,
        ]
    )
