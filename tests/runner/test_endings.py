"""The ways a run can end badly, and what the supervisor makes of each."""

import os
import select
import signal
from pathlib import Path

import pytest

from aiwebhook_runner.exits import RunExitCode
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import LEASE_LOST, Answer, FakeRunsApi
from tests.support.processes import has_ended

pytestmark = pytest.mark.req("T4")

TERMINAL = {"complete", "fail", "release"}

FOREVER = """
say("log", message="ready")
while True: time.sleep(60)
"""

STUBBORN = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
say("log", message="ready")
while True: time.sleep(60)
"""

DETACHING = """
def detach():
    if os.fork(): return
    os.setsid()
    if os.fork(): os._exit(0)
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (scratch / "detached.tmp").write_text(str(os.getpid()))
    (scratch / "detached.tmp").rename(scratch / "detached")
    while True: time.sleep(60)
detach()
while not (scratch / "detached").exists(): time.sleep(0.01)
"""


def started(runner: RunnerProcess, api: FakeRunsApi, **env: str) -> int:
    """Start and wait until the agent has said that it is ready; returns the agent's pid."""
    runner.start(**env)
    api.wait_for(lambda: bool(api.events("log")))
    assert runner.process is not None
    children = Path(f"/proc/{runner.process.pid}/task/{runner.process.pid}/children").read_text()
    return int(children.split()[0])


def terminal_calls(api: FakeRunsApi) -> list[str]:
    return [call.action for call in api.calls if call.action in TERMINAL]


