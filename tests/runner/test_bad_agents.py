"""Agents that fail, lie, flood or fall silent, and what the run is reported as."""

import json

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.lease.terminal_write import MAX_REPORT_BYTES, NOTES_BYTES
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import Answer, FakeRunsApi

pytestmark = pytest.mark.req("T4", "T6")


@pytest.mark.parametrize(
    ("source", "error_class", "message"),
    [
        ("pass", "no_result", "ended with exit code 0 without a result"),
        ("sys.exit(3)", "no_result", "ended with exit code 3 without a result"),
        ('say("result", output={}); sys.exit(3)', "bad_output", "ended with exit code 3"),
        ('print("<html>"); print("[1]")', "bad_output", "2 lines were not JSON objects"),
        ('say("memory", memory_type="dream", content="x")', "no_result", "without a result"),
        ('sys.stderr.buffer.write(b"a\\0b\\xff"); sys.exit(3)', "no_result", "exit code 3"),
        ('say("error", error_class="bad_luck", message="Why?")', "model", "Why?"),
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
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == 0
    assert api.bodies("fail")[0]["error_class"] == error_class
    assert message in api.bodies("fail")[0]["message"]


def test_noise_between_messages_is_tolerated_and_a_last_line_needs_no_newline(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        print("Loading model..."); print(); print('{"type": "from_the_future"}'); print('{"half')
        sys.stdout.buffer.write(b"\\xff\\xfe\\n")
        sys.stdout.write(json.dumps({"type": "result", "output": {"n": 1}})); sys.stdout.flush()
        """
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("complete")[0]["output"] == {"n": 1}


def test_text_that_cannot_be_stored_is_mended_not_lost(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(r"""
        print(r'{"type": "result", "output": {"t": "a\u0000b\ud800c \ud83d\ude00"}}')
    """)
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("complete")[0]["output"] == {"t": "a\ufffdb\ufffdc \U0001f600"}


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("\nwhile True: sys.stdout.write('x' * 1_000_000)", "printed more than"),
        ("\nwhile True: sys.stdout.write('x' * 1_000_000 + chr(10))", "printed more than"),
    ],
    ids=["one line", "in lines"],
)
def test_an_agent_that_floods_us_is_killed(
    runner: RunnerProcess, api: FakeRunsApi, source: str, limit: str
) -> None:
    runner.agent(source)
    assert runner.start().exit_code() == RunExitCode.RECORDED
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
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.count("complete") == 1


def test_an_agent_of_a_worker_is_refused_with_the_way_to_run_it(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent("", agent={"kind": "worker", "command": []})
    assert runner.start().exit_code() == RunExitCode.RECORDED
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
    assert runner.start().exit_code() == RunExitCode.RECORDED
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
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert "A1b2A1b2" not in str(api.bodies("events"))


@pytest.mark.parametrize(
    ("said", "kept", "pointer"),
    [
        (r'print(r"""{"type":"result","output":{"n":NaN}}""")', {"n": None}, "/output/n"),
        ('say("result", output=[1])', {"value": [1]}, "/output"),
        ('say("result", output={"a": 1}, say=["x"])', {"a": 1}, "/say"),
        ('say("artifact", name="a"); say("result", output={"a": 1})', {"a": 1}, ""),
        (
            'say("artifact", name="a", path="p" * 5000); say("result", output={})',
            {},
            "/artifacts/0",
        ),
        ('say("memory", memory_type="fact"); say("result", output={})', {}, "/memories/0/content"),
        ('print("x" * 21_000_000); say("result", output={"a": 1})', {"a": 1}, ""),
        (
            r'sys.stdout.buffer.write(b"{\"type\":\"result\",\"output\":{\"a\":\"\xff\0\"}}\n")',
            {"a": "\ufffd\ufffd"},
            "/output/a",
        ),
        (
            r'print("{\"type\":\"result\",\"output\":" + "[" * 70 + "]" * 70 + "}")',
            None,
            "",
        ),
    ],
)
def test_a_result_survives_what_is_wrong_beside_or_within_it(
    runner: RunnerProcess, api: FakeRunsApi, said: str, kept: object, pointer: str
) -> None:
    runner.agent(said)
    assert runner.start().exit_code() == RunExitCode.RECORDED
    (report,) = api.bodies("complete")
    assert kept is None or report["output"] == kept
    assert pointer in {note["pointer"] for note in report["notes"]}


@pytest.mark.parametrize(("more", "cut"), [(0, False), (1, True)])
def test_a_result_larger_than_one_report_is_cut_and_kept_whole_beside_it(
    runner: RunnerProcess, api: FakeRunsApi, more: int, cut: bool
) -> None:
    others = len('{"output":{"text":""},"exit_code":0}')
    size = MAX_REPORT_BYTES - NOTES_BYTES - others + more
    runner.agent(f'say("result", output={{"text": "x" * {size}}})')
    assert runner.start().exit_code() == RunExitCode.RECORDED
    (report,) = api.bodies("complete")
    assert len(json.dumps(report)) <= MAX_REPORT_BYTES
    assert (len(report["output"]["text"]) < size) is cut
    assert ("notes" in report) is cut
    if cut:
        assert [body["name"] for body in api.bodies("artifacts")] == ["output.json"]
        (whole,) = api.uploads.values() or [api.bodies("artifacts")[0]["content"].encode()]
        assert json.loads(whole) == {"text": "x" * size}


def test_an_artifact_that_the_server_refuses_costs_no_result(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.always["artifacts"] = Answer(status=422, body={"detail": "no such thing"})
    runner.agent(
        'say("artifact", name="a", artifact_type="t", content="c"); say("result", output={"a": 1})'
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("complete")[0]["output"] == {"a": 1}
    assert "no such thing" in api.bodies("complete")[0]["notes"][0]["message"]


def test_a_failure_that_an_older_server_refuses_is_sent_without_its_output(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    api.script["fail"] = [Answer(status=422, body={"detail": "/output holds U+0000"})]
    runner.agent("sys.stderr.write('boom'); sys.exit(3)")
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("fail")[1]["error_class"] == "no_result"
    assert "output" not in api.bodies("fail")[1]
