"""From the terminal write of a run to its callback at the receiver, a hundred sessions at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import perf_counter

from aiwebhook.clock import utc_now
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.ports.deliveries import DueEvent
from aiwebhook.ports.messaging import Event
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.deliver_callback import NotifierServices, deliver_callbacks
from aiwebhook.usecases.post_outbox import post_outbox
from benchmarks import ours
from benchmarks.lab import Effort, Lab, percentile, say
from benchmarks.report import Section, Table, Verdict, ms
from tests.support.fakes import FakeRinger, FakeWaker
from tests.support.receiver import Callback, running_receiver

SESSIONS = 100
_WRITERS, _NOTIFIERS = 8, 4
_KEYS = CallbackKeys("the bench's master key, which is long enough")


@dataclass(slots=True)
class Topic:
    """SNS and SQS for this process: what is published waits for the next notifier."""

    events: SimpleQueue[Event | None] = field(default_factory=SimpleQueue["Event | None"])

    def publish(self, events: Sequence[Event]) -> None:
        """Hand them over."""
        for event in events:
            self.events.put(event)


def run(lab: Lab, effort: Effort) -> Section:
    """Bursts of a hundred runs that end together, and the same runs one after the other."""
    rounds = 2 if effort.quick else 5
    say(f"callbacks: {rounds} bursts of {SESSIONS} sessions")
    lab.database("callbacks")
    burst: list[float] = []
    single: list[float] = []
    for number in range(rounds):
        burst += _round(lab, f"burst-{number}-", writers=_WRITERS)
        single += _round(lab, f"single-{number}-", writers=1)
    lab.drop("callbacks")
    p99 = percentile(burst, 0.99)
    rows = [
        (name, *(ms(percentile(values, share)) for share in (0.5, 0.99)), ms(max(values)))
        for name, values in ((f"{SESSIONS} sessions at once", burst), ("one by one", single))
    ]
    return Section(
        title="Terminal write → callback received",
        how=(
            f"In this process, on two cores: {_WRITERS} writers call `complete_run` and "
            f"`post_outbox` for {SESSIONS} sessions, a queue plays SNS and SQS, {_NOTIFIERS} "
            "notifiers claim, sign and send over HTTP to a receiver on loopback; fsync on. From "
            "just before the terminal write to the arrival of the callback."
        ),
        tables=(Table(header=("", "p50", "p99", "longest"), rows=rows),),
        verdicts=(
            Verdict(
                target=f"terminal write → callback p99 < 1 s, {SESSIONS} sessions at once",
                measured=f"{ms(p99)}, in process",
                met=p99 < 1,
            ),
        ),
        notes=(
            (
                "On AWS, SNS → SQS → Lambda adds p50 16–73 ms and p99 105–225 ms by published "
                "figures; `make test-load` times it through the local stack."
            ),
        ),
    )


def _round(lab: Lab, prefix: str, *, writers: int) -> list[float]:
    with running_receiver() as receiver:
        with lab.connect("callbacks") as connection:
            ours.start(connection, prefix, SESSIONS)
            connection.execute("delete from endpoints")
            connection.execute(
                "insert into endpoints (project_id, url) values ('bench', %s)", (receiver.url(),)
            )
            connection.execute("vacuum analyze")
        arrived: dict[str, float] = {}
        take = receiver.take

        def timed(callback: Callback) -> int:
            arrived[str(callback.task_id)] = perf_counter()
            return take(callback)

        receiver.take = timed
        with _notifiers(lab) as topic:
            started = _complete_all(lab, prefix, topic, writers)
            receiver.wait_for(lambda callback: callback.type == "task.completed", count=SESSIONS)
    return [arrived[task_id] - start for task_id, start in started.items()]


def _complete_all(lab: Lab, prefix: str, topic: Topic, writers: int) -> dict[str, float]:
    started: dict[str, float] = {}
    own = threading.local()
    databases: list[Database] = []

    def connect() -> None:
        own.database = lab.opened("callbacks")
        own.database.check()
        databases.append(own.database)

    def complete(n: int) -> None:
        store = PostgresQueueStore(own.database)
        task_id = f"{prefix}{n}"
        started[task_id] = perf_counter()
        lease = RunLease(project_id=ours.PROJECT, task_id=task_id, lease_epoch=1)
        ended = complete_run(store, lease, Completion(output={"n": n}))
        post_outbox(store, ended.outbox, waker=FakeWaker(), publisher=topic)

    with ThreadPoolExecutor(writers, initializer=connect) as pool:
        list(pool.map(complete, range(1, SESSIONS + 1)))
    for database in databases:
        database.close()
    return started


@contextmanager
def _notifiers(lab: Lab) -> Generator[Topic]:
    topic = Topic()

    def notify() -> None:
        database = lab.opened("callbacks")
        services = NotifierServices(
            store=PostgresDeliveryStore(database),
            sender=HttpCallbackSender(allow_loopback=True),
            ringer=FakeRinger(),
            keys=lambda: _KEYS,
            clock=utc_now,
            random=random.random,
        )
        database.check()
        while (event := topic.events.get()) is not None:
            due = DueEvent(project_id=event.project_id, event_no=event.event_no)
            deliver_callbacks([due], services)
        database.close()

    threads = [threading.Thread(target=notify, daemon=True) for _ in range(_NOTIFIERS)]
    for thread in threads:
        thread.start()
    try:
        yield topic
    finally:
        for _ in threads:
            topic.events.put(None)
        for thread in threads:
            thread.join()
