"""The two queues of callbacks and their notifiers in this process, as the template wires them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from aiwebhook.domain.lane import Lane
from aiwebhook.ports.deliveries import DueEvent
from aiwebhook.postgres.delivery_store import PostgresDeliveryStore
from aiwebhook.usecases.deliver_callback import NotifierServices, deliver_callbacks

_BATCH_SIZE = 10  # of the event sources (infra/constructs/work_queue.py)


@dataclass(slots=True, kw_only=True)
class CallbackLanes:
    """SNS and SQS of the notifier. Delayed rings wait on timers, which die with the process."""

    first: SimpleQueue[DueEvent | None] = field(default_factory=SimpleQueue["DueEvent | None"])
    retry: SimpleQueue[DueEvent | None] = field(default_factory=SimpleQueue["DueEvent | None"])
    rung: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])

    def publish(self, project_id: str, event_no: int) -> None:
        """What the topic's subscription does."""
        self.first.put(DueEvent(project_id=project_id, event_no=event_no))

    def ring(self, *, project_id: str, event_no: int, delay_s: int = 0) -> None:
        """What the notifier's ringer does; `rung` remembers it, as FakeRinger does."""
        self.rung.append((project_id, event_no, delay_s))
        due = DueEvent(project_id=project_id, event_no=event_no)
        if delay_s == 0:
            self.retry.put(due)
            return
        timer = threading.Timer(delay_s, self.retry.put, [due])
        timer.daemon = True
        timer.start()


def _batch(queue: SimpleQueue[DueEvent | None]) -> list[DueEvent]:
    """What lies there, as SQS gives it to Lambda; empty when it is time to go."""
    batch: list[DueEvent] = []
    due = queue.get()
    while due is not None:
        batch.append(due)
        if len(batch) == _BATCH_SIZE or queue.empty():
            return batch
        with suppress(Empty):
            due = queue.get_nowait()
    if batch:
        queue.put(None)  # comes again
    return batch


@contextmanager
def running_notifiers(
    services: Callable[[PostgresDeliveryStore, CallbackLanes], NotifierServices],
    store: Callable[[], PostgresDeliveryStore],
    *,
    concurrency: int,
) -> Generator[CallbackLanes]:
    """`concurrency` notifiers per lane; they end with the block."""
    lanes = CallbackLanes()

    def notify(lane: Lane, queue: SimpleQueue[DueEvent | None], own: PostgresDeliveryStore) -> None:
        while batch := _batch(queue):
            deliver_callbacks(batch, services(own, lanes), lane)

    pairs = ((Lane.FIRST, lanes.first), (Lane.RETRY, lanes.retry))
    threads = [
        threading.Thread(target=notify, args=(lane, queue, store()), daemon=True)
        for lane, queue in pairs
        for _ in range(concurrency)
    ]
    for thread in threads:
        thread.start()
    try:
        yield lanes
    finally:
        for _ in range(concurrency):
            lanes.first.put(None)
            lanes.retry.put(None)
        for thread in threads:
            thread.join(timeout=60)
