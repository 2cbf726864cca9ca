"""What can happen to a listener, decided from one seed, on a clock of its own."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any, cast

from aiwebhook.errors import Unavailable
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, HandOn
from aiwebhook_local.ports import free_port
from tests.support.deliveries import Reception
from tests.support.http_front import HttpFront
from tests.support.session_api import ApiDriver, session_api_handler
from tests.support.target import Forwarded, Target

Json = dict[str, Any]
REDEPLOYED = 10
HOUR_S = 3600
TARGET_TIMEOUT_S = 0.5
_REFUSED_S, _REDEPLOYED_S = 90, 20
_FAULTS: tuple[tuple[float, int | None], ...] = ((0.02, None), (0.02, 429), (0.03, 500))
_POISONS = (404, 410, 500, 503)


class Killed(BaseException):
    """As SIGKILL: nothing more of this client runs, and its lease is not let go."""


class Storm:
    """A server that is replaced, a target that is ill, a network that goes away, kills; and
    deliveries that come in meanwhile. Pauses of a listener move the clock.
    """

    def __init__(self, driver: ApiDriver, *, seed: int, count: int) -> None:
        self.driver, self.count = driver, count
        self.random = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self.sent: dict[str, bytes] = {}
        self.poison: dict[str, int] = {}
        """Deliveries that the target refuses until it is mended, with its answer."""
        self._broken: Counter[str] = Counter()
        self.now_s = 0.0
        self._online_at = self._server_at = self._target_at = 0.0
        self._server_port, self._target_port = free_port(), free_port()
        self._front: HttpFront | None = None
        self.targets: list[Target] = []
        self._target: Target | None = None
        self._lock = threading.RLock()
        self._stalled = threading.Event()
        every = max(1, count // (REDEPLOYED + 1))
        self._redeploys = {every * (number + 1) for number in range(REDEPLOYED)}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server_port}"

    @property
    def target_url(self) -> str:
        return f"http://127.0.0.1:{self._target_port}"

    @property
    def got(self) -> list[Forwarded]:
        return [got for target in self.targets for got in target.got]

    @property
    def taken(self) -> list[Forwarded]:
        return [got for target in self.targets for got in target.taken]

    @property
    def unheard(self) -> int:
        """Answers of the target that came too late on a busy machine: it has what comes again."""
        late = self.happened["it does not answer in time"] - self.happened["target silent"]
        return max(0, late)

    def begin(self) -> None:
        """Server and target serve."""
        self._serve()
        self._open_target()

    def end(self) -> None:
        """Nobody serves any more."""
        self._stalled.set()
        self._close_target()
        if self._front is not None:
            self._front.__exit__(None, None, None)

    def receive(self, most: int) -> None:
        """So many more come in, if there are so many."""
        with closing(Reception(self.driver)) as reception:
            for _ in range(min(most, self.count - len(self.sent))):
                body = self.random.randbytes(self.random.randrange(1, 400))
                delivery_id = reception.receive(body).delivery_id
                self.sent[delivery_id] = body
                if self.random.random() < 0.005:
                    self.poison[delivery_id] = self.random.choice(_POISONS)

    def pause(self, seconds: float) -> None:
        """Time passes, for everything that was to happen."""
        with self._lock:
            self.now_s += seconds
            if self._front is None and self.now_s >= self._server_at:
                self._serve()
            if self._target is None and self.now_s >= self._target_at:
                self._open_target()

    def happens(self, what: str, chance: float) -> bool:
        with self._lock:
            if self.random.random() >= chance:
                return False
            self.happened[what] += 1
            return True

    def perhaps_killed(self, what: str) -> None:
        """Raises Killed."""
        if self.happens(what, max(0.005, min(0.05, 20 / self.count))):
            raise Killed

    def handing_on(self, forward: HandOn) -> HandOn:
        """What a client does with each, with all that goes wrong around it."""

        def handle(delivery: Json) -> Attempted:
            self.perhaps_killed("killed before")
            self._before()
            tried = forward(delivery)
            self.happened[tried.reason] += 1
            self.perhaps_killed("killed after the answer")
            return tried

        return handle

    def through(self, ask: Callable[[], Any]) -> Any:
        """A call of the client: it, or its answer, may be lost."""
        if self.now_s < self._online_at:
            self.happened["offline"] += 1
            raise Unavailable("No network.", code="unreachable")
        if self.happens("lost request", 0.02):
            raise Unavailable("The request was lost.", code="unreachable")
        answer = ask()
        if self.happens("lost answer", 0.02):
            raise Unavailable("The answer was lost.", code="unreachable")
        return answer

    def behind(self, channel: str) -> int:
        """How many deliveries a channel has still to pass."""
        counts = self.driver.sql(
            """
            SELECT c.channel, count(*)
            FROM channels c
            JOIN events e ON e.project_id = c.project_id
                AND e.type = 'delivery.received'
                AND (e.xid, e.event_no) > (c.after_xid, c.after_no)
            GROUP BY c.channel
            """
        )
        return dict(counts).get(channel, 0)

    def failures(self) -> set[str]:
        """What is noted as failed and passed over."""
        rows = self.driver.sql(
            "SELECT project_id, delivery_id FROM inbound_deliveries WHERE status = 'failed'"
        )
        return {
            delivery_id for project_id, delivery_id in rows if project_id == self.driver.project_id
        }

    def _before(self) -> None:
        with self._lock:
            done = self.happened["HTTP 200"]
            due = {number for number in self._redeploys if number <= done}
            if due and self._front is not None:
                self._redeploys -= due
                self.happened["redeployed"] += len(due)
                self._front.__exit__(None, None, None)
                self._front, self._server_at = None, self.now_s + _REDEPLOYED_S
            if done >= self.count // 2 and not self.happened["an hour offline"]:
                self.happened["an hour offline"] += 1
                self._online_at = self.now_s + HOUR_S
                self.driver.sql("UPDATE channels SET leased_until = now()")
                self.receive(self.count // 20)
            if self._target is not None and self.happens("target closed", 0.01):
                self._close_target()
                self._target_at = self.now_s + _REFUSED_S

    def _serve(self) -> None:
        driver = self.driver
        self._front = HttpFront(
            session_api=lambda: session_api_handler(driver.dsn, driver.outside),
            port=self._server_port,
        )
        self._front.__enter__()

    def _open_target(self) -> None:
        self._target = Target(self._answer, port=self._target_port)
        self._target.__enter__()
        self.targets.append(self._target)

    def _close_target(self) -> None:
        if self._target is not None:
            self._target.__exit__(None, None, None)
            self._target = None

    def _answer(self, got: Forwarded) -> int | None:
        poison = self.poison.get(got.delivery_id)
        if poison is not None:
            return poison
        if self.happens("target silent", 0.005):
            self._stalled.wait(3 * TARGET_TIMEOUT_S)
            return None
        for chance, status in _FAULTS:
            # Three times 500 is a failure, and only those of `poison` are to fail.
            spared = status == 500 and self._broken[got.delivery_id] == 2
            if not spared and self.happens(f"target {status}", chance):
                self._broken[got.delivery_id] += status == 500
                return status
        return 200


class StormyCalls(ChannelCalls):
    """Loses requests and answers, and is killed around an acknowledgement."""

    storm: Storm

    def claim(self, *, since: str | None = None, cursor: str | None = None) -> Json:
        return self._through(lambda: super(StormyCalls, self).claim(since=since, cursor=cursor))

    def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
        del wait_s
        return self._through(lambda: super(StormyCalls, self).poll(lease_epoch, wait_s=0))

    def acknowledge(self, lease_epoch: int, cursor: str, **more: Any) -> None:
        self.storm.perhaps_killed("killed before the acknowledgement")
        self._through(lambda: super(StormyCalls, self).acknowledge(lease_epoch, cursor, **more))
        self.storm.perhaps_killed("killed after the acknowledgement")

    def release(self, lease_epoch: int) -> None:
        """Nobody is there to do it."""

    def _through(self, ask: Callable[[], Any]) -> Json:
        return cast("Json", self.storm.through(ask))
