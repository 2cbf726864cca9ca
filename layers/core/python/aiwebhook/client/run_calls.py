"""How runs begin, and what a worker asks for all of its runs at once."""

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
    """A run, or none. `next_poll_s`: the claim was not held, ask again so many seconds later."""

    run: Run | None = None
    next_poll_s: float | None = None


class RunCalls:
    """Part of `Client`, which makes the transport."""

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
        """A task for this worker, or None when there was none: within `wait_s`, if the
        deployment holds claims.
        """
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
        """One claim. `details` is what the worker tells about itself: version, host, …; `room` for
        how many more runs it has room, in all or by agent (then `agents` are all that it serves).
        """
        body: Json = {"worker_id": worker_id, "agents": list(agents), "wait_s": wait_s}
        body |= {n: v for n, v in (("details", details), ("room", room)) if v is not None}
        # Not asked again after a lost answer: that would claim another task.
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
        """Extend leases, at most MOST_LEASES: an answer for each, in order."""
        body: Json = {"worker_id": worker_id, "leases": list(lease_tokens)}
        call = ClientCall(method="POST", path="/v1/runs/heartbeats", body=body, timeout_s=timeout_s)
        return _states(holding(self._transport.send(call).body, "beats")["beats"])

    def run_signals(
        self, lease_tokens: Sequence[str], *, timeout_s: float | None = None
    ) -> list[LeaseState]:
        """Which of these runs shall stop, at most MOST_LEASES: an answer for each, in order.

        Raises NotFound or MethodNotAllowed from an older API, which has no such operation.
        """
        body: Json = {"leases": list(lease_tokens)}
        call = ClientCall(method="POST", path="/v1/runs/signals", body=body, timeout_s=timeout_s)
        return _states(holding(self._transport.send(call).body, "signals")["signals"])

    def complete_runs(self, reports: Sequence[tuple[str, Json]]) -> list[Json]:
        """Lease tokens with the reports of runs that succeeded, at most MOST_REPORTS: an answer for
        each, in order, with the task's `status` or the `problem` for which it was not taken.

        Raises NotFound or MethodNotAllowed from an older API, which has no such operation.
        """
        told = [{"lease_token": token, "report": report} for token, report in reports]
        call = ClientCall(method="POST", path="/v1/runs/completions", body={"reports": told})
        return list(holding(self._transport.send(call).body, "results")["results"])

    def start_run(self, *, task_id: str, bootstrap_code: str, worker_id: str) -> Run:
        """Exchange the bootstrap code of a launched run for its lease and input."""
        body: Json = {"bootstrap_code": bootstrap_code, "worker_id": worker_id}
        path = f"/v1/runs/{quote(task_id, safe='')}/start"
        return self.run(self._transport.send(ClientCall(method="POST", path=path, body=body)).body)

    def run(self, run_input: Json) -> Run:
        """Speak for a run whose RunInput is known, over the connections of this client."""
        holding(run_input, "task_id", "lease_token")
        options = replace(self._options, exchange=self._transport.exchange)
        from aiwebhook.client.runs import Run  # noqa: PLC0415 2 ms that a command line does without

        return Run(self._transport.base_url, run_input, options)


def _states(told: Sequence[Json]) -> list[LeaseState]:
    from aiwebhook.client.runs import LeaseState  # noqa: PLC0415 as above

    return [
        LeaseState(lost=one.get("lost") is True, cancel=one.get("cancel") is True) for one in told
    ]
