"""The LLM gateway and the scripted provider as processes, for tests."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from aiwebhook.json_log import JsonLog
from aiwebhook_gateway.gateway import gateway
from aiwebhook_gateway.serving import listening
from aiwebhook_gateway.settings import GatewaySettings
from tests.support.source_tree import PYTHONPATH

CONTROL_TOKEN = "control-token-of-the-supervisor"
RUN_TOKEN = "run-token-that-the-agent-knows"
KEYS = {
    "ANTHROPIC_API_KEY": "real-key-of-anthropic",
    "OPENAI_API_KEY": "real-key-of-openai",
    "GEMINI_API_KEY": "real-key-of-google",
}
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""All is loopback; loading the authorities for each client would take most of a test."""
_GATEWAY = (sys.executable, "-m", "aiwebhook_gateway", "serve")
_SCRIPTED = (sys.executable, "-m", "aiwebhook_local.scripted")


@dataclass(slots=True, kw_only=True)
class Served:
    """A gateway or a scripted provider, and how tests speak to it."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, verify=_NO_TLS))

    # the gateway's control side
    def control(self, verb: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON answer to a request of the supervisor."""
        headers = {"Authorization": f"Bearer {CONTROL_TOKEN}"}
        url = f"{self.url}/control/{verb}"
        answer = (
            self.client.get(url, headers=headers)
            if body is None
            else self.client.post(url, headers=headers, json=body)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def open(self, provider: str = "anthropic", **terms: Any) -> None:
        """Open the run."""
        tokens = {"control_token": CONTROL_TOKEN, "run_token": RUN_TOKEN}
        lasting = {"max_cost_usd": 0, "lease_s": 600}
        self.control("open", {**tokens, **lasting, "provider": provider, **terms})

    def usage(self) -> Any:
        return self.control("usage")

    # the scripted provider
    def seen(self) -> Any:
        """The requests it got."""
        return self.client.get(f"{self.url}/log").json()


@dataclass(slots=True, kw_only=True)
class ServedProcess(Served):
    """A running process of ours. `log` is what it wrote to stderr; complete once it has ended."""

    process: subprocess.Popen[bytes]
    stderr: Path

    @property
    def log(self) -> str:
        return self.stderr.read_text(encoding="utf-8")

    def stop(self) -> int:
        """End it as ECS would; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


def gateway_env(upstream: str, **more: str) -> dict[str, str]:
    """The gateway's environment, with every provider at this address."""
    names = ("ANTHROPIC", "OPENAI", "GOOGLE")
    return {**KEYS, **{f"AIWEBHOOK_UPSTREAM_{name}": upstream for name in names}, **more}


@contextmanager
def gateway_in_thread(upstream: str, **env: str) -> Generator[Served]:
    """A gateway in this process: a hundred times faster to start than one of its own."""
    settings = GatewaySettings.from_env(gateway_env(upstream, **env))
    begun: Future[tuple[int, Callable[[], object]]] = Future()

    async def main() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with (
            gateway(settings, JsonLog(service="gateway", stream=io.StringIO())) as opened,
            listening(opened.handle, 0) as port,
        ):
            begun.set_result((port, lambda: loop.call_soon_threadsafe(stop.set)))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    port, stop = begun.result(timeout=20)
    served = Served(url=f"http://127.0.0.1:{port}")
    try:
        yield served
    finally:
        served.client.close()
        stop()
        thread.join()


@contextmanager
def running_scripted(tmp_path: Path, *options: str) -> Generator[ServedProcess]:
    """The scripted provider."""
    stderr = tmp_path / "scripted.err"
    with _running((*_SCRIPTED, *options), {}, stderr) as served:
        yield served


@contextmanager
def running_gateway(tmp_path: Path, upstream: str) -> Generator[ServedProcess]:
    """The gateway as it runs beside an agent."""
    with _running(_GATEWAY, gateway_env(upstream), tmp_path / "serve.err") as served:
        yield served


@contextmanager
def _running(
    command: Sequence[str], env: Mapping[str, str], stderr: Path
) -> Generator[ServedProcess]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251  reason: the child gets nothing else
    with (
        stderr.open("wb") as log,
        subprocess.Popen(
            command,
            env={**inherited, "PYTHONPATH": PYTHONPATH, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, stderr.read_text(encoding="utf-8")
        url = f"http://127.0.0.1:{json.loads(first)['port']}"
        served = ServedProcess(url=url, process=process, stderr=stderr)
        try:
            yield served
        finally:
            served.client.close()
            served.stop()
