"""Runs one git command safely: no configuration but ours, no prompt, only allowed protocols,
bounded in time and output, as the user the caller names.
"""

import base64
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from aiwebhook.domain.plain_text import plain_text
from aiwebhook_runner.output.redaction import MASK
from aiwebhook_runner.process.isolation import AgentUser
from aiwebhook_runner.repository.workspace_limits import MIB

READ_BYTES = 256 * 1024
POLL_S = 0.25
"""Seconds between two checks of the time and of the size of what git writes."""
TAIL_BYTES = 8 * 1024
NOT_STARTED = "git cannot be started"
USER = "x-access-token"
"""The user name that goes with a token."""

AUTHOR_NAME = "AI Webhook agent"
EMAIL = "agent@aiwebhook.invalid"
IDENTITY_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": AUTHOR_NAME,
    "GIT_AUTHOR_EMAIL": EMAIL,
    "GIT_COMMITTER_NAME": AUTHOR_NAME,
    "GIT_COMMITTER_EMAIL": EMAIL,
}
"""Also for the agent's environment: Gemini's shell hides ~/.gitconfig."""

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": "/dev/null",  # no ~/.netrc, which curl would read
    "LC_ALL": "C",  # its messages are read by failures.py
    **IDENTITY_ENVIRONMENT,
}
_CONFIG = (
    "advice.detachedHead=false",
    "advice.addEmbeddedRepo=false",
    "commit.gpgSign=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
)
"""On the command line, where it wins over every file."""


class GitFailed(Exception):
    """git failed or was stopped; the message is the last it printed."""

    def __init__(
        self, arguments: tuple[str, ...], *, reason: str, stderr: str, code: int | None = None
    ) -> None:
        super().__init__(f"git {arguments[0]}: {reason}: {stderr.strip()[-500:]}")
        self.reason = reason
        """exit, timeout or too_large."""
        self.stderr = stderr
        self.code = code
        """Its exit code; None when it was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """For one origin (https://host) only; git requests it when that server requires one."""

    origin: str
    token: str = field(repr=False)

    def masked(self, text: str) -> str:
        """The text without the token, as it is and as it is sent."""
        sent = base64.b64encode(f"{USER}:{self.token}".encode()).decode()
        return text.replace(self.token, MASK).replace(sent, MASK)


def never() -> bool:
    """The default of `cancelled`: nothing interrupts the command."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """How to run git for one purpose. `search_path` is the PATH it is found on."""

    search_path: str
    cwd: Path
    user: AgentUser | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    config: tuple[str, ...] = ()
    deadline: float
    """On the monotonic clock: all commands of one purpose share it."""
    credential: Credential | None = None
    called_off: Callable[[], bool] = never
    """Checked several times a second; a running command is then stopped."""

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """Its output without the last newline; invalid UTF-8 is replaced."""
        return self.raw(*arguments, stdin=stdin).decode("utf-8", "replace").rstrip("\n")

    def raw(self, *arguments: str, stdin: bytes = b"", limit: int = 64 * MIB) -> bytes:
        """The command's stdout in bytes. Raises GitFailed."""
        gathered: list[bytes] = []
        self._run(arguments, stdin=stdin, limit=limit, take=gathered.append, stop=never)
        return b"".join(gathered)

    def into(self, file: IO[bytes], *arguments: str, limit: int, stdin: bytes = b"") -> None:
        """Write the output to a file. Raises GitFailed, also beyond `limit` bytes."""
        self._run(arguments, stdin=stdin, limit=limit, take=file.write, stop=never)

    def watched(self, *arguments: str, too_large: Callable[[], bool]) -> bytes:
        """As raw(), and stopped once `too_large` returns True."""
        gathered: list[bytes] = []
        self._run(arguments, stdin=b"", limit=MIB, take=gathered.append, stop=too_large)
        return b"".join(gathered)

    def _run(
        self,
        arguments: tuple[str, ...],
        *,
        stdin: bytes,
        limit: int,
        take: Callable[[bytes], object],
        stop: Callable[[], bool],
    ) -> None:
        with ExitStack() as stack:
            # Files, not pipes: nothing to feed or drain beside stdout, so no threads.
            source = stack.enter_context(tempfile.TemporaryFile())
            errors = stack.enter_context(tempfile.TemporaryFile())
            source.write(stdin)
            source.seek(0)
            process = stack.enter_context(self._start(arguments, source, errors))
            stack.callback(_kill_group, process.pid)
            tail = bytearray()

            def taken(block: bytes) -> None:
                take(block)
                tail[:] = (tail + block)[-TAIL_BYTES:]

            reason = self._pump(process, limit=limit, take=taken, stop=stop)
            code = self._exit_code(process) if reason is None else None
            if code == 0:
                return
            if reason is None:
                reason = "timeout" if code is None else "exit"
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - TAIL_BYTES))
            stderr = plain_text((bytes(tail) + errors.read()).decode("utf-8", "replace"))
            if self.credential is not None:
                stderr = self.credential.masked(stderr)
            raise GitFailed(arguments, reason=reason, stderr=stderr, code=code)

    def _start(
        self, arguments: tuple[str, ...], source: IO[bytes], errors: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        settings = [*_CONFIG, *self.config]
        with ExitStack() as stack:
            pipe: tuple[int, ...] = ()
            if self.credential is not None:
                pipe = (_pipe_of(self.credential),)
                stack.callback(os.close, pipe[0])
                # A pipe, because an environment or a file could be read by another process of this
                # user. Only this origin's question is answered, and only once.
                helper = f'!f() {{ test "$1" = get && cat /dev/fd/{pipe[0]}; }}; f'
                settings.append(f"credential.{self.credential.origin}.helper={helper}")
            options = [word for setting in settings for word in ("-c", setting)]
            stack.enter_context(_startable(arguments))
            return subprocess.Popen(
                ["git", *options, *arguments],  # noqa: S607 - found on the PATH of `env`, by design
                cwd=self.cwd,
                env={"PATH": self.search_path, **_ENVIRONMENT, **self.environment},
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=pipe,
                start_new_session=True,
                umask=0o022,
                user=self.user.uid if self.user else None,
                group=self.user.gid if self.user else None,
                extra_groups=[] if self.user else None,
            )

    def _pump(
        self,
        process: "subprocess.Popen[bytes]",
        *,
        limit: int,
        take: Callable[[bytes], object],
        stop: Callable[[], bool],
    ) -> str | None:
        """Why it was stopped early, or None."""
        if process.stdout is None:
            raise AssertionError("Popen was asked for this pipe")
        descriptor = process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
        read = 0
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return "timeout"
            if poll.poll(min(POLL_S, left) * 1000):
                block = os.read(descriptor, READ_BYTES)
                if not block:
                    return None
                read += len(block)
                if read > limit:
                    return "too_large"
                take(block)
            if stop():
                return "too_large"
            if self.called_off():
                return "called_off"

    def _exit_code(self, process: "subprocess.Popen[bytes]") -> int | None:
        try:
            return process.wait(max(0.0, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def _startable(arguments: tuple[str, ...]) -> Generator[None]:
    try:
        yield
    except OSError as exc:
        stderr = f"{NOT_STARTED}: {exc.strerror}"
        raise GitFailed(arguments, reason="exit", stderr=stderr) from exc


def _pipe_of(credential: Credential) -> int:
    """The end to read from; git passes it on to the helper."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as pipe:
        pipe.write(f"username={USER}\npassword={credential.token}\n")
    return reading


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def bytes_below(folder: Path) -> int:
    """The size of the files below, as far as visible; links are not followed."""
    total = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    total += bytes_below(Path(entry.path))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
