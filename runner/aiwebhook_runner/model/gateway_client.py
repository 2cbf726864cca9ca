"""The control side of the LLM gateway: who may pass, for how long, and what it has cost.

GatewayError
├── GatewayAway      no answer: not started yet, or gone
└── GatewayRefused   it answered no; the message says why
"""

import json
from dataclasses import dataclass, field
from typing import cast

from aiwebhook.client.wire import FIRST_ERROR, ClientRequest, Wire, WireError
from aiwebhook_runner.jsons import JsonObject, encode

TIMEOUT_S = 5.0


class GatewayError(Exception):
    """The LLM gateway could not do what was requested."""


class GatewayAway(GatewayError):
    """No connection, or no response in time: try again, or do without."""


class GatewayRefused(GatewayError):
    """An error response: repeating the request cannot help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the gateway is opened for. Both tokens are this run's own."""

    control_token: str = field(repr=False)
    run_token: str = field(repr=False)
    provider: str
    max_cost_usd: float
    """0: no limit."""
    lease_s: float


class GatewayClient:
    """Safe between threads. `url` is the gateway's root on loopback."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._token = ""
        self._wire = Wire(self.url)

    def providers(self) -> frozenset[str]:
        """The providers it has a key for."""
        found = self._call("GET", "/control/providers").get("providers")
        return frozenset(cast("list[str]", found or []))

    def open(self, opening: Opening) -> None:
        """Accept the run token from now on, until the lease ends."""
        self._token = opening.control_token
        self._call(
            "POST",
            "/control/open",
            {
                "control_token": opening.control_token,
                "run_token": opening.run_token,
                "provider": opening.provider,
                "max_cost_usd": opening.max_cost_usd,
                "lease_s": opening.lease_s,
            },
        )

    def renew(self, lease_s: float) -> JsonObject:
        """Extend by `lease_s` from now; returns the usage so far."""
        return self._call("POST", "/control/renew", {"lease_s": lease_s})

    def usage(self) -> JsonObject:
        return self._call("GET", "/control/usage")

    def settle(self) -> JsonObject:
        """The usage between two turns, once the dead agent's pending requests are accounted for."""
        return self._call("POST", "/control/settle", {})

    def shut(self) -> JsonObject:
        """Accept nothing more; returns the final usage."""
        return self._call("POST", "/control/close", {})

    def disconnect(self) -> None:
        self._wire.close()

    def _call(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = ClientRequest(
            method=method,
            target=path,
            headers=headers,
            body=None if body is None else encode(body),
            timeout_s=TIMEOUT_S,
        )
        try:
            answer = self._wire.exchange(request)
        except WireError as exc:
            raise GatewayAway(f"the LLM gateway does not answer: {exc}") from exc
        if answer.status >= FIRST_ERROR:
            raise GatewayRefused(f"the LLM gateway answered {answer.status} to {path}")
        try:
            received: object = json.loads(answer.content) if answer.content else {}
        except ValueError as exc:
            raise GatewayRefused(f"the LLM gateway answered {path} with no JSON") from exc
        return cast("JsonObject", received) if isinstance(received, dict) else {}
