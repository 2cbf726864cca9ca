# reason: one scene per thing a supervised agent may do, with the calls it leads to
"""A run from start to its terminal write, seen from the Runs API."""

import hashlib
import sys

import pytest

from aiwebhook_runner.exits import RunExitCode
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import CODE, TOKEN, Answer, FakeRunsApi

pytestmark = pytest.mark.req("T4")


def test_a_result_is_completed_with_memories_usage_and_what_to_say(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        task = json.load(sys.stdin)
        say("memory", memory_type="decision", content="Use Postgres.", key="d1", tags=["db"])
        say("forget", key="old")
        say("usage", input_tokens=5)
        say("usage", output_tokens=7)
        say("result", output={"echo": task["input"], "of": task["task_id"]}, say="Done.")
        """
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("complete") == [
        {
            "output": {"echo": {"any": "input"}, "of": "task_any"},
            "exit_code": 0,
            "say": "Done.",
            "memories": [
                {
                    "type": "decision",
                    "content": "Use Postgres.",
                    "key": "d1",
                    "tags": ["db"],
                    "source": None,
                }
            ],
            "forget": ["old"],
            "usage": {
                "input_tokens": 5,
                "output_tokens": 7,
                "requests": 0,
                "cached_input_tokens": 0,
                "cache_write_tokens": 0,
                "unpriced_requests": 0,
                "cost_usd": None,
            },
        }
    ]


def test_the_agent_gets_every_page_of_what_it_needs(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    session = {"session_id": "any_session", "title": "Any"}
    api.context_pages = [
        {
            "session": session,
            "chunks": [{"chunk_id": "c1"}],
            "memories": [{"key": "m"}],
            "next": "1",
        },
        {"session": session, "chunks": [{"chunk_id": "c2"}], "memories": [], "next": None},
    ]
    runner.agent(
        'say("result", output=json.load(sys.stdin)["context"])',
        agent={"needs": ["conversation"]},
    )
    runner.start().exit_code()
    assert api.bodies("complete")[0]["output"] == {
        "session": session,
        "chunks": [{"chunk_id": "c1"}, {"chunk_id": "c2"}],
        "memories": [],
        "truncated": False,
    }


def test_an_agent_that_needs_nothing_costs_no_context_call(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent('say("result", output={})')
    runner.start().exit_code()
    assert api.count("context") == 0


def test_progress_and_log_lines_become_events_once_however_often_the_run_beats(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        say("progress", message="half way", percent=50)
        say("log", message="looking")
        while not (scratch / "go").exists(): time.sleep(0.02)
        say("result", output={})
        """,
        heartbeat_s=0.1,
    )
    runner.start()
    api.wait_for(lambda: bool(api.events("log")))
    beats = api.count("heartbeat")
    api.wait_for(lambda: api.count("heartbeat") > beats + 1)
    (runner.scratch / "go").touch()
    runner.exit_code()
    assert api.events("progress") == [{"message": "half way", "percent": 50}]
    assert api.events("log") == [{"message": "looking"}]
    # Told with a beat, it would stand in the log once more for every beat.
    assert not any("progress" in beat for beat in api.bodies("heartbeat"))


def test_many_events_travel_in_few_calls(runner: RunnerProcess, api: FakeRunsApi) -> None:
    runner.agent(
        """
        for i in range(200): say("log", message=str(i))
        say("result", output={})
        """
    )
    runner.start().exit_code()
    assert [event["message"] for event in api.events("log")] == [str(i) for i in range(200)]
    assert api.count("events") <= 8