def test_a_run_over_its_time_is_killed_and_fails_as_timeout(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(FOREVER, timeout_s=0.5)
    assert runner.start().exit_code() == RunExitCode.RECORDED
    failure = api.bodies("fail")[0]
    assert failure["error_class"] == "timeout"
    assert failure["exit_code"] == -signal.SIGTERM
    assert terminal_calls(api) == ["fail"]


def test_a_container_that_is_stopped_asks_whether_it_was_cancelled(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(FOREVER, heartbeat_s=20)
    agent = started(runner, api)
    beats = api.count("heartbeat")
    runner.cancel()
    assert runner.exit_code() == RunExitCode.RECORDED
    assert api.count("heartbeat") == beats
    assert api.count("signal") == 1  # not before it was told to stop
    assert terminal_calls(api) == ["fail"]
    assert api.bodies("fail")[0]["error_class"] == "cancelled"
    assert has_ended(agent)


@pytest.mark.parametrize("carrier", ["heartbeat", "events"])
def test_a_cancel_is_heard_in_other_answers_where_nobody_stops_the_container(
    runner: RunnerProcess, api: FakeRunsApi, carrier: str
) -> None:
    api.always[carrier] = Answer(status=200, body={"cancel": True})
    runner.agent(FOREVER, heartbeat_s=0.1)
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("fail")[0]["error_class"] == "cancelled"


def test_an_agent_that_ignores_sigterm_is_killed(runner: RunnerProcess, api: FakeRunsApi) -> None:
    runner.agent(STUBBORN)
    agent = started(runner, api)
    runner.cancel()
    assert runner.exit_code() == RunExitCode.RECORDED
    assert api.bodies("fail")[0]["exit_code"] == -signal.SIGKILL
    assert api.bodies("fail")[0]["error_class"] == "cancelled"
    assert has_ended(agent)


@pytest.mark.parametrize("agent", [FOREVER, STUBBORN], ids=["obedient", "stubborn"])
def test_a_drain_stops_the_agent_and_hands_the_task_back(
    runner: RunnerProcess, api: FakeRunsApi, agent: str
) -> None:
    runner.agent(agent)
    pid = started(runner, api)
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.RELEASED
    assert terminal_calls(api) == ["release"]
    assert has_ended(pid)


def test_a_drain_ends_in_time_although_the_api_is_away(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["release"] = Answer(status=503)
    runner.agent(FOREVER)
    agent = started(runner, api, AIWEBHOOK_DRAIN_S="1.5")
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.API_SILENT
    assert has_ended(agent)


def test_a_drain_before_the_start_was_answered_just_ends(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["start"] = Answer(status=503)
    runner.start()
    api.wait_for(lambda: api.count("start") > 0)
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.API_SILENT
    assert terminal_calls(api) == []


def test_a_drain_while_the_result_is_being_recorded_still_records_it(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.script["complete"] = [Answer(status=503), Answer(status=503)]
    runner.agent('say("result", output={})')
    runner.start()
    api.wait_for(lambda: api.count("complete") > 0)
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == 3
    assert api.count("release") == 0


def test_children_that_detached_themselves_are_gone_after_a_result(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(DETACHING + 'say("result", output={})')
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == 1
    assert has_ended(int((runner.scratch / "detached").read_text()))


def test_children_that_detached_themselves_are_gone_after_a_cancel(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(DETACHING + FOREVER)
    started(runner, api)
    runner.cancel()
    assert runner.exit_code() == RunExitCode.RECORDED
    assert has_ended(int((runner.scratch / "detached").read_text()))


def test_the_agent_dies_with_a_supervisor_that_was_killed(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(STUBBORN)
    agent = started(runner, api)
    descriptor = os.pidfd_open(agent)
    try:
        runner.signal(signal.SIGKILL)
        # Readable once the process is gone; the kernel tells, no polling.
        assert select.select([descriptor], [], [], 20)[0] == [descriptor]
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    "answer", [Answer(status=503), Answer(status=404, body={"detail": "what?"})]
)
def test_a_stop_whose_reason_nobody_tells_hands_the_task_back(
    runner: RunnerProcess, api: FakeRunsApi, answer: Answer
) -> None:
    api.always["signal"] = answer
    runner.agent(FOREVER)
    started(runner, api)
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.RELEASED
    assert terminal_calls(api) == ["release"]


def test_a_container_that_is_stopped_because_its_lease_is_lost_writes_nothing(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["signal"] = LEASE_LOST
    runner.agent(STUBBORN)
    agent = started(runner, api)
    runner.signal(signal.SIGTERM)
    assert runner.exit_code() == RunExitCode.LEASE_LOST
    assert terminal_calls(api) == []
    assert has_ended(agent)


@pytest.mark.parametrize("carrier", ["heartbeat", "events"])
def test_a_lost_lease_kills_the_agent_and_writes_nothing_more(
    runner: RunnerProcess, api: FakeRunsApi, carrier: str
) -> None:
    api.always[carrier] = LEASE_LOST
    runner.agent(STUBBORN, heartbeat_s=0.1)
    assert runner.start().exit_code() == RunExitCode.LEASE_LOST
    assert terminal_calls(api) == []
    assert [line["exit_code"] for line in runner.log() if "exit_code" in line] in ([-9], [])


def test_a_lease_lost_while_completing_ends_quietly(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["complete"] = LEASE_LOST
    runner.agent('say("result", output={})')
    assert runner.start().exit_code() == RunExitCode.LEASE_LOST
    assert terminal_calls(api) == ["complete"]


def test_a_finished_result_survives_an_api_that_is_away(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.script["complete"] = [Answer(status=503), Answer(drop=True), Answer(status=500)]
    api.script["artifacts"] = [Answer(status=502), Answer(status=429), Answer(drop=True)]
    runner.agent(
        """
        say("artifact", name="a", artifact_type="any", format="text", content="a")
        say("result", output={"n": 1})
        """
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == api.count("artifacts") == 4
    assert api.count("fail") == 0


def test_an_api_that_stays_away_is_given_up_at_last(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["complete"] = Answer(status=503)
    runner.agent('say("result", output={})')
    assert runner.start(AIWEBHOOK_API_SILENCE_S="0.5").exit_code() == RunExitCode.API_SILENT
    assert api.count("fail") == 0


def test_a_refused_result_is_reported_as_a_failure(runner: RunnerProcess, api: FakeRunsApi) -> None:
    api.always["complete"] = Answer(status=422, body={"detail": "output breaks output_schema"})
    runner.agent('say("result", output={})')
    assert runner.start().exit_code() == RunExitCode.RECORDED
    failure = api.bodies("fail")[0]
    assert failure["error_class"] == "bad_output"
    assert failure["message"] == "The result was refused: output breaks output_schema"


@pytest.mark.req("T4", "T5")
def test_a_template_without_a_model_tells_what_it_has_not_read(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    kind = {
        "kind": "template",
        "command": [],
        "runs_on": ["claude_code"],
        "entrypoint": "aiwebhook_agents.researcher",
    }
    runner.agent("", agent=kind)
    api.reply("And the queue?")
    api.reply("And the cache?")
    assert runner.start().exit_code() == RunExitCode.RECORDED, runner.output
    [body] = api.bodies("complete")
    assert body["output"]["unread_messages"] == 2
    assert body["say"].endswith("2 messages to it were not read.")
