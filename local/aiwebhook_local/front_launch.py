"""Starts the process of the front and waits until it listens."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiwebhook_local.deploy import Aws
from aiwebhook_local.home import Home, Project
from aiwebhook_local.postgres import free_port, is_free
from aiwebhook_local.processes import Launch, start_process
from aiwebhook_local.settings import FRONT, search_path
from aiwebhook_local.waiting import wait_until

DEFAULT_PORT = 8787
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0


class FrontNotStarted(Exception):
    """The front did not come up; the message says why."""


def choose_port(wanted: int | None) -> int:
    """The port that was asked for, or 8787 if it is free, or any. Raises FrontNotStarted."""
    if wanted is not None:
        if not is_free(wanted):
            raise FrontNotStarted(f"port {wanted} is in use; choose another or none at all")
        return wanted
    return DEFAULT_PORT if is_free(DEFAULT_PORT) else free_port()


@dataclass(slots=True, kw_only=True)
class FrontProcess:
    """The running front. Start it from a thread that lives as long as the process."""

    project: Project
    home: Home
    port: int
    task_variables: Mapping[str, str] = field(default_factory=dict[str, str])
    session_token: str = field(default_factory=lambda: secrets.token_hex(32))
    process: subprocess.Popen[bytes] | None = None
    aws: Aws = field(init=False)
    """How to call the emulator behind it; closed by `stop`."""

    def __post_init__(self) -> None:
        url = f"http://127.0.0.1:{self.port}"
        self.aws = Aws(url=url, session_token=self.session_token)

    def launch(self) -> None:
        """Start the process; returns at once."""
        with (self.home.logs / "front.log").open("wb") as log:
            self.process = start_process(
                Launch(
                    command=[sys.executable, "-m", "aiwebhook_local.front_process"],
                    output=log,
                    cwd=self.home.root,
                    environment=self._environment(),
                )
            )

    def wait_until_listening(self) -> None:
        """Raises FrontNotStarted with the end of its log when it exits instead."""
        process = self.process
        assert process is not None, "launch() comes first"
        wait_until(
            lambda: _listens(self.port) or process.poll() is not None, timeout_s=_START_TIMEOUT_S
        )
        if not _listens(self.port):
            log = (self.home.logs / "front.log").read_text(errors="replace")
            raise FrontNotStarted("the front did not start:\n" + log[-2000:])

    def stop(self) -> None:
        """Let it stop its tasks and functions, then end it. Harmless when it is not running."""
        # First: a front that stops waits for the connections that are still open.
        self.aws.close()
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
        """All that the front and the functions see; nothing of the developer's shell but PATH."""
        nowhere = os.devnull
        return {
            "PATH": search_path(),
            "HOME": str(self.home.temporary),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": str(self.home.temporary),
            # What we can import, the front can.
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            FRONT: json.dumps(self._settings()),
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": self.session_token,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            # Listeners on all interfaces that nothing here needs.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # A Docker that happens to be there must not be used: everything is a process here.
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.home.objects),
            # Bounded by the front and by the event source mappings, not by refusals.
            "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
            "LAMBDA_WARM_TTL_SECONDS": "60",
        }

    def _settings(self) -> dict[str, object]:
        return {
            "port": self.port,
            "session_token": self.session_token,
            "logs": str(self.home.logs),
            "tasks": str(self.home.tasks),
            "task_python_path": self.project.task_python_path,
            "agents": str(self.project.agents),
            "task_variables": dict(self.task_variables),
        }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
