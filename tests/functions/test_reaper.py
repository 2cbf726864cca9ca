# reason: both of the reaper's events and the locks it meets, on one handler wired to fakes
"""The reaper as Lambda calls it: the schedule's event, or ECS's."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import psycopg
import pytest
from psycopg import sql

from aiwebhook.domain.stopped_run import StoppedRun
from aiwebhook.errors import Unavailable
from aiwebhook.postgres.command_store import PostgresCommandStore
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.inbound_reads import PostgresInboundReads
from aiwebhook.postgres.outbox_store import PostgresOutboxStore
from aiwebhook.postgres.rule_store import PostgresRuleStore
from aiwebhook.postgres.run_stop_store import PostgresRunStopStore
from aiwebhook.usecases.delegate_by_rule import Delegating
from aiwebhook.usecases.reap import ReaperServices
from aiwebhook.usecases.start_by_rules import RuleServices
from reaper.ecs_event import stopped_run
from tests.support.fakes import FakePublisher, FakeRinger, FakeStopper, FakeWaker, InMemoryBlobStore
from tests.support.queue import QueueDriver, any_name

SCHEDULE: dict[str, Any] = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
AWS = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
ENVIRONMENT = {
    "DATABASE_LOGIN": "/any/login",
    "AGENT_QUEUES": "{}",
    "EVENTS_TOPIC_ARN": "arn:topic",
    "NOTIFIER_QUEUE_URL": "https://queue",
    "ARTIFACT_BUCKET": "bucket",
}


class AnyContext:
    """What Lambda passes beside the event."""

    function_name = "reaper"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:1:function:reaper"
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        """Plenty."""
        return 60_000


def any_stop_event(started_by: str = "att_1", **detail: Any) -> dict[str, Any]:
    return {
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "detail": {
            "lastStatus": "STOPPED",
            "startedBy": started_by,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": "runner", "exitCode": 137, "reason": "OutOfMemoryError"}],
            **detail,
        },
    }


def sqs_batch(*events: object) -> dict[str, Any]:
    bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return {
        "Records": [
            {"messageId": f"message {number}", "body": body} for number, body in enumerate(bodies)
        ]
    }


@pytest.mark.req("T6")
def test_what_ecs_says_is_kept_as_one_plain_line_of_bounded_length() -> None:
    hostile = "\x1b]52;c;cm0=\x07pull\0 failed\x1b[2J\r\n\u202efake\ud800"
    containers = [{"name": "run", "reason": f"{hostile}{'x' * 9_000}"}]
    found = stopped_run(
        any_stop_event(stoppedReason=hostile, stopCode="Task\x1b[1AFailed", containers=containers)
    )

    assert found is not None
    assert found.stopped_reason.startswith("pull failed fake\ufffd; pull failed fake\ufffdxxx")
    assert (len(found.stopped_reason), found.stop_code) == (1_000, "TaskFailed")


@pytest.mark.req("T6")
@pytest.mark.parametrize("started_by", ["att_\0", "att_" + "x" * 200, "att_a b", "att_\ud800"])
def test_an_attempt_that_no_database_could_hold_is_none_of_ours(started_by: str) -> None:
    assert stopped_run(any_stop_event(started_by)) is None


@pytest.fixture
def handler(queue: QueueDriver, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module imported afresh, its services replaced by a real queue and fakes."""
    for name, value in (AWS | ENVIRONMENT).items():
        monkeypatch.setenv(name, value)
    sys.modules.pop("reaper.handler", None)
    module = importlib.import_module("reaper.handler")
    services = ReaperServices(
        store=queue.store,
        outbox=PostgresOutboxStore(queue.database),
        waker=FakeWaker(),
        publisher=FakePublisher(),
        deliveries=PostgresDeliveryStore(queue.database),
        ringer=FakeRinger(),
        random=lambda: 0.5,
    )
    reaper = replace(
        module.reaper,
        services=services,
        runs=PostgresRunStopStore(queue.database),
        stopper=FakeStopper(),
        rules=RuleServices(
            store=PostgresRuleStore(queue.database),
            inbound=PostgresInboundReads(queue.database),
            blobs=InMemoryBlobStore(),
            delegating=Delegating(
                store=PostgresCommandStore(queue.database),
                settling=queue.store,
                waker=services.waker,
                publisher=services.publisher,
            ),
        ),
    )
    monkeypatch.setattr(module, "reaper", reaper)

    def nothing_swept(_context: object) -> dict[str, int]:
        return {"blobs_seen": 0}

    monkeypatch.setattr(module, "swept", nothing_swept)
    yield module
    sys.modules.pop("reaper.handler", None)


