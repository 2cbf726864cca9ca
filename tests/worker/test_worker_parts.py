"""Parts of the worker, each by itself."""

import io
import random
import threading
from queue import SimpleQueue

import pytest

from aiwebhook_runner.worker.claims import LONGEST_PAUSE_S, outage_pauses
from aiwebhook_runner.worker.room import Room
from aiwebhook_runner.worker.stopping import Stopping
from aiwebhook_runner.worker.worker_log import PlainWorkerLog
from tests.worker.test_handed_runs import FakeClock

pytestmark = pytest.mark.req("T8")


def test_pauses_of_an_outage_grow_to_half_a_minute_with_jitter() -> None:
    pauses = outage_pauses(random.Random(1))
    first = [next(pauses) for _ in range(20)]
    assert first[0] <= 0.5
    assert all(LONGEST_PAUSE_S / 2 <= pause <= LONGEST_PAUSE_S for pause in first[8:])
    assert len(set(first[8:])) > 5


def test_a_place_is_taken_by_one_of_many_threads_only() -> None:
    room = Room(2)
    taken: SimpleQueue[bool] = SimpleQueue()
    threads = [threading.Thread(target=lambda: taken.put(room.take())) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert [taken.get(timeout=5) for _ in range(2)] == [True, True]
    room.give()
    assert taken.get(timeout=5)
    room.close()
    assert [taken.get(timeout=5) for _ in range(5)] == [False] * 5
    for thread in threads:
        thread.join(5)


def test_the_first_signal_asks_the_second_hurries_the_third_leaves() -> None:
    clock = FakeClock()
    stopping = Stopping(60, now=clock.now)
    assert stopping.wake_in_s() is None
    assert (stopping.request(), stopping.wake_in_s(), stopping.at_once) == (1, 60, False)
    stopping.hurry()
    assert (stopping.request(), stopping.wake_in_s(), stopping.at_once) == (2, None, False)
    assert (stopping.request(), stopping.at_once) == (3, True)


def test_a_sentence_cannot_drive_the_terminal() -> None:
    stream = io.StringIO()
    PlainWorkerLog(stream).write("any", "task \x1b[2J\n gone")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()
