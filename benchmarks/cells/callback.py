"""From the terminal write of a run to its callback at the receiver, a hundred sessions at once."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter

from aiwebhook.clock import utc_now
from aiwebhook.domain.lease import RunLease
from aiwebhook.domain.secret_box import SecretBox
from aiwebhook.domain.signature import CallbackKeys
from aiwebhook.outbound.callback_sender import HttpCallbackSender
from aiwebhook.ports.messaging import Event
from aiwebhook.ports.queue_rows import Completion
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.postgres.queue_store import PostgresQueueStore
from aiwebhook.postgres.subscription_store import PostgresSubscriptionStore
from aiwebhook.usecases.complete_run import complete_run
from aiwebhook.usecases.deliver_callback import NotifierServices
from aiwebhook.usecases.deliver_subscribed import SubscriptionDeliveries
from aiwebhook.usecases.post_outbox import post_outbox
from benchmarks import ours
from benchmarks.lab import Effort, Lab, percentile, say
from benchmarks.report import Section, Table, Verdict, ms
from benchmarks.stack_callbacks import stack_callbacks
from benchmarks.stalls import stalls, verdicts_beside_silence
from benchmarks.targets import CALLBACK
from infra.stages import DEV
from tests.support.callback_lanes import CallbackLanes, running_notifiers
from tests.support.fakes import FakeWaker
from tests.support.receiver import Callback, running_receiver

SESSIONS = 100
_WRITERS = 8
_SILENT = (0, 50, 150)
_STACK = {"10 runs end at once": 0.3, f"{SESSIONS} runs end at once": 1.0}  # and their p99, at most
_HOW = (
    f"In this process, on two cores: {_WRITERS} writers call `complete_run` and "
    f"`post_outbox` for {SESSIONS} sessions, two queues play SNS and SQS, "
    f"{DEV.callback_concurrency} notifiers each claim, sign and send over HTTP to a "
    "receiver on loopback; fsync on. From just before the terminal write to the arrival "
    "of the callback. The receiver has answered before; silent hosts have not, and are "
    "another project's."
)
_MASTER_KEY = "the bench's master key, which is long enough"
_KEYS = CallbackKeys(_MASTER_KEY)


@dataclass(slots=True, kw_only=True)
class Topic:
    """Stands in for SNS: published events wait for a notifier of first tries."""

    lanes: CallbackLanes

    def publish(self, events: Sequence[Event]) -> None:
        """Hand them over."""
        for event in events:
            self.lanes.publish(event.project_id, event.event_no)


# reason: the cells and the table of one section, told in order
def run(lab: Lab, effort: Effort) -> Section:
    """Bursts of a hundred runs that end together, and the same runs one after the other."""
    rounds = 2 if effort.quick else 3
    say(f"callbacks: {rounds} bursts of {SESSIONS} sessions")
    lab.database("callbacks")
    burst: list[float] = []
    single: list[float] = []
    for number in range(rounds):
        burst += _round(lab, f"burst-{number}-", writers=_WRITERS)
        single += _round(lab, f"single-{number}-", writers=1)
    beside: dict[int, list[float]] = {count: [] for count in _SILENT}
    stalled: dict[int, Counter[str]] = {count: Counter() for count in _SILENT}
    for number in range(rounds + 1):
        # In turns, so that other load on the machine meets all of them; the first round warms up.
        for count in _SILENT if number % 2 else reversed(_SILENT):
            before = stalls(lab)
            seen = _beside(lab, f"beside-{count}-{number}-", count)
            if number:
                beside[count] += seen
                stalled[count] += stalls(lab) - before
    lab.drop("callbacks")
    stack = _over_the_stack(lab, rounds=1 if effort.quick else 2)
    p99 = percentile(burst, 0.99)
    rows = [
        (name, *(ms(percentile(values, share)) for share in (0.5, 0.99)), ms(max(values)))
        for name, values in (
            (f"{SESSIONS} sessions at once", burst),
            ("one by one", single),
            *((f"one by one, {count} silent hosts beside", beside[count]) for count in _SILENT),
        )
    ]
    return Section(
        title="Terminal write → callback received",
        how=_HOW,
        tables=(
            Table(header=("", "p50", "p99", "longest"), rows=rows),
            Table(
                header=("whole local stack", "p50", "p99", "longest"),
                rows=[
                    (name, *map(ms, (percentile(d, 0.5), percentile(d, 0.99), max(d))))
                    for name, d in stack.items()
                ],
            ),
        ),
        verdicts=(
            Verdict(
                target=f"terminal write → callback p99 < 1 s, {SESSIONS} sessions at once",
                measured=f"{ms(p99)}, in process",
                met=p99 < 1,
            ),
            *verdicts_beside_silence(beside, stalled),
            *(
                Verdict(
                    row=CALLBACK,
                    target=f"{name}: p99 ≤ {ms(_STACK[name])}",
                    measured=ms(percentile(delays, 0.99)),
                    met=percentile(delays, 0.99) <= _STACK[name],
                )
                for name, delays in stack.items()
            ),
        ),
        notes=(
            (
                "On AWS, SNS → SQS → Lambda adds p50 16–73 ms and p99 105–225 ms by published "
                "figures. Over the whole local stack, workers end their runs over HTTP, and the "
                "clock starts when the terminal write's transaction begins: before it, a run's "
                "end waits for a process of the Runs API like any other request."
            ),
            (
                "On AWS callbacks leave by the function `outbound` (ADR 0033); here, and on the "
                "local stack, the notifier sends them itself. By way of a process of `outbound` "
                "for each, in turns with this way, two rounds each, on two cores that others "
                "kept busy (load 14–23): p50 0.11–0.26 → 0.6–2.0 s and p95 0.27–0.49 → "
                "1.2–3.3 s for 10 at once, p50 0.14–0.20 → 1.2–1.4 s and p95 0.28–0.42 → "
                "1.7–2.0 s for 100 at once. A single call one after the other: p50 0.7–1.1 → "
                "2.0–2.7 ms. On AWS: docs/first-deploy.md."
            ),
        ),
    )


def _over_the_stack(lab: Lab, *, rounds: int) -> Mapping[str, Sequence[float]]:
    say(f"callbacks: {rounds} rounds over the whole local stack")
    with stack_callbacks(lab.folder) as callbacks:
        few = [delay for _ in range(rounds) for delay in callbacks.delays(200, at_once=10)]
        many = [delay for _ in range(rounds) for delay in callbacks.delays(SESSIONS, at_once=100)]
    return dict(zip(_STACK, (few, many), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Events whose callbacks go to hosts that never answer, until they hang up."""

    due: Sequence[tuple[str, int]]
    hang_up: Callable[[], None]


