"""How runs begin (docs/wire.md), and what a worker does for all of its runs in one call: a worker
claims, a launched container exchanges its code.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import BaseModel

from aiwebhook.domain.failure import ErrorClass
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.next_poll import NEXT_POLL_HEADER
from aiwebhook.errors import AiWebhookError, Invalid, LeaseLost
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.problem import problem_of
from aiwebhook.usecases.complete_run import complete_runs
from aiwebhook.usecases.granted_waits import granted_poll
from aiwebhook.usecases.heartbeat_worker import heartbeat_worker
from aiwebhook.usecases.leave_worker import leave_worker
from aiwebhook.usecases.own_leases import own_leases
from aiwebhook.usecases.report_agents import AgentReport, report_agents
from aiwebhook.usecases.run_ended import RunEnded
from aiwebhook.usecases.run_signals import run_signals
from aiwebhook.usecases.start_run import (
    ClaimingWorker,
    RunServices,
    WorkerClaim,
    WorkerGone,
    start_run,
)
from session_api import agent_schemas
from session_api import run_schemas as schemas
from session_api.after_commit import post
from session_api.answer import Answer, Json
from session_api.leased_reports import leased_reports
from session_api.operation import Access, ApiCall, Operation
from session_api.routes.run_reports import completion_of

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def claim(api: SessionApi, call: ApiCall, params: schemas.ClaimParams) -> Answer:
    """One task, or 204 if there is none within wait_s, or if the worker leaves meanwhile."""
    worker = ClaimingWorker(
        project_id=call.caller.project_id,
        worker_id=params.worker_id,
        agents=params.agents,
        details=params.details,
        room=params.room,
    )
    asked = WorkerClaim(_services(api), worker)
    polled = granted_poll(
        lambda: asked.look(now=api.clock()),
        waits=api.waits,
        asked=call.follows(params.wait_s),
        signal=api.observations,
    )
    if polled.found is None or isinstance(polled.found, WorkerGone):
        pause = polled.next_poll_ms
        headers = {} if pause is None else {NEXT_POLL_HEADER: str(pause)}
        return Answer(status=204, body=None, headers=headers)
    post(api, ())
    return Answer(body=polled.found.as_json())


def start(api: SessionApi, call: ApiCall, params: schemas.StartParams) -> Answer:
    """Exchange the bootstrap code, which is the credential; the same worker may repeat the call."""
    run = start_run(
        _services(api),
        task_id=call.ids["task_id"],
        bootstrap_code=params.bootstrap_code,
        worker_id=params.worker_id,
        now=api.clock(),
    )
    return Answer(body=run.as_json())


def heartbeat_runs(api: SessionApi, call: ApiCall, params: schemas.HeartbeatsParams) -> Answer:
    """Extend several leases; a lost one is reported as lost and does not affect the others."""
    project_id, worker_id = call.caller.project_id, params.worker_id
    if params.leaving:
        post(api, leave_worker(api.runs, project_id=project_id, worker_id=worker_id))
    leases = heartbeat_worker(
        api.runs,
        project_id=project_id,
        worker_id=worker_id,
        lease_tokens=params.leases,
        keys=api.lease_keys(),
        now=api.clock(),
    )
    return Answer(body={"beats": [asdict(lease) for lease in leases]})


def signals(api: SessionApi, call: ApiCall, params: schemas.SignalsParams) -> Answer:
    """Which runs should stop; extends no lease."""
    leases = own_leases(
        params.leases, project_id=call.caller.project_id, keys=api.lease_keys(), now=api.clock()
    )
    found = run_signals(api.observations, leases)
    return Answer(body={"signals": [asdict(signal) for signal in found]})


def complete_many(api: SessionApi, call: ApiCall, _params: BaseModel | None) -> Answer:
    """Several reports in one commit; those that cannot be accepted are refused one by one."""
    given = leased_reports(call.body)
    tokens = ["" if isinstance(one, Invalid) else one.lease_token for one in given]
    leases = own_leases(
        tokens, project_id=call.caller.project_id, keys=api.lease_keys(), now=api.clock()
    )
    reports = [
        RunReport(lease=lease, completion=completion_of(one.report, one.notes))
        for lease, one in zip(leases, given, strict=True)
        if lease is not None and not isinstance(one, Invalid)
    ]
    ended = complete_runs(api.runs, reports, random=api.random)
    post(api, ended.outbox)
    outcomes = iter(ended.outcomes)
    results = [
        _result(call, lease, next(outcomes))
        if lease is not None
        else _result(call, None, one if isinstance(one, Invalid) else _NO_LEASE)
        for lease, one in zip(leases, given, strict=True)
    ]
    return Answer(body={"results": results})


def _result(call: ApiCall, lease: RunLease | None, outcome: RunEnded | AiWebhookError) -> Json:
    refused = isinstance(outcome, AiWebhookError)
    return {
        "task_id": None if lease is None else lease.task_id,
        "status": None if refused else outcome.status,
        "problem": problem_of(outcome, request_id=call.request_id) if refused else None,
    }


_NO_LEASE = LeaseLost("This is not the token of a lease that lasts.")


def reports(api: SessionApi, call: ApiCall, params: agent_schemas.AgentReportsParams) -> Answer:
    """Give agents that cannot start the status `error`, with the reason."""
    found = [
        AgentReport.of(
            report.agent_name,
            None if report.error_class is None else ErrorClass(report.error_class),
            report.message,
        )
        for report in params.reports
    ]
    changed = report_agents(api.runs, found, project_id=call.caller.project_id)
    return Answer(body={"changed": changed})


def _services(api: SessionApi) -> RunServices:
    return RunServices(store=api.runs, checkpoints=api.checkpoints, keys=api.lease_keys())


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/runs/claim",
        name="claimRun",
        summary="A worker claims one task for its agents; the task is running from then on.",
        tag="runs",
        access=Access.WORKER,
        handle=claim,
        params=schemas.ClaimParams,
        returns=schemas.RunInputResult,
        statuses={
            204: "No task within wait_s, or the worker has left; "
            f"if {NEXT_POLL_HEADER} is present, none right now."
        },
    ),
    Operation(
        method="POST",
        path="/v1/runs/heartbeats",
        name="heartbeatRuns",
        summary="A worker extends the leases of all its runs and reports that it is alive.",
        tag="runs",
        access=Access.WORKER,
        handle=heartbeat_runs,
        params=schemas.HeartbeatsParams,
        returns=schemas.HeartbeatsResult,
    ),
    Operation(
        method="POST",
        path="/v1/runs/signals",
        name="getRunSignals",
        summary="A worker asks which of its runs should stop; extends no lease.",
        tag="runs",
        access=Access.WORKER,
        handle=signals,
        params=schemas.SignalsParams,
        returns=schemas.SignalsResult,
    ),
    Operation(
        method="POST",
        path="/v1/runs/completions",
        name="completeRuns",
        summary="A worker reports runs that succeeded; each is accepted or refused on its own.",
        tag="runs",
        access=Access.WORKER,
        handle=complete_many,
        params=schemas.CompletionsParams,
        returns=schemas.CompletionsResult,
        takes_report=True,
    ),
    Operation(
        method="POST",
        path="/v1/agents/reports",
        name="reportAgents",
        summary="Report which agents cannot start on a host, and why.",
        tag="agents",
        access=Access.WORKER,
        handle=reports,
        params=agent_schemas.AgentReportsParams,
        returns=agent_schemas.AgentReportsResult,
    ),
    Operation(
        method="POST",
        path="/v1/runs/{task_id}/start",
        name="startRun",
        summary="A launched run exchanges its bootstrap code for its input and lease token.",
        tag="runs",
        access=Access.OPEN,
        handle=start,
        params=schemas.StartParams,
        returns=schemas.RunInputResult,
    ),
)
