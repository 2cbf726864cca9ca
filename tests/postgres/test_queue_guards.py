"""Every guard of the queue, one by one."""

# reason: one short test per guard; they are looked up by the name of the step

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from aiwebhook.domain.attempt import (
    OVERDUE_ERROR,
    STALE,
    UNSTARTED_ERROR,
    ErrorClass,
    FailureReport,
)
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.run import RunInput
from aiwebhook.errors import Forbidden, LeaseLost
from aiwebhook.ports.queue_rows import AgentRef, Completion, RunMemory, WorkerSeen
from aiwebhook.ports.run_reports import RunReport
from aiwebhook.usecases.add_run_artifact import ArtifactDraft, add_run_artifact
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.fail_run import fail_run, release_run
from aiwebhook.usecases.heartbeat import heartbeat
from aiwebhook.usecases.record_run_events import RunEvent, record_run_events
from aiwebhook.usecases.resolve_ended import resolve_ended
from aiwebhook.usecases.run_context import run_context
from aiwebhook.usecases.start_run import ClaimingWorker, WorkerClaim, start_run
from tests.support.fakes import InMemoryBlobStore
from tests.support.queue import KEYS, QueueDriver

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = datetime(2126, 1, 1, tzinfo=UTC)


def any_completion(say: str | None = "Done.") -> Completion:
    return Completion(output={"answer": 42}, say=say)


def any_failure(error_class: ErrorClass = ErrorClass.NETWORK) -> FailureReport:
    return FailureReport(error_class=error_class, message="it broke")


def fail(queue: QueueDriver, lease: RunLease, report: FailureReport | None = None) -> str:
    return fail_run(queue.store, lease, report or any_failure(), random=lambda: 0.5).status


def reap(queue: QueueDriver) -> None:
    changes = queue.store.release_stale_tasks(STALE, unstarted=UNSTARTED_ERROR, randoms=[0.5] * 100)
    resolve_ended(queue.store, changes)


def beats(queue: QueueDriver, lease: RunLease) -> None:
    heartbeat(queue.store, lease)


def logs(queue: QueueDriver, lease: RunLease) -> None:
    record_run_events(queue.store, lease, [RunEvent(type="log")])


def hands_in(queue: QueueDriver, lease: RunLease) -> None:
    draft = ArtifactDraft(name="brief", type="report", content="text")
    add_run_artifact(queue.store, InMemoryBlobStore(), lease, draft)


def completes(queue: QueueDriver, lease: RunLease) -> None:
    complete_run(queue.store, lease, any_completion())


def fails(queue: QueueDriver, lease: RunLease) -> None:
    fail(queue, lease)


def releases(queue: QueueDriver, lease: RunLease) -> None:
    release_run(queue.store, lease)


def reads(queue: QueueDriver, lease: RunLease) -> None:
    run_context(queue.store, InMemoryBlobStore(), lease)


Report = Callable[[QueueDriver, RunLease], None]
REPORTS: list[Report] = [beats, logs, hands_in, completes, fails, releases, reads]


