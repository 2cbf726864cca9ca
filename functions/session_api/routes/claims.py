"""How a run begins (WIRE §4): a worker claims, a launched container exchanges its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiwebhook.usecases.long_poll import long_poll
from aiwebhook.usecases.start_run import claim_for_worker, start_run
from session_api import run_schemas as schemas
from session_api.after_commit import post
from session_api.answer import Answer
from session_api.operation import Access, Call, Operation

if TYPE_CHECKING:
    from aiwebhook.wiring.session_api import SessionApi


def claim(api: SessionApi, call: Call, asked: schemas.ClaimAsked) -> Answer:
    """One task, or 204 when there is none within wait_s."""
    run = long_poll(
        lambda: claim_for_worker(
            api.runs,
            project_id=call.caller.project_id,
            worker_id=asked.worker_id,
            agents=asked.agents,
            keys=api.lease_keys(),
            now=api.clock(),
        ),
        signal=api.observations,
        wait_s=asked.wait_s,
    )
    if run is None:
        return Answer(status=204, body=None)
    post(api, ())
    return Answer(body=run.as_json())


def start(api: SessionApi, call: Call, asked: schemas.StartAsked) -> Answer:
    """The bootstrap code is the credential; the same worker may repeat it."""
    run = start_run(
        api.runs,
        task_id=call.ids["task_id"],
        bootstrap_code=asked.bootstrap_code,
        worker_id=asked.worker_id,
        keys=api.lease_keys(),
        now=api.clock(),
    )
    post(api, ())
    return Answer(body=run.as_json())


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/v1/runs/claim",
        name="claimRun",
        summary="A worker asks for one task of its agents; it is running from then on.",
        tag="runs",
        access=Access.WORKER,
        handle=claim,
        asks=schemas.ClaimAsked,
        tells=schemas.RunInputTold,
        statuses={204: "No task within wait_s."},
    ),
    Operation(
        method="POST",
        path="/v1/runs/{task_id}/start",
        name="startRun",
        summary="A launched run exchanges its bootstrap code for its input and lease token.",
        tag="runs",
        access=Access.OPEN,
        handle=start,
        asks=schemas.StartAsked,
        tells=schemas.RunInputTold,
    ),
)
