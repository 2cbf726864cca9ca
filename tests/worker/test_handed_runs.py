"""What a handed run may send while its lease is in doubt, and how the worker beats for it."""

import io
import json
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import pytest

from aiwebhook.client import Client, TransportOptions
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.client.runs import LeaseState
from aiwebhook.client.wire import ClientRequest, HttpReply, NotReached
from aiwebhook.errors import NotFound, Unavailable
from aiwebhook_runner.run.delegated_run import LeaseFence
from aiwebhook_runner.worker.child import Child
from aiwebhook_runner.worker.completions import CompletionLoop
from aiwebhook_runner.worker.heartbeats import HeartbeatLoop
from aiwebhook_runner.worker.link import Link
from aiwebhook_runner.worker.roster import Roster
from aiwebhook_runner.worker.signals import SignalLoop
from aiwebhook_runner.worker.worker_log import JsonWorkerLog

pytestmark = pytest.mark.req("T8")


@dataclass(slots=True)
class FakeClock:
    """Two clocks of one machine: `awake` stands still while it sleeps."""

    awake: float = 1_000.0
    asleep: float = 0.0

    def pass_s(self, seconds: float) -> None:
        self.awake += seconds

    def sleep_s(self, seconds: float) -> None:
        self.asleep += seconds

    def now(self) -> float:
        return self.awake + self.asleep


OURS = LeaseState(lost=False, cancel=False)


@dataclass(slots=True)
class FakeApi:
    """The API behind the transport, as far as beats go."""

    answer: LeaseState = OURS
    away: bool = False
    beats: list[list[str]] = field(default_factory=list[list[str]])
    looks: list[list[str]] = field(default_factory=list[list[str]])
    completed: list[list[str]] = field(default_factory=list[list[str]])
    older: bool = False

    def exchange(self, request: ClientRequest) -> HttpReply:
        assert isinstance(request.body, bytes)
        if request.target.endswith("/completions"):
            return self._complete(json.loads(request.body)["reports"])
        tokens: list[str] = json.loads(request.body)["leases"]
        signals = request.target.endswith("/signals")
        (self.looks if signals else self.beats).append(tokens)
        if self.away:
            raise NotReached("away")
        if signals and self.older:
            return HttpReply(status=404, content=b"{}")
        answers = [asdict(self.answer)] * len(tokens)
        body = {"signals" if signals else "beats": answers}
        return HttpReply(status=200, content=json.dumps(body).encode())

    def _complete(self, reports: list[dict[str, Any]]) -> HttpReply:
        if self.away:
            raise NotReached("away")
        self.completed.append([each["lease_token"] for each in reports])
        body = {"results": [{"status": "completed"}] * len(reports)}
        return HttpReply(status=200, content=json.dumps(body).encode())

    def client(self) -> Client:
        options = TransportOptions(retry=NO_RETRY, exchange=self.exchange)
        return Client("http://any", api_key="aiw_any", options=options)


@dataclass(slots=True)
class FakeChild:
    """A run that keeps the words it is sent."""

    run: Any
    pid: int = 1
    hung: bool = False
    late: bool = False
    killed: bool = False
    words: list[str] = field(default_factory=list[str])
    answers: list[Any] = field(default_factory=list[Any])

    def answer(self, number: object, result: Any) -> None:
        self.answers.append((number, result))

    def send(self, word: str) -> None:
        self.words.append(word)

    def hangs(self) -> bool:
        return self.late

    def kill(self) -> None:
        self.killed = True


@dataclass(frozen=True, slots=True)
class FakeRun:
    lease_token: str
    heartbeat_s: float = 20.0


@dataclass(slots=True)
class Bench:
    """A heart, its clock, its runs and what it told."""

    clock: FakeClock
    api: FakeApi
    roster: Roster
    heart: HeartbeatLoop
    told: io.StringIO

    def child(self, token: str) -> FakeChild:
        child = FakeChild(FakeRun(token), pid=len(self.roster.children()) + 1)
        self.roster.start(lambda: cast("Child", child))
        return child


@pytest.fixture
def bench() -> Bench:
    clock, api, roster, told = FakeClock(), FakeApi(), Roster(), io.StringIO()
    log = JsonWorkerLog("any", told)
    link = Link("http://any", log, now=clock.now)
    heart = HeartbeatLoop(
        api.client(), "any", roster, link, log, now=clock.now, awake=lambda: clock.awake
    )
    return Bench(clock, api, roster, heart, told)