@pytest.mark.req("T7")
def test_the_schedule_reaps(handler: ModuleType, queue: QueueDriver) -> None:
    queue.enqueue("job")
    queue.running()
    queue.let_lease_run_out("job")
    counts = handler.lambda_handler(SCHEDULE, AnyContext())
    assert (counts["tasks_released"], counts["rule_evaluations"]) == (1, 0)
    assert queue.task("job")["status"] == "pending"


@pytest.mark.req("T7")
def test_the_schedule_stops_what_has_no_lease_any_more(
    handler: ModuleType, queue: QueueDriver
) -> None:
    queue.enqueue("job")
    claimed = queue.claim_one()
    queue.store.mark_launched(queue.project_id, {claimed.attempt_id: "arn:task/runs/1"})
    queue.let_lease_run_out("job")

    counts = handler.lambda_handler(SCHEDULE, AnyContext())

    assert (counts["tasks_released"], counts["runs_stopped"]) == (1, 1)
    assert handler.reaper.stopper.stopped == ["arn:task/runs/1"]


@pytest.mark.req("T7")
def test_a_stopped_container_ends_its_run(handler: ModuleType, queue: QueueDriver) -> None:
    queue.enqueue("job")
    claimed = queue.claim_one()
    others: tuple[object, ...] = ({"source": "aws.ecs"}, [], "no JSON {")
    batch = sqs_batch(any_stop_event(claimed.attempt_id), *others)

    answer = handler.lambda_handler(batch, AnyContext())

    assert answer == {"batchItemFailures": []}
    assert queue.result("job")["error"]["error_class"] == "oom"


