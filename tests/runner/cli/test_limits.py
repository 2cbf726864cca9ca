"""What the runner holds a command-line agent to, and how it ends one."""

import os
import signal
from pathlib import Path

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.process.isolation import FIRST_UID, reachable_by_others
from tests.runner.cli.fake_gateway import FakeGateway
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import LEASE_LOST, FakeRunsApi
from tests.runner.test_endings import DETACHING
from tests.support.agents_user import agents_python
from tests.support.processes import has_ended

pytestmark = pytest.mark.req("T4", "T6")

WORKING = """
def told(number, _frame):
    with (scratch / "signals").open("a") as file: file.write(f"{number}\\n")
    if number == int(os.environ.get("OBEYS", 0) or 0): sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, told)
init(); say("Ready.")
"""


def signals(cli: CliRunner) -> list[int]:
    return [int(line) for line in (cli.scratch / "signals").read_text().splitlines()]


def test_a_model_that_gives_no_sign_of_life_is_a_network_failure(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    """The CLI's banner and its retries are no sign of the model."""
    cli.claude(
        "init(); out('system', subtype='api_retry', attempt=1, max_retries=3); forever()",
        agent={"first_output_s": 1},
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    failure = cli.told()
    assert failure["error_class"] == "network"
    assert failure["message"] == "The model gave no answer within 1 s."


def test_tokens_at_the_gateway_are_a_sign_of_life(cli: CliRunner, api: FakeRunsApi) -> None:
    """A long thought prints nothing, but its tokens are counted: every METER_S, of which the
    limits are a multiple, because a busy machine counts late.
    """
    cli.claude(
        """
        init()
        for n in range(1, 15): use(output_tokens=n); time.sleep(0.5)
        answer("Thought it over.")
        """,
        agent={"first_output_s": 6, "idle_s": 6},
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == 1


def test_an_agent_silent_in_the_middle_of_its_work_is_stopped(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude("init(); say('Looking.'); forever()", agent={"idle_s": 1})
    cli.start().exit_code()
    assert cli.told()["error_class"] == "timeout"
    assert cli.told()["message"] == "The agent was silent for 1 s and was stopped."


def test_a_silence_whose_cause_the_gateway_knows_is_called_by_it(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    overloaded = {"status": 529, "error_class": "overloaded", "message": "Overloaded."}
    cli.gateway.usage["last_error"] = overloaded
    cli.claude("init(); forever()", agent={"first_output_s": 1})
    cli.start().exit_code()
    assert cli.told()["error_class"] == "overloaded"


def test_turns_of_the_model_are_counted_by_the_runner(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(
        """
        init()
        for n in range(50): say(f"Turn {n}."); call(id=str(n)); came(id=str(n))
        forever()
        """,
        agent={"max_turns": 3},
    )
    cli.start().exit_code()
    assert cli.told()["error_class"] == "max_turns"
    assert cli.told()["message"] == "The agent used up its 3 turns."


def test_a_spent_budget_ends_the_agent_cleanly(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(
        """
        init(); say("Spending.")
        use(cost_usd=2.0, input_tokens=5, budget_exceeded=True); forever()
        """,
        agent={"max_cost_usd": 1.0},
    )
    cli.start().exit_code()
    failure = cli.told()
    assert failure["error_class"] == "budget"
    assert failure["usage"]["cost_usd"] == 2.0
    assert cli.gateway.opened[0]["max_cost_usd"] == 1.0


def test_the_tasks_own_budget_outdoes_that_of_its_agent(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude("init(); answer('Done.')", agent={"max_cost_usd": 10.0}, max_cost_usd=0.25)
    cli.start().exit_code()
    assert cli.gateway.opened[0]["max_cost_usd"] == 0.25


@pytest.mark.parametrize(
    ("last_stop", "error_class"), [("max_tokens", "truncated"), ("refusal", "refused")]
)
def test_a_success_that_the_provider_saw_otherwise_is_none(
    cli: CliRunner, api: FakeRunsApi, last_stop: str, error_class: str
) -> None:
    cli.claude(f"init(); use(last_stop={last_stop!r}); answer('All fine.')")
    cli.start().exit_code()
    assert cli.told()["error_class"] == error_class


def test_a_failure_that_says_nothing_takes_the_providers_word(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        init()
        use(last_error={"status": 500, "error_class": "server", "message": "Internal."})
        sys.exit(1)
        """
    )
    cli.start().exit_code()
    assert cli.told()["error_class"] == "server"


def test_the_first_signal_is_an_interrupt_on_which_the_agent_may_end(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude("os.environ['OBEYS'] = '2'" + WORKING + "forever()")
    cli.start(AIWEBHOOK_KILL_GRACE_S="20")
    api.wait_for(lambda: bool(api.events("message")))
    cli.cancel()
    assert cli.exit_code() == RunExitCode.RECORDED
    assert cli.told()["error_class"] == "cancelled"
    assert signals(cli) == [signal.SIGINT]


def test_an_agent_that_heeds_no_signal_is_killed_with_its_detached_children(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(DETACHING + WORKING + "forever()")
    cli.start(AIWEBHOOK_KILL_GRACE_S="1.5")  # in which the agent notes a signal
    api.wait_for(lambda: bool(api.events("message")))
    cli.cancel()
    assert cli.exit_code() == RunExitCode.RECORDED
    assert signals(cli) == [signal.SIGINT, signal.SIGTERM]
    assert cli.told()["exit_code"] == -signal.SIGKILL
    assert has_ended(int((cli.scratch / "detached").read_text()))


def test_a_drain_leaves_time_to_hand_the_task_back(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(WORKING + "forever()")
    cli.start(AIWEBHOOK_KILL_GRACE_S="30", AIWEBHOOK_DRAIN_S="6")
    api.wait_for(lambda: bool(api.events("message")))
    cli.signal(signal.SIGTERM)
    assert cli.exit_code() == RunExitCode.RELEASED
    assert api.count("release") == 1
    assert api.count("fail") == 0


def test_each_heartbeat_keeps_the_door_open_and_a_lost_lease_no_longer(
    cli: CliRunner, api: FakeRunsApi, gateway: FakeGateway
) -> None:
    cli.claude("init(); say('Ready.'); forever()", heartbeat_s=0.1)
    cli.start()
    gateway.wait_for_renewals(2)
    assert gateway.opened[0]["lease_s"] == pytest.approx(0.3)
    api.always["heartbeat"] = LEASE_LOST
    assert cli.exit_code() == RunExitCode.LEASE_LOST
    assert api.count("fail") == api.count("complete") == 0
    assert gateway.closed


def test_a_supervisor_stopped_past_its_lease_changes_nothing_and_kills_its_agent(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        (scratch / "pid").write_text(str(os.getpid())); init(); say("Ready.")
        while not (scratch / "go").exists(): time.sleep(0.01)
        pathlib.Path("late.txt").write_text("late"); answer("A late result."); forever()
        """,
        heartbeat_s=0.2,
    )
    cli.start()
    api.wait_for(lambda: bool(api.events("message")))
    cli.signal(signal.SIGSTOP)
    # Meanwhile the lease runs out and another attempt gets the task, while the agent goes on.
    for action in ("heartbeat", "events", "signal", "complete", "fail", "artifacts", "checkpoint"):
        api.always[action] = LEASE_LOST
    (cli.scratch / "go").touch()
    cli.signal(signal.SIGCONT)
    assert cli.exit_code() == RunExitCode.LEASE_LOST
    assert has_ended(int((cli.scratch / "pid").read_text()))
    assert api.count("complete") == api.count("fail") == api.count("release") == 0


@pytest.mark.skipif(
    os.geteuid() != 0 or not reachable_by_others(Path(agents_python())),
    reason="only root changes users, and the stand-in needs a Python that all may run",
)
def test_where_root_allows_the_agent_is_another_user(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(
        """
        init(); pathlib.Path("mine.txt").write_text("x")
        pathlib.Path("/var/tmp/left-by-" + str(os.getpid())).mkdir()
        may_write = os.access(scratch.parent, os.W_OK)
        answer(f"{os.getpid()} {os.getuid()} {os.environ['USER']} {may_write}")
        """
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    pid, uid, user, may_write = api.bodies("complete")[0]["output"]["text"].split()
    assert int(uid) >= FIRST_UID
    assert (user, may_write) == ("agent", "False")
    assert api.bodies("artifacts")[0]["name"] == "changes.patch"
    assert list(cli.work_dir.iterdir()) == []
    assert not Path(f"/var/tmp/left-by-{pid}").exists()  # noqa: S108 - where all may write


@pytest.mark.req("T4")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_where_its_user_cannot_come_the_agent_does_not_begin_as_root(
    cli: CliRunner, api: FakeRunsApi, open_folder: Path
) -> None:
    closed = open_folder / "root"
    closed.mkdir(mode=0o700)
    cli.work_dir = closed / "runs"
    cli.claude("init(); answer(str(os.getuid()))")

    assert cli.start().exit_code() == RunExitCode.RECORDED

    [failure] = api.bodies("fail")
    assert failure["error_class"] == "launch"
    assert "/var/tmp" in failure["remedy"]  # noqa: S108 - a sentence names it, nothing is made there
