"""The control side of the LLM gateway: who may pass, for how long, and what it has cost.

GatewayError
├── GatewayAway      no answer: not started yet, or gone
└── GatewayRefused   it answered no; the message says why
"""

from dataclasses import dataclass, field
from typing import cast

import httpx

from aiwebhook_runner.jsons import JsonObject

TIMEOUT = httpx.Timeout(5.0, connect=2.0)


class GatewayError(Exception):
    """Root of the tree above."""


class GatewayAway(GatewayError):
    """Try again, or do without."""


class GatewayRefused(GatewayError):
    """Repeating it cannot help."""


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
        # No proxy of the environment: loopback is meant, and the tokens go nowhere else.
        # No certificates either: reading those of the world takes longer than all our calls.
        self._http = httpx.Client(
            base_url=self.url,
            timeout=TIMEOUT,
            trust_env=False,
            verify=False,  # noqa: S501 - reason: plain http on loopback
        )

    def providers(self) -> frozenset[str]:
        """Those it has a key for."""
        found = self._call("GET", "/control/providers").get("providers")
        return frozenset(cast("list[str]", found or []))

    def open(self, opening: Opening) -> None:
        """From now on the run token passes, until the lease ends."""
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
        """So many seconds from now; returns the usage so far."""
        return self._call("POST", "/control/renew", {"lease_s": lease_s})

    def usage(self) -> JsonObject:
        """So far."""
        return self._call("GET", "/control/usage")

    def shut(self) -> JsonObject:
        """Nobody passes any more; returns the final usage."""
        return self._call("POST", "/control/close", {})

    def disconnect(self) -> None:
        """Close our connections."""
        self._http.close()

    def _call(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as exc:
            raise GatewayAway(f"the LLM gateway does not answer: {type(exc).__name__}") from exc
        if answer.status_code >= 400:
            raise GatewayRefused(f"the LLM gateway answered {answer.status_code} to {path}")
        try:
            told: object = answer.json() if answer.content else {}
        except ValueError as exc:
            raise GatewayRefused(f"the LLM gateway answered {path} with no JSON") from exc
        return cast("JsonObject", told) if isinstance(told, dict) else {}