def test_nothing_leaves_a_run_whose_lease_is_not_confirmed() -> None:
    clock = FakeClock()
    fence = LeaseFence(lease_s=60, now=clock.now)
    clock.pass_s(59)
    fence.check()
    clock.sleep_s(2)
    with pytest.raises(Unavailable, match="not confirmed"):
        fence.check()
    fence.confirm()
    fence.check()


def test_one_call_beats_for_all_runs_every_twenty_seconds(bench: Bench) -> None:
    children = [bench.child("a"), bench.child("b")]
    bench.heart.tick()
    bench.clock.pass_s(19)
    bench.heart.tick()
    bench.clock.pass_s(1)
    bench.heart.tick()
    assert bench.api.beats == [["a", "b"], ["a", "b"]]
    assert [child.words for child in children] == [["beat", "beat"]] * 2


def test_no_runs_no_beats(bench: Bench) -> None:
    for _ in range(50):
        bench.clock.pass_s(1)
        bench.heart.tick()
    assert bench.api.beats == []


def test_an_awakened_machine_asks_at_once_and_gives_up_what_it_lost(bench: Bench) -> None:
    child = bench.child("a")
    bench.heart.tick()
    bench.api.answer = LeaseState(lost=True, cancel=False)

    bench.clock.pass_s(1)
    bench.clock.sleep_s(7_200)
    bench.heart.tick()

    assert child.words == ["beat", "lost"]
    assert "awake again after 7200 s" in bench.told.getvalue()


def test_an_unanswered_beat_is_repeated_soon_and_a_cancel_is_passed_on(bench: Bench) -> None:
    child = bench.child("a")
    bench.api.away = True
    bench.heart.tick()
    bench.api.away, bench.api.answer = False, LeaseState(lost=False, cancel=True)
    bench.clock.pass_s(2)
    bench.heart.tick()
    assert child.words == ["beat", "cancel"]


def test_more_than_a_hundred_leases_take_several_calls(bench: Bench) -> None:
    for number in range(150):
        bench.child(str(number))
    bench.heart.tick()
    assert [len(tokens) for tokens in bench.api.beats] == [100, 50]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OURS, []),
        (LeaseState(lost=False, cancel=True), ["cancel"]),
        (LeaseState(lost=True, cancel=False), ["lost"]),
    ],
)
def test_one_look_asks_for_all_runs_and_passes_on_what_it_hears(
    bench: Bench, state: LeaseState, words: list[str]
) -> None:
    loop = SignalLoop(bench.api.client(), bench.roster)
    loop.tick()
    assert bench.api.looks == []
    children = [bench.child(token) for token in ("a", "b")]
    bench.api.answer = state
    loop.tick()
    assert bench.api.looks == [["a", "b"]]
    assert bench.api.beats == []
    assert [child.words for child in children] == [words, words]


def test_a_look_that_is_not_answered_is_followed_by_the_next(bench: Bench) -> None:
    loop, child = SignalLoop(bench.api.client(), bench.roster), bench.child("a")
    bench.api.away = True
    loop.tick()
    bench.api.away, bench.api.answer = False, LeaseState(lost=False, cancel=True)
    loop.tick()
    assert child.words == ["cancel"]


def test_what_ended_meanwhile_is_completed_in_one_call(bench: Bench) -> None:
    loop = CompletionLoop(bench.api.client())
    children = [bench.child(token) for token in ("a", "b", "c")]
    for child in children:
        loop.hear(cast("Child", child), {"type": "complete", "number": 1, "report": {}})
        loop.hear(cast("Child", child), {"message": "outcome_recorded"})
    loop.tick()
    assert bench.api.completed == [["a", "b", "c"]]
    assert [child.answers for child in children] == [[(1, {"status": "completed"})]] * 3


def test_without_an_answer_each_run_reports_itself(bench: Bench) -> None:
    loop = CompletionLoop(bench.api.client())
    child = bench.child("a")
    bench.api.away = True
    loop.hear(cast("Child", child), {"type": "complete", "number": 1, "report": {}})
    loop.tick()
    assert child.answers == [(1, None)]


def test_an_older_deployment_is_not_asked_again(bench: Bench) -> None:
    bench.api.older = True
    bench.child("a")
    with pytest.raises(NotFound):
        SignalLoop(bench.api.client(), bench.roster).tick()


def test_a_supervisor_that_hangs_long_after_its_time_is_killed(bench: Bench) -> None:
    child = bench.child("a")
    child.late = True
    bench.heart.tick()
    assert child.killed
    assert child.hung
