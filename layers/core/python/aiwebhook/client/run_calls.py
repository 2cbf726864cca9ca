"""The calls that begin a run, and those that a worker makes for all of its runs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiwebhook.client.problems import holding
from aiwebhook.client.transport import ClientCall, Json, Transport, TransportOptions

if TYPE_CHECKING:
    from aiwebhook.client.runs import LeaseState, Run

LONG_POLL_S = 20.0
_NO_CONTENT, _NEXT_POLL = 204, "x-next-poll-ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """A run, or None. `next_poll_s` is set if the claim was not held: claim again after it."""

    run: Run | None = None
    next_poll_s: float | None = None


class RunCalls:
    """A base of `Client`, which creates the transport."""

    _transport: Transport
    _options: TransportOptions

    def claim_run(
        self,
        *,
        worker_id: str,
        agents: Sequence[str],
        wait_s: float = LONG_POLL_S,
        details: Json | None = None,
        room: int | Mapping[str, int] | None = None,
    ) -> Run | None:
        """Claim a run; None if no task came, within `wait_s` if the deployment holds claims."""
        return self.ask_for_run(
            worker_id=worker_id, agents=agents, wait_s=wait_s, details=details, room=room
        ).run

    def ask_for_run(
        self,
        *,
        worker_id: str,
        agents: Sequence[str],
        wait_s: float = LONG_POLL_S,
        details: Json | None = None,
        room: int | Mapping[str, int] | None = None,
    ) -> ClaimAnswer:
        """Send one claim. `details` describes the worker: version, host, …. `room` is how many more
        runs it can take, in all or by agent; by agent, `agents` are all that it serves.
        """
        body: Json = {"worker_id": worker_id, "agents": list(agents), "wait_s": wait_s}
        body |= {n: v for n, v in (("details", details), ("room", room)) if v is not None}
        # Not retried after a lost answer: that would claim another task.
        call = ClientCall(
            method="POST", path="/v1/runs/claim", body=body, wait_s=wait_s, repeatable=False
        )
        answer = self._transport.send(call)
        if answer.status != _NO_CONTENT:
            return ClaimAnswer(run=self.run(answer.body))
        pause = answer.headers.get(_NEXT_POLL, "")
        return ClaimAnswer(next_poll_s=int(pause) / 1000 if pause.isdecimal() else None)

    def heartbeat_runs(
        self, worker_id: str, lease_tokens: Sequence[str], *, timeout_s: float | None = None
    ) -> list[LeaseState]:
        """Extend at most MOST_LEASES leases; returns the state of each, in order."""
        body: Json = {"worker_id": worker_id, "leases": list(lease_tokens)}
        call = ClientCall(method="POST", path="/v1/runs/heartbeats", body=body, timeout_s=timeout_s)
        return _states(holding(self._transport.send(call).body, "beats")["beats"])

    def leave(self, worker_id: str, *, timeout_s: float | None = None) -> None:
        """The worker claims no more: it is offline at once, and the claims it still has under way
        get no task. Raises Invalid from an older API, which does not know of it.
        """
        body: Json = {"worker_id": worker_id, "leases": [], "leaving": True}
        call = ClientCall(method="POST", path="/v1/runs/heartbeats", body=body, timeout_s=timeout_s)
        self._transport.send(call)

    def run_signals(
        self, lease_tokens: Sequence[str], *, timeout_s: float | None = None
    ) -> list[LeaseState]:
        """Ask which of at most MOST_LEASES runs must stop; returns the state of each, in order.

        Raises NotFound or MethodNotAllowed from an older API, which has no such operation.
        """
        body: Json = {"leases": list(lease_tokens)}
        call = ClientCall(method="POST", path="/v1/runs/signals", body=body, timeout_s=timeout_s)
        return _states(holding(self._transport.send(call).body, "signals")["signals"])

    def complete_runs(self, reports: Sequence[tuple[str, Json]]) -> list[Json]:
        """Complete at most MOST_REPORTS runs, each given by its lease token and report. Returns one
        result for each, in order: the task's `status`, or the `problem` that prevented it.

        Raises NotFound or MethodNotAllowed from an older API, which has no such operation.
        """
        body: Json = {
            "reports": [{"lease_token": token, "report": report} for token, report in reports]
        }
        call = ClientCall(method="POST", path="/v1/runs/completions", body=body)
        return list(holding(self._transport.send(call).body, "results")["results"])

    def start_run(self, *, task_id: str, bootstrap_code: str, worker_id: str) -> Run:
        """Exchange the bootstrap code of a launched run for its lease and input."""
        body: Json = {"bootstrap_code": bootstrap_code, "worker_id": worker_id}
        path = f"/v1/runs/{quote(task_id, safe='')}/start"
        return self.run(self._transport.send(ClientCall(method="POST", path=path, body=body)).body)

    def run(self, run_input: Json) -> Run:
        """A `Run` for this RunInput, which shares the connections of this client."""
        holding(run_input, "task_id", "lease_token")
        options = replace(self._options, exchange=self._transport.exchange)
        from aiwebhook.client.runs import Run  # noqa: PLC0415 2 ms, which the CLI does not need

        return Run(self._transport.base_url, run_input, options)


def _states(rows: Sequence[Json]) -> list[LeaseState]:
    from aiwebhook.client.runs import LeaseState  # noqa: PLC0415 as above

    return [
        LeaseState(lost=row.get("lost") is True, cancel=row.get("cancel") is True) for row in rows
    ]
