"""Starts the front's process and waits until it serves."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from aiwebhook.sealed import SEALED, seal
from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Home, Project
from aiwebhook_local.ports import listen_on
from aiwebhook_local.processes import ProcessLaunch, start_process
from aiwebhook_local.settings import FRONT, SESSION_TOKEN, developers_path

DEFAULT_PORT = 8787
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0


class FrontNotStarted(Exception):
    """The front did not start; the message says why."""


def take_port(wanted: int | None) -> socket.socket:
    """A listening socket: on the port asked for (0: any), else on 8787 if it is free, or any.

    Raises FrontNotStarted when the port asked for is in use.
    """
    if wanted is None:
        try:
            return listen_on(DEFAULT_PORT)
        except OSError:
            return listen_on(0)
    try:
        return listen_on(wanted)
    except OSError:
        raise FrontNotStarted(
            f"Port {wanted} is in use. Name another with --port or AIWEBHOOK_PORT, or none."
        ) from None


@dataclass(slots=True, kw_only=True)
class FrontProcess:
    """The running front. Start it from a thread that lives as long as the process."""

    project: Project
    home: Home
    listener: socket.socket
    """Open already, so that the port cannot go to another process; `launch` hands it over."""
    public_url: str | None = None
    """The address of a tunnel, if there is one."""
    emulator: bool = False
    """Whether the emulator runs the functions itself."""
    task_variables: Mapping[str, str] = field(default_factory=dict[str, str])
    session_token: str = field(default_factory=lambda: secrets.token_hex(32))
    process: subprocess.Popen[bytes] | None = None
    port: int = field(init=False)
    aws: Aws = field(init=False)
    """How to call the emulator behind it; closed by `stop`."""

    def __post_init__(self) -> None:
        self.port = self.listener.getsockname()[1]
        url = f"http://127.0.0.1:{self.port}"
        self.aws = Aws(url=url, session_token=self.session_token)

    def launch(self) -> None:
        """Start the process; returns at once."""
        # Our copy is closed: when the front dies, its callers are disconnected instead of kept
        # waiting.
        with (
            self.listener,
            (self.home.logs / "front.log").open("wb") as log,
            seal(self._secrets()) as given,
        ):
            self.process = start_process(
                ProcessLaunch(
                    command=[sys.executable, "-m", "aiwebhook_local.front_process"],
                    output=log,
                    cwd=self.home.root,
                    environment=self._environment() | {SEALED: str(given.fileno())},
                    pass_fds=(self.listener.fileno(), given.fileno()),
                )
            )

    def wait_until_serving(self) -> None:
        """Raises FrontNotStarted with the end of its log when it exits instead."""
        assert self.process is not None, "launch() comes first"
        # The socket takes the request at once; the answer comes when the front is up.
        front = HTTPConnection("127.0.0.1", self.port, timeout=_START_TIMEOUT_S)
        with contextlib.closing(front):
            try:
                front.request("GET", "/")
                front.getresponse()
            except (OSError, HTTPException):
                log = (self.home.logs / "front.log").read_text(errors="replace")
                raise FrontNotStarted("the front did not start:\n" + log[-2000:]) from None

    def stop(self) -> None:
        """Have it stop its tasks and functions, then end it. Harmless when it is not running."""
        # First: a stopping front waits for open connections.
        self.aws.close()
        self.listener.close()
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _environment(self) -> dict[str, str]:
        """Everything that the front and the functions see; of the developer's shell only PATH."""
        nowhere = os.devnull
        return {
            "PATH": developers_path(),
            "HOME": str(self.home.temporary),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": str(self.home.temporary),
            # What we can import, the front can.
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            # Listeners on all interfaces that nothing here needs.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Docker must not be used even where it is installed: everything is a process here.
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.home.objects),
            # Otherwise a folder in /tmp that anybody could have made.
            "STATE_DIR": str(self.home.temporary / "state"),
            # Bounded by the front and the event source mappings, not by refusals.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "LAMBDA_WARM_TTL_SECONDS": "60",
        }

    def _secrets(self) -> dict[str, str]:
        """Passed sealed: whoever knows the session token commands the emulator."""
        return {FRONT: json.dumps(self._settings()), SESSION_TOKEN: self.session_token}

    def _settings(self) -> dict[str, object]:
        return {
            "doors": {
                "port": self.port,
                "session_token": self.session_token,
                "public_url": self.public_url,
            },
            "listener": self.listener.fileno(),
            "emulator": self.emulator,
            "logs": str(self.home.logs),
            "tasks": str(self.home.tasks),
            "task_python_path": self.project.task_python_path,
            "agents": str(self.project.agents),
            "task_variables": dict(self.task_variables),
        }