class TestClaim:
    @pytest.mark.req("T2")
    def test_the_highest_priority_goes_first_then_age(self, queue: QueueDriver) -> None:
        for name, priority in (("low", 0), ("high", 9), ("middle", 5), ("middle_later", 5)):
            queue.enqueue(name, priority=priority)
        assert [c.task_id for c in queue.claim(limit=4)] == [
            "high",
            "middle",
            "middle_later",
            "low",
        ]

    @pytest.mark.req("T2")
    def test_sessions_take_turns(self, queue: QueueDriver) -> None:
        for number in range(6):
            queue.enqueue(f"busy_{number}", session_id="busy", max_concurrent=100)
        queue.enqueue("quiet_0", session_id="quiet")
        queue.enqueue("quiet_1", session_id="quiet")
        names = [c.task_id for c in queue.claim(limit=8)]
        assert names[:4] == ["busy_0", "quiet_0", "busy_1", "quiet_1"]

    @pytest.mark.req("T2")
    def test_a_session_that_comes_late_waits_one_turn_only(self, queue: QueueDriver) -> None:
        for number in range(20):
            queue.enqueue(f"busy_{number}", session_id="busy", max_concurrent=100)
        queue.claim(limit=10)
        queue.enqueue("late", session_id="late")
        assert "late" in [c.task_id for c in queue.claim(limit=2)]

    @pytest.mark.req("T2")
    def test_the_cap_holds_against_claimers_at_once(self, queue: QueueDriver) -> None:
        for _ in range(30):
            queue.enqueue(max_concurrent=7)
        drivers = [queue.twin() for _ in range(8)]
        start = threading.Barrier(len(drivers))

        def claim_twice(driver: QueueDriver) -> int:
            start.wait()
            return sum(len(driver.claim(limit=2)) for _ in range(3))

        with ThreadPoolExecutor(len(drivers)) as pool:
            claimed = sum(pool.map(claim_twice, drivers))
        for driver in drivers:
            driver.database.close()
        assert claimed == 7

    @pytest.mark.req("T2")
    def test_caps_are_per_project(self, queue: QueueDriver) -> None:
        other = queue.twin(project_id="another_project")
        queue.enqueue("mine", max_concurrent=1)
        other.enqueue("theirs", max_concurrent=1)
        assert [c.task_id for c in queue.claim()] == ["mine"]
        assert [c.task_id for c in other.claim()] == ["theirs"]
        other.database.close()

    @pytest.mark.req("T2")
    def test_a_task_past_its_deadline_is_not_claimed(self, queue: QueueDriver) -> None:
        queue.enqueue("overdue", deadline=LATER)
        queue.let_deadline_pass("overdue")
        assert queue.claim() == ()

    @pytest.mark.req("T2")
    def test_several_tasks_of_one_session_get_consecutive_event_numbers(
        self, queue: QueueDriver
    ) -> None:
        for _ in range(3):
            queue.enqueue()
        queue.claim(limit=3, worker_id="w1")
        assert [e["seq"] for e in queue.events()] == list(range(1, 10))
        assert queue.event_types()[3:] == ["task.claimed", "task.started"] * 3

    @pytest.mark.req("T8")
    def test_a_worker_gets_the_work_and_its_token_at_once(self, queue: QueueDriver) -> None:
        queue.enqueue("job", agent_name="local", kind="worker")
        laptop = ClaimingWorker(
            project_id=queue.project_id, worker_id="laptop", agents=["other", "local"]
        )
        run = WorkerClaim(queue.runs, laptop).look(now=NOW)
        assert isinstance(run, RunInput)
        assert (run.task_id, run.input) == ("job", {"question": "why?"})
        lease = KEYS.verify_lease_token(run.lease_token, NOW)
        assert heartbeat(queue.store, lease).cancel_requested is False


