"""The LLM gateway as a child of this supervisor, where it has no sidecar (worker mode)."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import aiwebhook_gateway
import aiwebhook_runner
from aiwebhook.domain.provider import PROVIDER_KEYS, UPSTREAM_OF
from aiwebhook.json_log import JsonLog
from aiwebhook.sealed import SEALED, seal
from aiwebhook_runner.jsons import JsonObject, NotJsonObject, decode_object
from aiwebhook_runner.model.gateway_client import GatewayAway
from aiwebhook_runner.process import spawn

START_S = 20.0
END_S = 2.0
"""Seconds for a gateway to close; its streams are no longer read by the agent."""

PASSED_ON = (
    *PROVIDER_KEYS,
    *UPSTREAM_OF.values(),
    "AIWEBHOOK_GATEWAY_CONNECT_S",
    "AIWEBHOOK_GATEWAY_SILENCE_S",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
"""Variables of our environment that it gets; it alone gets the keys."""


class GatewayProcess:
    """Starting once constructed. Ends with us, or at `close`."""

    def __init__(self, environment: Mapping[str, str], log: JsonLog) -> None:
        self._log = log
        self._port: int | None = None
        self._started = threading.Event()
        """Set when its port is known, or it is gone."""
        open_variables, keys = _environment(environment)
        with seal(keys) as given:
            self._process = self._start(open_variables, given.fileno())
        self._reader = threading.Thread(target=self._read, name="gateway-log", daemon=True)
        self._reader.start()

    def _start(self, environment: Mapping[str, str], given: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", spawn.__file__, str(os.getpid()), "-", "-", "-"),
                *(sys.executable, "-P", "-m", "aiwebhook_gateway", "serve", "--with-parent"),
            ],
            env={**environment, SEALED: str(given)},
            pass_fds=(given,),
            stdin=subprocess.PIPE,  # ends with us, also where there is no death signal
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Out of the agent's reach and of our group: a Ctrl-C at our terminal must not end it
            # while the agent is still being stopped.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Not a process of the agent: neither counted nor swept."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether the process is alive, so that a connection may still succeed."""
        return self._process.poll() is None

    def close(self) -> None:
        """Stop the process and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdin).close()
        self._reader.join(END_S)

    def url(self) -> str:
        """The URL once it listens. Raises GatewayAway when it does not start."""
        self._started.wait(START_S)
        if self._port is None:
            raise GatewayAway("the LLM gateway did not come up")
        return f"http://127.0.0.1:{self._port}"

    def _read(self) -> None:
        """One line is the port; the others are its log, which has no content."""
        with _pipe(self._process.stdout) as pipe:
            for line in pipe:
                facts = _facts(line)
                if "port" in facts:
                    self._port = int(str(facts["port"]))
                    self._started.set()
                else:
                    facts.pop("timestamp", None)
                    self._log.info("gateway", line=facts)
        self._started.set()


def _facts(line: bytes) -> JsonObject:
    try:
        return decode_object(line)
    except NotJsonObject:
        return {"text": line.decode("utf-8", "replace").strip()}


def _environment(own: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Complete, not inherited: variables at its start, and those sealed afterwards."""
    homes = dict.fromkeys(
        str(Path(package.__path__[0]).parent) for package in (aiwebhook_runner, aiwebhook_gateway)
    )
    start = {
        "PATH": own.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join(homes),
        "AIWEBHOOK_GATEWAY_PORT": "0",
    }
    return start, {name: own[name] for name in PASSED_ON if own.get(name)}


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("Popen was asked for this pipe")
    return pipe
