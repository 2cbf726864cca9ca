"""The part of the Runs API that a worker speaks itself, with its key: claims and beats."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

from aiwebhook import errors
from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.runs_api import ApiRefused, ApiUnavailable, LeasedRun, RunInput
from aiwebhook_runner.lease.runs_client import RunsClient

BEAT_TIMEOUT_S = 5.0
CLAIM_GRACE_S = 10.0
MOST_LEASES = 100
"""In one call."""
ONCE = RetryPolicy(attempts=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What the server says about one lease."""

    lost: bool
    cancel: bool


class WorkerApi(Protocol):
    """Every method may raise ApiUnavailable or ApiRefused."""

    def claim(
        self, agents: Sequence[str], *, wait_s: float, details: JsonObject
    ) -> JsonObject | None:
        """A RunInput of one of these agents, or None when there was none within wait_s."""
        ...

    def beat(self, tokens: Sequence[str]) -> list[Beat]:
        """Extends the leases, at most MOST_LEASES; an answer for each, in order."""
        ...

    def leased(self, run: RunInput) -> LeasedRun:
        """Speaks for one run."""
        ...


class WorkerClient:
    """Implements WorkerApi. Safe between threads."""

    def __init__(self, *, url: str, key: str, worker_id: str, serves: Sequence[str]) -> None:
        self._url = url
        self._serves = list(serves)
        self._worker_id = worker_id
        claims = TransportOptions(
            retry=ONCE, timeout_s=CLAIM_GRACE_S, user_agent="aiwebhook-worker"
        )
        beats = TransportOptions(
            retry=ONCE, timeout_s=BEAT_TIMEOUT_S, user_agent="aiwebhook-worker"
        )
        self._claims = Client(url, api_key=key, options=claims)
        self._beats = Client(url, api_key=key, options=beats)

    def check(self) -> None:
        """Raises ApiRefused when the key or its scope is wrong."""
        self.beat([])

    def agents(self) -> dict[str, JsonObject] | None:
        """The deployment's agents by name; None when the key may not read them."""
        with _translated():
            try:
                found = cast("list[JsonObject]", self._claims.agents())
            except errors.Forbidden:
                return None
        return {str(agent["agent_name"]): agent for agent in found}

    def claim(
        self, agents: Sequence[str], *, wait_s: float, details: JsonObject
    ) -> JsonObject | None:
        """Not repeated after a lost answer: that would claim another task."""
        with _translated():
            run = self._claims.claim_run(
                worker_id=self._worker_id,
                # All that it serves, so that a full agent does not look as if nobody served it.
                agents=self._serves,
                room=dict.fromkeys(agents, 1),
                wait_s=wait_s,
                details=details,
            )
        return None if run is None else run.input

    def beat(self, tokens: Sequence[str]) -> list[Beat]:
        """One call."""
        with _translated():
            beats = cast("list[JsonObject]", self._beats.heartbeat_runs(self._worker_id, tokens))
        return [Beat(lost=b.get("lost") is True, cancel=b.get("cancel") is True) for b in beats]

    def leased(self, run: RunInput) -> LeasedRun:
        """With the run's token, not with the worker's key."""
        return RunsClient(base_url=self._url, correlation_id=run.correlation_id).leased(run)

    def close(self) -> None:
        """Close the connections."""
        self._claims.close()
        self._beats.close()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (errors.Unavailable, errors.RateLimited) as exc:
        raise ApiUnavailable(exc.detail, retry_after_s=exc.retry_after_s) from exc
    except errors.AiWebhookError as exc:
        # The root itself stands for a status nobody foresaw: a 500, a stranger's redirect.
        if type(exc) is errors.AiWebhookError:
            raise ApiUnavailable(exc.detail) from exc
        raise ApiRefused(f"{exc.detail} {exc.remedy}") from exc