def _round(lab: Lab, prefix: str, *, writers: int, silent: Silent | None = None) -> list[float]:
    with running_receiver() as receiver:
        with lab.connect("callbacks") as connection:
            ours.start(connection, prefix, SESSIONS)
            connection.execute("delete from endpoints")
            connection.execute(
                "insert into endpoints (project_id, url, responsive) values ('bench', %s, true)",
                (receiver.url(),),
            )
            connection.execute("vacuum analyze")
        arrived: dict[str, float] = {}
        take = receiver.take

        def timed(callback: Callback) -> int:
            arrived[str(callback.task_id)] = perf_counter()
            return take(callback)

        receiver.take = timed
        with _notifiers(lab) as topic:
            for project_id, event_no in silent.due if silent else ():
                topic.lanes.publish(project_id, event_no)
            started = _complete_all(lab, prefix, topic, writers)
            receiver.wait_for(lambda callback: callback.type == "task.completed", count=SESSIONS)
            if silent:
                silent.hang_up()  # otherwise the notifiers would wait for them
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
    """Both lanes of the notifier, as wide as in stage `dev`."""
    databases: list[Database] = []

    def store() -> PostgresDeliveryStore:
        database = lab.opened("callbacks")
        database.check()
        databases.append(database)
        return PostgresDeliveryStore(database)

    def services(own: PostgresDeliveryStore, lanes: CallbackLanes) -> NotifierServices:
        followed = lab.opened("callbacks")  # connects when an MCP client follows, and none does
        databases.append(followed)
        return NotifierServices(
            store=own,
            subscriptions=SubscriptionDeliveries(
                store=PostgresSubscriptionStore(followed), box=lambda: SecretBox(_MASTER_KEY)
            ),
            sender=HttpCallbackSender(allow_loopback=True),  # the exchange itself, without a call
            ringer=lanes,
            keys=lambda: _KEYS,
            clock=utc_now,
            random=random.random,
            share=DEV.callback_share,
        )

    with running_notifiers(services, store, concurrency=DEV.callback_concurrency) as lanes:
        yield Topic(lanes=lanes)
    for database in databases:
        database.close()


@contextmanager
def _silent_hosts(count: int) -> Generator[tuple[list[str], Callable[[], None]]]:
    """Addresses that accept connections and never answer, on one port each, until they hang up."""
    with ExitStack() as stack:
        urls: list[str] = []
        for _ in range(count):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
            urls.append(f"http://127.0.0.1:{listener.getsockname()[1]}/hook")
        yield urls, stack.close


def _beside(lab: Lab, prefix: str, silent: int) -> list[float]:
    """A project's callbacks while another project's tasks call `silent` hosts that never answer."""
    with _silent_hosts(silent) as (urls, hang_up), lab.connect("callbacks") as connection:
        connection.execute(
            "insert into projects (project_id, name) values (%s, 'silent')", (prefix,)
        )
        rows = connection.execute(
            "with event as (insert into events (project_id, type)"
            " select %(project_id)s, 'task.completed' from unnest(%(urls)s::text[])"
            " returning event_no), numbered as ("
            " select event_no, row_number() over (order by event_no) as n from event)"
            " insert into deliveries (project_id, event_no, event_type, url)"
            " select %(project_id)s, event_no, 'task.completed', (%(urls)s::text[])[n]"
            " from numbered returning event_no",
            {"project_id": prefix, "urls": urls},
        ).fetchall()
        due = [(prefix, int(row[0])) for row in rows]
        return _round(lab, prefix, writers=1, silent=Silent(due=due, hang_up=hang_up))
