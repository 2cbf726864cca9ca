"""Runs of a command-line agent: turns, follow-ups, events, output, work."""

import json
from pathlib import Path

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.output.say_answer import LONGEST_CHARS
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import Answer, FakeRunsApi
from tests.support.git_server import running_git_host

pytestmark = pytest.mark.req("T4", "T5")


def test_an_answer_becomes_output_a_sentence_to_say_and_the_gateways_usage(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        init(); use(requests=1, input_tokens=1000, output_tokens=50, last_stop="end")
        answer("**Done.** See [the docs](https://example.com/a/b).")
        """
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    [body] = api.bodies("complete")
    assert body["say"] == "Done. See the docs."
    assert body["messages_seen"] == 0
    assert body["usage"]["input_tokens"] == 1000
    output = body["output"]
    assert output["text"].startswith("**Done.**")
    assert output["agent"]["kind"] == "claude_code"
    assert output["agent"]["version"] == "9.9.9"
    assert output["agent"]["model"] == "model-x"
    assert output["turns"] == 1
    assert output["workspace"]["files"] == 0
    assert cli.gateway.closed


@pytest.mark.parametrize(
    ("pr", "sentence"),
    [
        ("none", ""),
        ("branch", "I pushed branch aiwebhook/task_any."),
        ("draft", "Draft pull request 1 is open."),
        ("ready", "Pull request 1 is open."),
    ],
)
def test_what_was_published_is_said_after_the_agents_words_however_long_they_are(
    cli: CliRunner, api: FakeRunsApi, tmp_path: Path, pr: str, sentence: str
) -> None:
    asked = {"repo": "octo/app", "pr": pr}
    cli.claude(
        """
        init(); open("new.txt", "w").write("1"); answer("A sentence of six words here. " * 12)
        """,
        repository=asked,
    )
    with running_git_host(tmp_path / "host", token="any-token") as host:
        host.create("octo/app", {"README": "hello"})
        cli.start(
            GITHUB_TOKEN="any-token",
            AIWEBHOOK_GITHUB_API_URL=host.api_url,
            AIWEBHOOK_ALLOW_LOCAL_REPOS="1",
        ).exit_code()
    [body] = api.bodies("complete")
    assert body["say"].endswith(f"words here. {sentence}".rstrip())
    assert body["say"].startswith("A sentence of six words here. ")
    assert body["say"].count("A sentence") == (1 if sentence else 2)  # two sentences in all
    assert len(body["say"]) <= LONGEST_CHARS


def test_a_door_that_opened_unheard_is_asked_again_and_the_run_goes_on(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    """A gateway that gets no processor for some seconds opens, but nobody waits any more."""
    cli.gateway.lost.append("/control/open")
    cli.claude('init(); answer("Done.")')
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert [body["say"] for body in api.bodies("complete")] == ["Done."]


def test_the_agent_gets_a_token_of_its_own_and_never_the_key(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude("""
        init(); (scratch / "env").write_text(json.dumps(dict(os.environ))); answer("Done.")
    """)
    cli.start(ANTHROPIC_API_KEY="the-providers-own-key", GITHUB_TOKEN="a-token-of-ours").exit_code()
    seen = json.loads((cli.scratch / "env").read_text())
    [opened] = cli.gateway.opened
    assert seen["ANTHROPIC_API_KEY"] == opened["run_token"]
    assert seen["ANTHROPIC_BASE_URL"] == f"{cli.gateway.url}/anthropic"
    text = json.dumps(seen)
    for secret in ("the-providers-own-key", "a-token-of-ours", opened["control_token"]):
        assert secret not in text


def test_what_the_agent_does_becomes_events_without_secrets(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        init(); say("My token is " + os.environ["ANTHROPIC_API_KEY"])
        call(command="ls"); came("a.txt")
        call("Write", id="c2", file_path="a.txt", content="x"); came("written", id="c2")
        use(requests=1, input_tokens=7)
        answer("Done.")
        """
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert api.events("message") == [{"text": "My token is [redacted]"}]
    assert [event["summary"] for event in api.events("tool_call")] == ["ls", "a.txt"]
    assert [event["ok"] for event in api.events("tool_result")] == [True, True]
    assert api.events("file_changed") == [{"path": "a.txt", "change": "modified"}]
    assert api.events("result")[0]["text"] == "Done."
    assert api.events("usage")[-1]["input_tokens"] == 7
    assert api.bodies("events")[-1]["usage"]["input_tokens"] == 7
    assert cli.gateway.opened[0]["run_token"] not in json.dumps([c.body for c in api.calls])


def test_files_left_behind_become_a_patch_and_are_listed(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude("""
        init(); pathlib.Path("new.txt").write_text("one\\ntwo\\n"); answer("Wrote it.")
    """)
    cli.start().exit_code()
    [patch] = api.bodies("artifacts")
    assert (patch["name"], patch["type"], patch["format"]) == ("changes.patch", "patch", "diff")
    assert "+one\n+two\n" in patch["content"]
    output = api.bodies("complete")[0]["output"]
    assert output["files_changed"] == [{"path": "new.txt", "change": "created"}]
    assert output["workspace"]["insertions"] == 2


def test_a_failure_keeps_usage_and_the_work_that_was_done(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(
        """
        init(); use(requests=1, input_tokens=9, cost_usd=0.5)
        pathlib.Path("half.txt").write_text("half\\n")
        answer("No.", is_error=True, api_error_status=429); sys.exit(1)
        """
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    failure = cli.told()
    assert failure["error_class"] == "rate_limit"
    assert failure["usage"]["cost_usd"] == 0.5
    assert failure["output"]["workspace"]["patch_artifact"] == "changes.patch"
    assert "half" in api.bodies("artifacts")[0]["content"]


FOLLOW_UPS = 'init(); answer(f"Answer {turn}.")'


def test_follow_ups_already_there_stand_in_the_first_prompt(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    api.reply("Use tabs.")
    cli.claude(FOLLOW_UPS, description="Write it.")
    cli.start().exit_code()
    [prompt] = cli.prompts()
    assert "Write it." in prompt
    assert "Use tabs." in prompt
    assert api.bodies("complete")[0]["messages_seen"] == 1


def test_a_follow_up_that_comes_while_the_agent_works_is_the_next_turn(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        init()
        if turn == 1:
            (scratch / "working").touch(); say("Looking.")
            while not (scratch / "go").exists(): time.sleep(0.01)
        answer(f"Answer {turn}, resumed: {bool(resumed)}.")
        """
    )
    cli.start()
    api.wait_for(lambda: bool(api.events("message")))
    api.reply("And the tests?")
    (cli.scratch / "go").touch()
    assert cli.exit_code() == RunExitCode.RECORDED
    assert "And the tests?" in cli.prompts()[1]
    [body] = api.bodies("complete")
    assert body["output"]["text"] == "Answer 2, resumed: True."
    assert body["output"]["turns"] == 2
    assert body["messages_seen"] == 1


def test_a_follow_up_that_comes_with_the_terminal_write_is_still_answered(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    """The first look for messages is told of none; then one is there, and complete is refused."""
    cli.claude(FOLLOW_UPS)
    api.script["messages"] = [Answer(status=200, body={"messages": []})] * 2
    api.reply("One more thing.")
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert [body["messages_seen"] for body in api.bodies("complete")] == [0, 1]
    assert api.bodies("complete")[1]["output"]["text"] == "Answer 2."
    assert len(api.events("result")) == 2


def test_an_api_that_refuses_for_a_message_it_does_not_show_is_asked_once(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(FOLLOW_UPS)
    api.always["messages"] = Answer(status=200, body={"messages": []})
    api.reply("Never shown.")
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert len(cli.prompts()) == 1
    assert "messages_seen" not in api.bodies("complete")[1]


def test_messages_a_failed_run_has_not_read_are_reported(cli: CliRunner, api: FakeRunsApi) -> None:
    cli.claude(
        """
        init(); (scratch / "working").touch(); say("Looking.")
        while not (scratch / "go").exists(): time.sleep(0.01)
        answer("No.", is_error=True, api_error_status=401); sys.exit(1)
        """
    )
    api.reply("Read before it began.")
    cli.start()
    api.wait_for(lambda: bool(api.events("message")))
    api.reply("Too late.")
    (cli.scratch / "go").touch()
    assert cli.exit_code() == RunExitCode.RECORDED
    failure = cli.told()
    assert failure["output"]["unread_messages"] == 1
    assert failure["message"].endswith("A message to it was not read.")


SCHEMA = {
    "type": "object",
    "required": ["findings"],
    "properties": {"findings": {"type": "array"}},
}


def test_the_json_that_the_manifest_asks_for_is_found_in_the_answer(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(
        """
        init(); answer('Here:\\n```json\\n{"findings": ["a"], "say": "One finding."}\\n```')
        """,
        agent={"output_schema": SCHEMA},
    )
    cli.start().exit_code()
    [body] = api.bodies("complete")
    assert body["output"]["findings"] == ["a"]
    assert body["output"]["agent"]["kind"] == "claude_code"
    assert body["say"] == "One finding."


@pytest.mark.parametrize(
    ("answer", "why"), [("None.", "holds no JSON"), ('{"findings": 1}', "at findings")]
)
def test_an_answer_against_the_schema_is_bad_output(
    cli: CliRunner, api: FakeRunsApi, answer: str, why: str
) -> None:
    cli.claude(f"init(); answer({answer!r})", agent={"output_schema": SCHEMA})
    cli.start().exit_code()
    assert cli.told()["error_class"] == "bad_output"
    assert why in cli.told()["message"]