class TestStart:
    @pytest.mark.req("T3")
    def test_a_code_works_for_one_worker_who_may_repeat_it(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        claimed = queue.claim_one()

        def start(worker_id: str) -> str:
            return start_run(
                queue.runs,
                task_id="job",
                bootstrap_code=KEYS.bootstrap_code(claimed.attempt_id),
                worker_id=worker_id,
                now=NOW,
            ).lease_token

        assert start("container_1") == start("container_1")
        with pytest.raises(LeaseLost):
            start("container_2")
        assert queue.event_types().count("task.started") == 1

    @pytest.mark.req("T3")
    def test_a_code_of_our_own_making_does_not_start_another_task(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        queue.enqueue("other")
        claimed = queue.claim_one()
        with pytest.raises(LeaseLost):
            start_run(
                queue.runs,
                task_id="other",
                bootstrap_code=KEYS.bootstrap_code(claimed.attempt_id),
                worker_id="w",
                now=NOW,
            )

    @pytest.mark.req("T3")
    def test_a_guessed_code_is_forbidden(self, queue: QueueDriver) -> None:
        with pytest.raises(Forbidden):
            start_run(
                queue.runs,
                task_id="job",
                bootstrap_code="att_1.guess",
                worker_id="w",
                now=NOW,
            )

    @pytest.mark.req("T3")
    @pytest.mark.parametrize(("workers", "answered"), [(6, 1), (1, 6)])
    def test_one_code_used_six_times_at_once_starts_one_run(
        self, queue: QueueDriver, workers: int, answered: int
    ) -> None:
        """Of several workers one gets it; one worker that asks again is answered again."""
        queue.enqueue("job")
        claimed = queue.claim_one()
        drivers = [queue.twin() for _ in range(6)]
        start = threading.Barrier(len(drivers))

        def try_start(numbered: tuple[int, QueueDriver]) -> bool:
            number, driver = numbered
            start.wait()
            work = driver.store.start_run(
                task_id="job",
                attempt_id=claimed.attempt_id,
                worker_id=f"container_{number % workers}",
                lease_s=60,
            )
            return work is not None

        with ThreadPoolExecutor(len(drivers)) as pool:
            started = sum(pool.map(try_start, enumerate(drivers)))
        for driver in drivers:
            driver.database.close()
        assert started == answered
        assert queue.event_types().count("task.started") == 1


class TestZombies:
    @pytest.mark.req("T7")
    @pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__)
    def test_a_run_that_lost_its_lease_changes_nothing(
        self, queue: QueueDriver, report: Report
    ) -> None:
        queue.enqueue("job")
        zombie = queue.running()
        queue.let_lease_run_out("job")
        reap(queue)
        queue.running()
        before = (queue.task("job"), queue.events(), queue.attempts("job"))
        with pytest.raises(LeaseLost):
            report(queue, zombie)
        assert (queue.task("job"), queue.events(), queue.attempts("job")) == before


class TestComplete:
    @pytest.mark.req("N1")
    def test_the_terminal_write_leaves_result_event_callbacks_and_outbox(
        self, queue: QueueDriver
    ) -> None:
        queue.endpoint("https://example.com/all")
        queue.enqueue("job", callback_url="https://example.com/mine")
        ended = complete_run(queue.store, queue.running(), any_completion())
        assert ended.status == "completed"
        assert queue.result("job")["output"] == {"answer": 42}
        assert queue.event_types()[-1] == "task.completed"
        assert {d["url"] for d in queue.deliveries()} == {
            "https://example.com/all",
            "https://example.com/mine",
        }
        (published,) = [r.event for r in ended.outbox if r.kind == "publish"]
        assert published is not None
        assert published.type == "task.completed"
        assert published.data["say"] == "Done."
        assert ("room", "researcher") in [(r.kind, r.destination) for r in ended.outbox]

    @pytest.mark.req("T7")
    def test_a_report_sent_again_gets_the_same_answer_and_changes_nothing(
        self, queue: QueueDriver
    ) -> None:
        queue.enqueue("job")
        lease = queue.running()
        complete_run(queue.store, lease, any_completion())
        events = queue.events()
        assert complete_run(queue.store, lease, any_completion("Again.")).status == "completed"
        assert queue.events() == events
        assert queue.result("job")["say"] == "Done."

    @pytest.mark.req("S3")
    def test_memories_of_a_run_are_versioned_and_the_same_content_is_nothing(
        self, queue: QueueDriver
    ) -> None:
        for content in ("first", "first", "second"):
            queue.enqueue()
            memory = RunMemory(key="k", type="fact", content=content, tags=["t"])
            complete_run(queue.store, queue.running(), Completion(output={}, memories=[memory]))
        rows = queue.sql("SELECT version, content, current FROM memories ORDER BY version")
        assert [(r["version"], r["content"], r["current"]) for r in rows] == [
            (1, "first", False),
            (2, "second", True),
        ]
        assert queue.event_types().count("memory.stored") == 2

    @pytest.mark.req("S3")
    def test_a_forgotten_memory_is_reported(self, queue: QueueDriver) -> None:
        for completion in (
            Completion(output={}, memories=[RunMemory(key="k", type="fact", content="x")]),
            Completion(output={}, forget=["k", "unknown"]),
            Completion(output={}, memories=[RunMemory(key="k", type="fact", content="x")]),
        ):
            queue.enqueue()
            complete_run(queue.store, queue.running(), completion)
        assert [t for t in queue.event_types() if t.startswith("memory")] == [
            "memory.stored",
            "memory.forgotten",
            "memory.stored",
        ]

    @pytest.mark.req("S3")
    def test_runs_that_write_one_memory_at_once_make_versions_in_a_row(
        self, queue: QueueDriver
    ) -> None:
        drivers = [queue.twin() for _ in range(5)]
        leases: list[RunLease] = []
        for _ in drivers:
            queue.enqueue()
            leases.append(queue.running())
        start = threading.Barrier(len(drivers))

        def complete(driver: QueueDriver, lease: RunLease) -> str:
            start.wait()
            memory = RunMemory(key="k", type="fact", content=lease.task_id)
            completion = Completion(output={}, memories=[memory])
            return complete_run(driver.store, lease, completion).status

        with ThreadPoolExecutor(len(drivers)) as pool:
            assert set(pool.map(complete, drivers, leases)) == {"completed"}
        for driver in drivers:
            driver.database.close()
        versions = queue.sql("SELECT version, current FROM memories ORDER BY version")
        assert [v["version"] for v in versions] == [1, 2, 3, 4, 5]
        assert [v["current"] for v in versions] == [False] * 4 + [True]

    @pytest.mark.req("T4")
    def test_output_that_postgres_cannot_hold_is_made_storable(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        output = {"nul": "a\x00b", "surrogate": "\ud800", "nan": float("nan")}
        complete_run(queue.store, queue.running(), Completion(output=output))
        assert queue.result("job")["output"] == {
            "nul": "a\ufffdb",
            "surrogate": "\ufffd",
            "nan": None,
        }


class TestFail:
    @pytest.mark.req("T6")
    def test_a_retryable_failure_waits_and_is_tried_again(self, queue: QueueDriver) -> None:
        queue.enqueue("job", max_attempts=2)
        assert fail(queue, queue.running()) == "pending"
        assert queue.claim() == ()
        queue.let_wait_pass()
        queue.store.ready_due_tasks(limit=10)
        assert fail(queue, queue.running()) == "failed"
        error = queue.result("job")["error"]
        assert (error["error_class"], bool(error["remedy"])) == ("network", True)
        assert queue.event_types()[-1] == "task.failed"

    @pytest.mark.req("T6")
    def test_a_final_failure_is_not_tried_again(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        assert fail(queue, queue.running(), any_failure(ErrorClass.REFUSED)) == "failed"

    @pytest.mark.req("T7")
    def test_a_task_handed_back_keeps_its_place_and_its_attempts(self, queue: QueueDriver) -> None:
        queue.enqueue("first")
        queue.enqueue("second")
        assert release_run(queue.store, queue.running()).status == "pending"
        assert queue.task("first")["attempts"] == 0
        assert queue.claim_one().task_id == "first"


class TestReaper:
    @pytest.mark.req("T7")
    def test_a_beat_in_time_keeps_the_lease(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        lease = queue.running()
        queue.let_lease_run_out("job")
        heartbeat(queue.store, lease)
        reap(queue)
        assert queue.task("job")["status"] == "running"

    @pytest.mark.req("T7")
    def test_a_lost_run_is_tried_again_until_its_attempts_are_spent(
        self, queue: QueueDriver
    ) -> None:
        queue.enqueue("job", max_attempts=2)
        for status in ("pending", "failed"):
            queue.running()
            queue.let_lease_run_out("job")
            reap(queue)
            assert queue.task("job")["status"] == status
        assert queue.result("job")["error"]["error_class"] == "lost"
        assert [a["status"] for a in queue.attempts("job")] == ["lost", "lost"]

    @pytest.mark.req("T7")
    def test_a_row_somebody_is_changing_is_left_for_the_next_time(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        queue.running()
        queue.let_lease_run_out("job")
        with psycopg.connect(queue.dsn) as other:
            other.execute("SELECT 1 FROM tasks WHERE task_id = 'job' FOR UPDATE")
            reap(queue)
            assert queue.task("job")["status"] == "running"
        reap(queue)
        assert queue.task("job")["status"] == "pending"

    @pytest.mark.req("T1")
    def test_a_deadline_ends_a_running_task(self, queue: QueueDriver) -> None:
        queue.enqueue("job", deadline=LATER)
        lease = queue.running()
        queue.let_deadline_pass("job")
        queue.store.fail_overdue_tasks(OVERDUE_ERROR, limit=10)
        assert queue.result("job")["error"]["error_class"] == "timeout"
        with pytest.raises(LeaseLost):
            complete_run(queue.store, lease, any_completion())

    @pytest.mark.req("T1")
    def test_a_task_with_a_not_before_time_waits_for_it(self, queue: QueueDriver) -> None:
        queue.enqueue("job", not_before=LATER)
        assert queue.claim() == ()
        assert queue.store.ready_due_tasks(limit=10) == (0, ())
        queue.let_wait_pass()
        readied, outbox = queue.store.ready_due_tasks(limit=10)
        assert (readied, [r.destination for r in outbox]) == (1, ["researcher"])
        assert queue.claim_one().task_id == "job"


class TestCancelAndRetry:
    @pytest.mark.req("T1")
    def test_a_waiting_task_is_cancelled_at_once(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        row = queue.cancel("job")
        assert row is not None
        assert row["data"]["status"] == "cancelled"
        assert queue.claim() == ()
        assert queue.cancel("job") is None

    @pytest.mark.req("T1")
    def test_a_running_task_learns_of_it_from_its_next_heartbeat_and_ends_cancelled(
        self, queue: QueueDriver
    ) -> None:
        queue.enqueue("job")
        lease = queue.running()
        queue.cancel("job")
        assert heartbeat(queue.store, lease).cancel_requested
        assert fail(queue, lease, any_failure(ErrorClass.CANCELLED)) == "cancelled"
        assert queue.event_types()[-1] == "task.cancelled"

    @pytest.mark.req("T1")
    def test_a_lost_run_that_was_to_be_cancelled_is_not_tried_again(
        self, queue: QueueDriver
    ) -> None:
        queue.enqueue("job")
        queue.running()
        queue.cancel("job")
        queue.let_lease_run_out("job")
        reap(queue)
        assert queue.task("job")["status"] == "cancelled"

    @pytest.mark.req("T1")
    def test_a_retried_task_has_all_its_attempts_and_a_higher_epoch(
        self, queue: QueueDriver
    ) -> None:
        queue.enqueue("job", max_attempts=1)
        zombie = queue.running()
        fail(queue, zombie)
        assert queue.retry("job") is not None
        again = queue.running()
        assert again.lease_epoch > zombie.lease_epoch
        assert queue.task("job")["attempts"] == 1
        with pytest.raises(LeaseLost):
            complete_run(queue.store, zombie, any_completion())

    @pytest.mark.req("T1")
    @pytest.mark.parametrize("end", ["completed", "running", "pending"])
    def test_only_a_task_that_ended_badly_is_retried(self, queue: QueueDriver, end: str) -> None:
        queue.enqueue("job")
        if end != "pending":
            lease = queue.running()
            if end == "completed":
                complete_run(queue.store, lease, any_completion())
        assert queue.retry("job") is None


class TestDependencies:
    @pytest.mark.req("T1")
    def test_a_task_waits_until_all_it_depends_on_completed(self, queue: QueueDriver) -> None:
        queue.enqueue("a")
        queue.enqueue("b")
        queue.enqueue("c", depends_on=["a", "b"])
        first = complete_run(queue.store, queue.running(), any_completion())
        assert not queue.task("c")["ready"]
        second = complete_run(queue.store, queue.running(), any_completion())
        assert queue.task("c")["ready"]
        assert sorted(r.kind for r in second.outbox if r.kind != "publish") == ["room", "wake"]
        assert [r.kind for r in first.outbox if r.kind != "publish"] == ["room"]

    @pytest.mark.req("T1")
    def test_a_failure_reaches_all_that_depend_on_it(self, queue: QueueDriver) -> None:
        queue.enqueue("a", max_attempts=1)
        queue.enqueue("b", depends_on=["a"], callback_url="https://example.com/b")
        queue.enqueue("c", depends_on=["b"], session_id="elsewhere")
        assert fail(queue, queue.running()) == "failed"
        error = queue.result("c")["error"]
        assert (error["error_class"], error["depends_on"]) == ("dependency_failed", "b")
        assert "retry" in error["remedy"]
        assert queue.event_types("elsewhere")[-1] == "task.failed"
        assert [d["url"] for d in queue.deliveries()] == ["https://example.com/b"]

    @pytest.mark.req("T1")
    @pytest.mark.parametrize("kind", ["unknown", "failed"])
    def test_depending_on_what_cannot_complete_is_refused(
        self, queue: QueueDriver, kind: str
    ) -> None:
        if kind == "failed":
            queue.enqueue("failed", max_attempts=1)
            fail(queue, queue.running())
        assert not queue.try_enqueue("job", session_id=queue.session("s"), depends_on=[kind])
        params = {"project_id": queue.project_id, "depends_on": [kind]}
        (state,) = queue.rows("dependency_states", params)
        assert state == {"task_id": kind, "status": "failed" if kind == "failed" else None}

    @pytest.mark.req("T1")
    def test_an_end_never_misses_a_dependant_that_comes_at_the_same_moment(
        self, queue: QueueDriver
    ) -> None:
        """Delegation holds the dependency's row while the run completes it."""
        queue.enqueue("a")
        lease = queue.running()
        twin = queue.twin()
        queue.session("s")
        ended = threading.Event()

        def complete() -> None:
            complete_run(twin.store, lease, any_completion())
            ended.set()

        thread = threading.Thread(target=complete)
        with queue.connection.transaction():
            assert queue.try_enqueue("b", session_id="s", depends_on=["a"])
            thread.start()
            queue.wait_for_lock_waiter()
            assert not ended.is_set()
        thread.join()
        twin.database.close()
        assert queue.task("b")["ready"]

    @pytest.mark.req("T1")
    def test_what_a_crash_left_untold_the_reaper_tells(self, queue: QueueDriver) -> None:
        queue.enqueue("a")
        queue.enqueue("b", depends_on=["a"])
        queue.store.complete_runs([RunReport(lease=queue.running(), completion=any_completion())])
        assert not queue.task("b")["ready"]
        queue.store.resolve_dependants(queue.store.open_dependencies(limit=10))
        assert queue.task("b")["ready"]
        assert queue.store.open_dependencies(limit=10) == ()


class TestIdempotency:
    @pytest.mark.req("T1")
    def test_a_used_key_undoes_the_whole_delegation(self, queue: QueueDriver) -> None:
        queue.enqueue("first", idempotency_key="k")
        with pytest.raises(psycopg.errors.UniqueViolation):
            queue.enqueue("second", idempotency_key="k")
        assert queue.sql("SELECT task_id FROM tasks") == [{"task_id": "first"}]
        assert [e["seq"] for e in queue.events()] == [1]

    @pytest.mark.req("T1")
    def test_keys_are_kept_for_a_day(self, queue: QueueDriver) -> None:
        queue.enqueue(idempotency_key="old")
        queue.enqueue(idempotency_key="young")
        queue.sql(
            "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'"
        )
        assert queue.store.prune(limit=10) == 1
        assert queue.sql("SELECT key FROM idempotency_keys") == [{"key": "young"}]


class TestLaunchBucket:
    @pytest.mark.req("T3")
    def test_launches_run_out_and_unused_ones_come_back(self, queue: QueueDriver) -> None:
        fill_queue(queue, 60)
        queue.sql("UPDATE launch_buckets SET tokens = 80")
        for taken in (50, 30, 0):
            refill_later(queue)
            assert launches(queue, limit=50) == taken
        queue.store.hand_back_launches(7)
        refill_later(queue)
        assert launches(queue, limit=50) == 7

    @pytest.mark.req("T3")
    def test_the_bucket_never_holds_more_than_its_burst(self, queue: QueueDriver) -> None:
        fill_queue(queue, 1)
        queue.sql("UPDATE launch_buckets SET refilled_at = now() - interval '1 hour'")
        assert launches(queue, limit=1) == 1
        queue.store.hand_back_launches(50)
        assert queue.sql("SELECT tokens FROM launch_buckets") == [{"tokens": 100}]

    @pytest.mark.req("T3")
    def test_a_crash_which_empties_the_table_leaves_a_full_bucket(self, queue: QueueDriver) -> None:
        fill_queue(queue, 3)
        queue.sql("TRUNCATE launch_buckets")
        queue.store.hand_back_launches(7)
        assert launches(queue, limit=50) == 3
        assert queue.sql("SELECT bucket, tokens FROM launch_buckets") == [
            {"bucket": "fargate", "tokens": 97}
        ]

    @pytest.mark.req("T3")
    def test_no_launch_is_taken_where_there_is_nothing_to_launch(self, queue: QueueDriver) -> None:
        queue.sql("UPDATE launch_buckets SET tokens = 80, refilled_at = now() + interval '1 hour'")
        assert launches(queue, limit=10) == 0
        fill_queue(queue, 1)
        queue.enqueue("due", session_id="other")
        queue.sql("UPDATE tasks SET ready = false, run_after = now() WHERE session_id = 'other'")
        assert launches(queue, limit=10, settled=False) == 0
        assert queue.sql("SELECT tokens FROM launch_buckets") == [{"tokens": 80}]
        assert launches(queue, limit=10, settled=True) == 1


def refill_later(queue: QueueDriver) -> None:
    """However long the machine takes until the next look, the bucket gains nothing by it."""
    queue.sql("UPDATE launch_buckets SET refilled_at = now() + interval '1 hour'")


def fill_queue(queue: QueueDriver, count: int) -> None:
    for number in range(count):
        queue.enqueue(f"job {number}", max_concurrent=1_000)


def launches(queue: QueueDriver, *, limit: int, settled: bool = True) -> int:
    agent = AgentRef(project_id=queue.project_id, agent_name="researcher")
    return queue.store.reserve_launches(
        agent, older_than_s=30, limit=limit, settled=settled
    ).launches


class TestPresence:
    @pytest.mark.req("T9")
    def test_an_agent_without_workers_goes_offline_and_comes_back(self, queue: QueueDriver) -> None:
        queue.endpoint("https://example.com/all")
        queue.agent("local", kind="worker")

        def shows_itself() -> bool:
            return queue.store.touch_worker(
                WorkerSeen(project_id=queue.project_id, worker_id="laptop", agents=["local"])
            ).came_online

        assert shows_itself()
        assert queue.store.mark_agents(project_id=None).went_offline == 0
        queue.sql("UPDATE workers SET last_seen_at = now() - interval '2 minutes'")
        assert queue.store.mark_workers_offline(silent_s=60) == 1
        gone = queue.store.mark_agents(project_id=None)
        assert (gone.went_offline, [r.kind for r in gone.outbox]) == (1, ["publish"])
        assert queue.store.mark_agents(project_id=None).went_offline == 0
        assert shows_itself()
        assert queue.store.mark_agents(project_id=queue.project_id).came_back == 1
        assert [d["event_type"] for d in queue.deliveries()] == ["agent.offline", "agent.online"]

    @pytest.mark.req("T9")
    def test_a_worker_busy_with_a_run_is_not_offline(self, queue: QueueDriver) -> None:
        queue.enqueue("job")
        queue.store.touch_worker(
            WorkerSeen(project_id=queue.project_id, worker_id="worker_1", agents=["researcher"])
        )
        queue.running()
        queue.sql("UPDATE workers SET last_seen_at = now() - interval '2 minutes'")
        assert queue.store.mark_workers_offline(silent_s=60) == 0


@pytest.mark.req("T1")
def test_a_waiting_task_explains_itself(queue: QueueDriver) -> None:
    queue.enqueue("runs", max_concurrent=1)
    queue.enqueue("next")
    queue.enqueue("later")
    queue.enqueue("blocked", depends_on=["later"])
    complete_run(queue.store, queue.running(), any_completion())
    queue.running()
    situation = queue.commands.explain_task(project_id=queue.project_id, task_id="later")
    assert situation is not None
    assert (situation.running, situation.max_concurrent, situation.ahead) == (1, 1, 0)
    assert situation.median_run_s is not None
    blocked = queue.commands.explain_task(project_id=queue.project_id, task_id="blocked")
    assert blocked is not None
    assert list(blocked.waits_for) == ["later"]


@pytest.mark.req("T7")
def test_leases_last_as_long_as_they_say(queue: QueueDriver) -> None:
    queue.enqueue("job")
    lease = queue.running()
    (clock,) = queue.sql("SELECT now() AS now")
    (beat,) = queue.store.heartbeat([lease], lease_s=60)
    left = beat.lease_until - clock["now"]
    assert timedelta(seconds=59) < left < timedelta(seconds=90)
