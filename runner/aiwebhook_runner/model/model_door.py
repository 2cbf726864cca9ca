"""The run's access to a model: opened before the agent exists, kept open by heartbeats, metered
while it works, closed at the end. Behind it is the LLM gateway, as a sidecar or as our child.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.adapters import AgentCannotStart, ModelAccess
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.lease_keeper import HEARTBEATS_PER_LEASE
from aiwebhook_runner.lease.retry import Deadline
from aiwebhook_runner.model.gateway_client import (
    GatewayAway,
    GatewayClient,
    GatewayError,
    GatewayRefused,
    Opening,
)
from aiwebhook_runner.model.model_choice import providers_in
from aiwebhook_runner.settings import RunnerSettings

if TYPE_CHECKING:
    from aiwebhook_runner.model.gateway_process import GatewayProcess

Answer = TypeVar("Answer")

METER_S = 2.0
"""Seconds between two readings of the usage: what people see, and how late a spent budget is
noticed. The gateway itself refuses at once.
"""
COMES_UP_S = 20.0
"""A sidecar may start a little later than the runner."""
TRY_AGAIN_S = 0.2
_PAUSE = threading.Event()
"""Never set, so waiting on it is a sleep: nothing signals that the gateway has begun to listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """The run that needs a model: its provider, budget (USD) and heartbeat (seconds)."""

    provider: str
    max_cost_usd: float
    """0: no limit."""
    heartbeat_s: float


class ModelDoor:
    """Open once constructed. If the gateway becomes unavailable, the agent fails by itself, with a
    better message than ours. Safe between threads.
    """

    def __init__(self, client: GatewayClient, opening: Opening, log: JsonLog) -> None:
        """Raises GatewayError."""
        client.open(opening)
        self._client = client
        self._lease_s = opening.lease_s
        self._log = log
        self._lock = threading.Lock()
        self._shut = threading.Event()
        self._usage: JsonObject = {}
        self.access = ModelAccess(
            provider=opening.provider,
            base_url=f"{client.url}/{opening.provider}",
            token=opening.run_token,
        )
        self.secrets = (opening.control_token, opening.run_token)
        """For the redactor."""

    def renew(self) -> None:
        """Call after each heartbeat that the Runs API answered, and only then: a lost
        lease closes access.
        """
        self._take(lambda: self._client.renew(self._lease_s))

    def usage(self) -> JsonObject:
        """The usage now, or as last known, in the gateway's format."""
        self._take(self._client.usage)
        return self._usage

    def settled(self) -> JsonObject:
        """The same once no agent lives, with all requests it had under way."""
        self._take(self._client.settle)
        return self._usage

    def meter(self, on_usage: Callable[[JsonObject], None]) -> None:
        """Call `on_usage` with each change from now on, in a thread of its own."""
        threading.Thread(target=self._meter, args=(on_usage,), name="meter", daemon=True).start()

    def shut(self) -> None:
        """Close access; the usage stays as it is then."""
        self._take(self._client.shut)
        self._shut.set()

    def _meter(self, on_usage: Callable[[JsonObject], None]) -> None:
        last: JsonObject = {}
        while not self._shut.wait(METER_S):
            usage = self.usage()
            if usage != last:
                last = usage
                on_usage(usage)

    def _take(self, read: Callable[[], JsonObject]) -> None:
        with self._lock:
            if self._shut.is_set():
                return
            try:
                self._usage = read()
            except GatewayError as exc:
                self._log.warning("gateway_unanswered", reason=str(exc))


class RunGateway:
    """The LLM gateway: a side-car when the settings name one, else our child."""

    def __init__(self, settings: RunnerSettings, log: JsonLog) -> None:
        self._settings = settings
        self._log = log
        self._client: GatewayClient | None = None
        self._child: GatewayProcess | None = None
        self._door: ModelDoor | None = None

    @property
    def own_processes(self) -> frozenset[int]:
        """Our children that are not part of the agent."""
        return frozenset({self._child.pid}) if self._child else frozenset()

    def providers(self) -> frozenset[str]:
        """Providers with a key. Raises AgentCannotStart."""
        if not self._settings.gateway_url:
            return providers_in(self._settings.agent_environment)
        return self._reached(lambda client: client.providers())

    def come_up(self) -> None:
        """Start our child, if we use one: it takes as long as preparing the workspace."""
        if not self._settings.gateway_url:
            from aiwebhook_runner.model.gateway_process import GatewayProcess  # noqa: PLC0415 - reason: a container has its gateway beside it

            self._child = GatewayProcess(self._settings.agent_environment, self._log)

    def open(self, request: AccessRequest) -> ModelDoor:
        """Open the run's only access. Raises AgentCannotStart."""
        opening = Opening(
            control_token=secrets.token_urlsafe(32),
            run_token=secrets.token_urlsafe(32),
            provider=request.provider,
            max_cost_usd=request.max_cost_usd,
            lease_s=HEARTBEATS_PER_LEASE * request.heartbeat_s,
        )
        self._door = self._reached(lambda client: ModelDoor(client, opening, self._log))
        return self._door

    def close(self) -> None:
        """Close access and end our process."""
        if self._door is not None:
            self._door.shut()
        if self._client is not None:
            self._client.disconnect()
        if self._child is not None:
            self._child.close()

    def _reached(self, read: Callable[[GatewayClient], Answer]) -> Answer:
        patience = Deadline(COMES_UP_S)
        while True:
            try:
                return read(self._connected())
            except GatewayRefused as exc:
                raise AgentCannotStart(
                    ErrorClass.NETWORK, f"The model cannot be reached: {exc}."
                ) from exc
            except GatewayAway as exc:
                if patience.left_s() <= 0 or (self._child and not self._child.lives):
                    message = f"The model cannot be reached: {exc}."
                    raise AgentCannotStart(ErrorClass.NETWORK, message) from exc
            _PAUSE.wait(TRY_AGAIN_S)

    def _connected(self) -> GatewayClient:
        if self._client is None:
            url = self._child.url() if self._child else self._settings.gateway_url
            self._client = GatewayClient(url)
        return self._client
