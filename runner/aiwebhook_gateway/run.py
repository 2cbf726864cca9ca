"""The one run that a gateway serves: who may call, until when, and for how much."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.provider import Provider
from aiwebhook_gateway.faults import ModelError
from aiwebhook_gateway.jsons import JsonObject
from aiwebhook_gateway.ledger import UsageLedger

Monotonic = Callable[[], float]
"""A monotonic clock in seconds; it stops while a laptop sleeps, and so does the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The supervisor's terms for the run."""

    control_token: str = field(repr=False)
    run_token: str = field(repr=False)
    provider: Provider
    max_cost_usd: Decimal
    """0 for no limit."""
    lease_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRefusal:
    """Why the agent is refused for good. The status is 403 because no CLI retries that for long."""

    code: str
    message: str
    error_class: ErrorClass
    status: int = 403

    def as_error(self) -> ModelError:
        """The refusal as the usage's `last_error`."""
        return ModelError(status=self.status, error_class=self.error_class, message=self.message)


_CLOSED = RunRefusal(
    code="run_closed",
    message="This run is over; its gateway takes no more requests.",
    error_class=ErrorClass.CANCELLED,
)
_EXPIRED = RunRefusal(
    code="lease_expired",
    message="This run's lease has run out; its gateway takes no more requests.",
    error_class=ErrorClass.LOST,
)


@dataclass(slots=True, kw_only=True)
class MeteredRun:
    """The lease, budget and usage of the run. Not thread-safe: the gateway has one thread."""

    terms: Terms
    ledger: UsageLedger
    now: Monotonic
    budget_exceeded: bool = False
    _lease_until: float = 0.0
    _is_closed: bool = False

    def renew(self, lease_s: float) -> None:
        """Extend the lease from now. Also revives an expired one: its renewal was merely late."""
        self._lease_until = self.now() + lease_s

    def close(self) -> None:
        """Refuse every call from now on."""
        self._is_closed = True

    def refusal(self) -> RunRefusal | None:
        """Why no request may be made or continued now; None while it may."""
        if self._is_closed:
            return _CLOSED
        if self.now() >= self._lease_until:
            return _EXPIRED
        limit = self.terms.max_cost_usd
        if limit and self.ledger.spent >= limit:
            return RunRefusal(
                code="budget_exceeded",
                message=f"The budget of this run is spent: {limit} USD.",
                error_class=ErrorClass.BUDGET,
            )
        return None

    def refused(self, refusal: RunRefusal) -> None:
        """Record in the usage, which the supervisor reads, that a request was refused or an
        answer cut off.
        """
        self.ledger.last_error = refusal.as_error()
        self.budget_exceeded = self.budget_exceeded or refusal.error_class is ErrorClass.BUDGET

    def is_supervisor(self, token: str) -> bool:
        """Compares in constant time."""
        return same_secret(self.terms.control_token, token)

    def is_agent(self, token: str) -> bool:
        """Compares in constant time."""
        return same_secret(self.terms.run_token, token)

    def usage(self) -> JsonObject:
        """The usage in the format that an attempt stores."""
        return self.ledger.as_json() | {"budget_exceeded": self.budget_exceeded}


def same_secret(secret: str, presented: str) -> bool:
    """Compare in constant time, whatever was presented."""
    return hmac.compare_digest(
        secret.encode("utf-8", "replace"), presented.encode("utf-8", "replace")
    )