@pytest.mark.req("T7")
def test_a_stopped_container_comes_again_while_the_database_is_away(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(handler, "end_stopped_run", away)
    answer = handler.lambda_handler(sqs_batch({"source": "x"}, any_stop_event()), AnyContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message 1"}]}


@pytest.mark.req("T7")
def test_the_event_of_ecs_is_read() -> None:
    assert stopped_run(any_stop_event()) == StoppedRun(
        attempt_id="att_1",
        stop_code="EssentialContainerExited",
        exit_code=137,
        stopped_reason="Essential container in task exited; OutOfMemoryError",
    )


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    ("containers", "exit_code"),
    [
        ([("runner", 1), ("gateway", 143)], 1),
        ([("gateway", 137), ("runner", 0)], 0),
        ([("runner", None), ("gateway", 3)], 3),
        ([("runner", None), ("gateway", None)], None),
        ([], None),
    ],
)
def test_the_exit_code_is_the_runs_own_whatever_its_gateway_ended_with(
    containers: list[tuple[str, int | None]], exit_code: int | None
) -> None:
    told = [{"name": name, "exitCode": code} for name, code in containers]
    stop = stopped_run(any_stop_event(containers=told))
    assert stop is not None
    assert stop.exit_code == exit_code


@pytest.mark.req("T7")
@pytest.mark.parametrize("absent", ["stopCode", "stoppedReason", "containers", None])
def test_fields_that_are_null_or_absent_do_not_hide_a_stop(absent: str | None) -> None:
    detail: dict[str, Any] = {
        "lastStatus": "STOPPED",
        "startedBy": "att_1",
        "stopCode": None,
        "stoppedReason": None,
        "containers": [None, {}, {"name": None, "exitCode": None, "reason": None}],
    }
    detail.pop(absent or "", None)
    event = {"source": "aws.ecs", "detail": detail}
    assert stopped_run(event) == StoppedRun(attempt_id="att_1")
    detail["containers"] = None
    assert stopped_run(event) == StoppedRun(attempt_id="att_1")


@pytest.mark.req("T7")
@pytest.mark.parametrize(
    "event",
    [
        SCHEDULE,
        {},
        {"source": "aws.ecs"},
        {"source": "aws.ecs", "detail": {"lastStatus": "STOPPED"}},
        any_stop_event(lastStatus="RUNNING"),
        any_stop_event(lastStatus=None),
        any_stop_event(startedBy=None),
        {"source": "aws.ecs", "detail": None},
        any_stop_event("ecs-svc/123"),
    ],
)
def test_anything_else_is_no_stopped_run(event: dict[str, Any]) -> None:
    assert stopped_run(event) is None


@pytest.mark.req("O1", "T7")
def test_a_session_that_somebody_holds_does_not_keep_the_tick_from_the_rest(
    handler: ModuleType, queue: QueueDriver
) -> None:
    queue.enqueue("job")
    queue.running()
    queue.let_lease_run_out("job")
    queue.database.connection.execute("SET lock_timeout = '50ms'")
    with psycopg.connect(queue.dsn) as somebody:
        somebody.execute("SELECT FROM sessions FOR UPDATE")
        held = handler.lambda_handler(SCHEDULE, AnyContext())
    assert (held["tasks_released"], held["feed_held_back_s"]) == (0, 0)
    assert handler.lambda_handler(SCHEDULE, AnyContext())["tasks_released"] == 1


@pytest.mark.req("O1", "T7")
def test_a_session_that_somebody_holds_does_not_keep_other_sessions_from_their_recovery(
    handler: ModuleType, queue: QueueDriver
) -> None:
    other = queue.twin("other")  # its session of the same name is free
    other.enqueue("held next", session_id="held")
    other.database.close()
    for session_id in ("held", "free"):
        for task in ("stale", "overdue", "first"):
            queue.enqueue(f"{session_id} {task}", session_id=session_id, max_concurrent=9)
        queue.enqueue(
            f"{session_id} next", session_id=session_id, depends_on=[f"{session_id} first"]
        )
    for _ in range(6):
        queue.running()
    for session_id in ("held", "free"):
        queue.let_lease_run_out(f"{session_id} stale")
        queue.let_deadline_pass(f"{session_id} overdue")
    queue.sql(
        "UPDATE tasks SET status = 'failed', phase = 2, lease_until = NULL"
        " WHERE task_id LIKE '%% first'"
    )
    queue.database.connection.execute("SET lock_timeout = '50ms'")

    with psycopg.connect(queue.dsn) as somebody:
        somebody.execute(
            "SELECT FROM sessions WHERE (project_id, session_id) = (%s, 'held') FOR UPDATE",
            [queue.project_id],
        )
        beside = handler.lambda_handler(SCHEDULE, AnyContext())
    later = handler.lambda_handler(SCHEDULE, AnyContext())

    for counts in (beside, later):
        assert (
            counts["tasks_released"],
            counts["tasks_overdue"],
            counts["dependencies_resolved"],
        ) == (1, 1, 1)


@pytest.mark.req("O1")
def test_no_lock_of_a_table_or_its_rows_ends_a_tick(
    handler: ModuleType, queue: QueueDriver
) -> None:
    queue.database.connection.execute("SET lock_timeout = '5ms'")
    for (table,) in queue.connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall():
        for lock in ("SELECT FROM {} FOR UPDATE", "LOCK {} IN EXCLUSIVE MODE"):
            queue.enqueue(any_name())
            queue.let_lease_run_out(queue.running().task_id)
            queue.sql("UPDATE retention_walks SET began_at = began_at - interval '2 days'")
            with psycopg.connect(queue.dsn) as somebody:
                somebody.execute(sql.SQL(lock).format(sql.Identifier(table)))
                assert "blobs_seen" in handler.lambda_handler(SCHEDULE, AnyContext()), (table, lock)
