"""An AWS account as the emulator plays it, with IAM enforced, and a database server beside it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, cast

import boto3
from botocore.config import Config

from aiwebhook_local.home import Project
from aiwebhook_local.ports import listen_on
from aiwebhook_local.postgres import EmbeddedPostgres, PostgresOptions
from aiwebhook_local.processes import ProcessLaunch, start_process
from aiwebhook_local.settings import developers_path
from tests.deployed.emulator_process import VARIABLE

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "000000000000"
REGION = "us-east-1"
_STARTED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedAccount:
    """Where it is, and clients with the rights of its root user."""

    url: str
    folder: Path
    postgres: EmbeddedPostgres
    _clients: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)

    def client(self, service: str) -> Any:
        """The boto3 client of a service, as the account's root user."""
        if service not in self._clients:
            self._clients[service] = cast("Any", boto3).client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id=NUMBER,
                aws_secret_access_key="root",
                config=Config(
                    s3={"addressing_style": "path"},
                    retries={"total_max_attempts": 1},
                    read_timeout=180,
                    proxies={},
                ),
            )
        return self._clients[service]

    @property
    def environment(self) -> dict[str, str]:
        """Of programs that are to find this account and no other."""
        nowhere = os.devnull
        return {
            "PATH": developers_path(),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": NUMBER,
            "AWS_SECRET_ACCESS_KEY": "root",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_COLOR": "1",
        }


@contextlib.contextmanager
def emulated_account(folder: Path) -> Generator[EmulatedAccount]:
    """Start emulator and database; nothing runs any more when the block ends."""
    for name in ("logs", "tasks", "tmp", "agents", "packages"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o711)
    (folder / "tasks").chmod(0o711)
    server = EmbeddedPostgres(PostgresOptions(folder=folder / "postgres", fast=True))
    server.start()
    listener = listen_on(0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (folder / "logs" / "emulator.log").open("wb") as log:
        process = start_process(
            ProcessLaunch(
                command=[sys.executable, "-m", "tests.deployed.emulator_process"],
                output=log,
                cwd=folder,
                environment=_environment(folder, listener, server),
                pass_fds=(listener.fileno(),),
            )
        )
    listener.close()
    try:
        _wait(url, folder)
        yield EmulatedAccount(url=url, folder=folder, postgres=server)
    finally:
        process.terminate()
        process.wait(60)
        server.stop()


def _environment(folder: Path, listener: socket.socket, server: EmbeddedPostgres) -> dict[str, str]:
    port = str(listener.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    project = Project(root=ROOT)
    settings = {
        "url": url,
        "listener": listener.fileno(),
        "postgres": server.dsn(),
        "logs": str(folder / "logs"),
        "packages": str(folder / "packages"),
        "tasks": str(folder / "tasks"),
        "task_python_path": project.task_python_path,
        # An empty folder: what `make agents` installed must make no difference, and with
        # a provider's key a run would ask the provider.
        "agents": str(folder / "agents"),
    }
    return {
        VARIABLE: json.dumps(settings),
        "AUTH": "true",
        "PATH": developers_path(),
        "HOME": str(folder / "tmp"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *(path for path in sys.path if path)]),
        "AWS_ENDPOINT_URL": url,
        "AWS_SECRET_ACCESS_KEY": "root",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "GATEWAY_PORT": port,
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "STATE_DIR": str(folder / "tmp" / "state"),
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
    }


def _wait(url: str, folder: Path) -> None:
    host = HTTPConnection(url.removeprefix("http://"), timeout=_STARTED_WITHIN_S)
    with contextlib.closing(host):
        try:
            host.request("GET", "/_ministack/health")
            host.getresponse()
        except OSError as error:
            log = (folder / "logs" / "emulator.log").read_text(errors="replace")
            raise RuntimeError(f"the emulator did not start:\n{log[-3000:]}") from error
