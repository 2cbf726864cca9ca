"""Several deliveries at once: those of one lane one after the other, lanes beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

Json = dict[str, Any]
Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """So many deliveries at once. Those of one source keep their order, unless `any_order`."""

    at_once: int = 1
    any_order: bool = False

    def lanes(self, deliveries: Sequence[Json]) -> list[list[int]]:
        """The numbers of the deliveries, by lane."""
        lanes: dict[object, list[int]] = {}
        for number, delivery in enumerate(deliveries):
            lane = number if self.any_order else delivery["source"]
            lanes.setdefault(lane, []).append(number)
        return list(lanes.values())


ONE_BY_ONE = Concurrency()


LaneWork = Callable[[Json, Callable[[], bool]], Answered]
"""What is done with a delivery; its second argument says whether it need not go on."""


def in_lanes(
    deliveries: Sequence[Json], work: LaneWork[Answered], concurrency: Concurrency
) -> Generator[tuple[int, Answered]]:
    """The number of each delivery that was worked on, and what came of it, as they end. Raises what
    `work` raises, once everything under way has ended: nothing goes on behind the caller's back.
    """
    if concurrency.at_once == 1:
        for number, delivery in enumerate(deliveries):
            yield number, work(delivery, lambda: False)
        return
    lanes = _Lanes(deliveries, work, concurrency)
    lanes.start()
    try:
        for _ in deliveries:
            yield lanes.next_ended()
    except KeyboardInterrupt:
        lanes.stop()
        raise  # whoever presses Ctrl-C does not wait for a target
    except BaseException:
        lanes.stop()
        lanes.join()
        raise


class _Lanes(Generic[Answered]):
    """The threads of a page; none begins a delivery after one has failed."""

    def __init__(
        self, deliveries: Sequence[Json], work: LaneWork[Answered], concurrency: Concurrency
    ) -> None:
        self._deliveries, self._work = deliveries, work
        self._lanes: SimpleQueue[list[int]] = SimpleQueue()
        self._ended: SimpleQueue[tuple[int, Answered] | BaseException] = SimpleQueue()
        self._stopped = threading.Event()
        for lane in concurrency.lanes(deliveries):
            self._lanes.put(lane)
        count = min(concurrency.at_once, self._lanes.qsize())
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def next_ended(self) -> tuple[int, Answered]:
        """Raises what the work raised."""
        ended = self._ended.get()
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def _run(self) -> None:
        try:
            for lane in iter(self._next, None):
                for number in lane:
                    if self._stopped.is_set():
                        return
                    done = self._work(self._deliveries[number], self._stopped.is_set)
                    self._ended.put((number, done))
        except BaseException as error:  # noqa: BLE001 raised again by who waits for it
            self._stopped.set()
            self._ended.put(error)

    def _next(self) -> list[int] | None:
        try:
            return self._lanes.get_nowait()
        except Empty:
            return None
