"""Agents that fail, lie, flood or fall silent, and what the run is reported as."""

import pytest

from aiwebhook_runner.exits import ExitCode
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi

pytestmark = pytest.mark.req("T4", "T6")


@pytest.mark.parametrize(
    ("source", "error_class", "message"),
    [
        ("pass", "no_result", "ended with exit code 0 without a result"),
        ("sys.exit(3)", "no_result", "ended with exit code 3 without a result"),
        ('say("result", output={}); sys.exit(3)', "bad_output", "ended with exit code 3"),
        ('print("<html>"); print("[1]")', "bad_output", "2 lines were not JSON objects"),
        ('say("result", output=[])', "bad_output", "result.output must be an object, got []"),
        ('say("memory", memory_type="dream", content="x")', "bad_output", "got 'dream'"),
        ("os.kill(os.getpid(), 9)", "killed", "for lack of memory"),
        ("os.kill(os.getpid(), 11)", "killed", "ended by signal 11"),
        (
            'say("error", error_class="rate_limit", message="Slow down.")',
            "rate_limit",
            "Slow down.",
        ),
        ('say("error", error_class="budget", message="Spent."); sys.exit(1)', "budget", "Spent."),
    ],
)
def test_an_end_without_success_is_classified(
    runner: RunnerProcess, api: FakeRunsApi, source: str, error_class: str, message: str
) -> None:
    runner.agent(source)
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert api.count("complete") == 0
    assert api.bodies("fail")[0]["error_class"] == error_class
    assert message in api.bodies("fail")[0]["message"]


def test_noise_between_messages_is_borne_and_a_last_line_needs_no_end(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        print("Loading model..."); print(); print('{"type": "from_the_future"}'); print('{"half')
        sys.stdout.buffer.write(b"\\xff\\xfe\\n")
        sys.stdout.write(json.dumps({"type": "result", "output": {"n": 1}})); sys.stdout.flush()
        """
    )
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert api.bodies("complete")[0]["output"] == {"n": 1}


def test_text_that_cannot_be_stored_is_mended_not_lost(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(r"""
        print(r'{"type": "result", "output": {"t": "a\u0000b\ud800c \ud83d\ude00"}}')
    """)
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert api.bodies("complete")[0]["output"] == {"t": "a\ufffdb\ufffdc \U0001f600"}


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("sys.stdout.write('x' * 9_000_000); sys.stdout.flush(); time.sleep(60)", "line longer"),
        ("\nwhile True: sys.stdout.write('x' * 1_000_000 + chr(10))", "printed more than"),
    ],
    ids=["one line", "in total"],
)
def test_an_agent_that_floods_us_is_killed(
    runner: RunnerProcess, api: FakeRunsApi, source: str, limit: str
) -> None:
    runner.agent(source)
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert api.bodies("fail")[0]["error_class"] == "bad_output"
    assert limit in api.bodies("fail")[0]["message"]


def test_only_the_tail_of_a_long_stderr_is_kept(runner: RunnerProcess, api: FakeRunsApi) -> None:
    runner.agent("sys.stderr.write('x' * 500_000 + 'the end'); sys.exit(1)")
    runner.start().exit_code()
    tail = api.bodies("fail")[0]["output"]["stderr_tail"]
    assert len(tail) == 64 * 1024
    assert tail.endswith("the end")


def test_an_agent_that_does_not_read_its_input_does_not_block_the_run(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent('say("result", output={})', input={"large": "x" * 2_000_000})
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert api.count("complete") == 1


def test_an_agent_of_a_worker_is_refused_with_the_way_to_run_it(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent("", agent={"kind": "worker", "command": []})
    assert runner.start().exit_code() == ExitCode.RECORDED
    failure = api.bodies("fail")[0]
    assert failure["error_class"] == "refused"
    assert "aiwebhook worker" in failure["remedy"]


@pytest.mark.req("S8")
def test_three_megabytes_of_escape_sequences_are_said_as_what_is_left_of_them(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(r"""
        flood = "\x1b]52;c;QUJD\x07\x1b[2J\x1b[31mred" * 150_000
        say("progress", message=flood)
        say("result", output={}, say=flood)
    """)
    assert runner.start().exit_code() == ExitCode.RECORDED
    said = api.bodies("complete")[0]["say"]
    assert said.startswith("redred")
    assert len(said) <= 2_000
    (message,) = {e["data"]["message"] for b in api.bodies("events") for e in b["events"]}
    assert message.startswith("redred")
    assert len(message) <= 4_000


@pytest.mark.req("S8")
def test_an_escape_sequence_within_a_secret_does_not_hide_it(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    """What takes the sequence out later would put the secret together again."""
    runner.agent(r"""
        key = "sk-ant-api03-" + "A1b2" * 20
        say("progress", message=key[:20] + "\x1b[0m" + key[20:])
        say("result", output={})
    """)
    assert runner.start().exit_code() == ExitCode.RECORDED
    assert "A1b2A1b2" not in str(api.bodies("events"))