def test_events_carry_their_number_so_that_a_call_without_an_answer_may_be_repeated(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        for i in range(120):
            say("log", message=str(i))
        say("result", output={})
        """
    )
    api.script["events"] = [Answer(drop=True), Answer(status=503)]
    assert runner.start().exit_code() == RunExitCode.RECORDED
    first, second, third = api.bodies("events")[:3]
    assert first == second == third
    kept: dict[int, str] = {}
    for body in api.bodies("events"):
        for number, event in enumerate(body["events"], start=body["first_no"]):
            assert kept.setdefault(number, event["data"]["message"]) == event["data"]["message"]
    assert kept == {i + 1: str(i) for i in range(120)}


def test_small_artifacts_go_inline_and_large_ones_by_upload(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        say("artifact", name="a.md", artifact_type="brief", format="markdown", content="# Hi")
        pathlib.Path("b.bin").write_bytes(bytes(range(256)))
        say("artifact", name="b.bin", artifact_type="data", format="binary", path="b.bin")
        pathlib.Path("c.txt").write_text("x" * 5_000_000)
        say("artifact", name="c.txt", artifact_type="data", format="text", path="c.txt")
        say("result", output={})
        """
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    binary = hashlib.sha256(bytes(range(256))).hexdigest()
    large = hashlib.sha256(b"x" * 5_000_000).hexdigest()
    data = {"type": "data"}
    assert api.bodies("artifacts") == [
        {"name": "a.md", "type": "brief", "format": "markdown", "content": "# Hi"}
        | {"content_type": "text/markdown"},
        {"name": "b.bin", "format": "binary", "content_sha256": binary, **data}
        | {"content_type": "application/octet-stream"},
        {"name": "c.txt", "format": "text", "content_sha256": large, **data}
        | {"content_type": "text/plain"},
    ]
    assert {name: len(data) for name, data in api.uploads.items()} == {
        binary: 256,
        large: 5_000_000,
    }
    puts = [call for call in api.calls if call.method == "PUT"]
    assert all("Authorization" not in call.headers for call in puts)


def test_an_artifact_outside_of_the_work_folder_is_left_out_and_noted(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        os.symlink("/etc/hostname", "innocent.txt")
        say("artifact", name="x", artifact_type="data", format="text", path="innocent.txt")
        say("result", output={})
        """
    )
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert (api.count("artifacts"), api.count("fail")) == (0, 0)
    [body] = api.bodies("complete")
    [note] = body["notes"]
    assert "innocent.txt is outside of the work folder" in note["message"]


def test_the_agent_sees_a_scrubbed_environment_with_its_declared_secrets_only(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        'say("result", output={"env": dict(os.environ), "cwd": os.listdir()})',
        agent={"secrets": ["ANY_KEY"]},
    )
    runner.start(ANY_KEY="secret-value", OTHER_KEY="hidden", AWS_ACCESS_KEY_ID="hidden").exit_code()
    output = api.bodies("complete")[0]["output"]
    assert set(output["env"]) - {"LC_CTYPE"} == {"PATH", "HOME", "TMPDIR", "LANG", "ANY_KEY"}
    assert output["env"]["HOME"].startswith(str(runner.work_dir))
    assert output["cwd"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc to read")
def test_the_agent_cannot_read_code_or_token_out_of_its_supervisor(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        def attempt(action):
            try: return action()
            except OSError as exc: return f"refused: {exc.strerror}"
        parent = f"/proc/{os.getppid()}"
        say("result", output={
            "environ": attempt(lambda: open(parent + "/environ", "rb").read().decode("latin-1")),
            "memory": attempt(lambda: str(open(parent + "/mem", "rb"))),
            "arguments": open(parent + "/cmdline").read(),
        })
        """
    )
    runner.start().exit_code()
    output = api.bodies("complete")[0]["output"]
    assert output["memory"].startswith("refused")
    assert output["environ"].startswith("refused")
    assert CODE not in str(output)
    assert TOKEN not in str(output)


def test_secrets_do_not_appear_in_events_or_in_the_stderr_tail(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        say("log", message="key is " + os.environ["ANY_KEY"])
        sys.exit("failed with " + os.environ["ANY_KEY"])
        """,
        agent={"secrets": ["ANY_KEY"]},
    )
    runner.start(ANY_KEY="secret-value").exit_code()
    assert api.events("log") == [{"message": "key is [redacted]"}]
    assert api.bodies("fail")[0]["output"]["stderr_tail"] == "failed with [redacted]\n"


def test_a_missing_secret_fails_with_its_name_and_a_remedy(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent("", agent={"secrets": ["ANY_KEY"]})
    assert runner.start().exit_code() == RunExitCode.RECORDED
    failure = api.bodies("fail")[0]
    assert failure["error_class"] == "no_secret"
    assert "ANY_KEY" in failure["message"]
    assert failure["remedy"]


def test_a_program_that_is_not_installed_is_named(runner: RunnerProcess, api: FakeRunsApi) -> None:
    runner.agent("", agent={"command": ["no-such-program"]})
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert "no-such-program is not installed" in api.bodies("fail")[0]["message"]


def test_the_workspace_is_gone_afterwards_even_when_it_was_made_read_only(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent(
        """
        os.makedirs("deep/er"); open("deep/er/file", "w").close()
        os.chmod("deep/er", 0o500); os.chmod("deep", 0o500)
        say("result", output={})
        """
    )
    runner.start().exit_code()
    assert list(runner.work_dir.iterdir()) == []


def test_the_log_is_json_with_the_correlation_id_and_holds_no_payload_or_secret(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent('say("log", message="payload-text"); say("result", output={"payload-text": 1})')
    runner.start().exit_code()
    assert {line["correlation_id"] for line in runner.log()} == {"req_any"}
    told = [line["message"] for line in runner.log()]
    assert [message for message in told if not message.startswith("agent_user_")] == [
        "run_started", "agent_started", "agent_ended", "outcome_recorded", "run_ended",
    ]  # fmt: skip
    for hidden in ("payload-text", CODE, TOKEN):
        assert hidden not in runner.output


def test_the_start_is_repeated_by_the_same_worker_until_it_is_answered(
    runner: RunnerProcess, api: FakeRunsApi
) -> None:
    runner.agent('say("result", output={})')
    api.script["start"] = [Answer(status=503), Answer(drop=True), Answer(status=502)]
    assert runner.start().exit_code() == RunExitCode.RECORDED
    assert api.count("start") == 4
    assert len({body["worker_id"] for body in api.bodies("start")}) == 1


def test_a_refused_start_writes_nothing(runner: RunnerProcess, api: FakeRunsApi) -> None:
    api.always["start"] = Answer(status=403, body={"code": "forbidden", "detail": "code was used"})
    assert runner.start().exit_code() == RunExitCode.REFUSED
    assert {call.action for call in api.calls} == {"start"}


def test_a_missing_variable_is_named(runner: RunnerProcess) -> None:
    process = runner.start(AIWEBHOOK_TASK_ID="", AIWEBHOOK_BOOTSTRAP_CODE="").process
    assert process is not None
    _, errors = process.communicate(timeout=30)
    assert process.returncode == RunExitCode.MISUSED
    names = "AIWEBHOOK_TASK_ID, AIWEBHOOK_BOOTSTRAP_CODE"
    assert errors == f"missing environment variables: {names}\n"
