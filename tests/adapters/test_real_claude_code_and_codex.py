"""Both CLIs as they are, on loopback: their adapters start them, a scripted provider answers."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.agents import built_in_manifests
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import CliTurn, Launch, adapter_for
from aiwebhook_runner.output.cli_output import RunStory, SchemaBroken, run_output
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentResult,
    AgentText,
    FileChanged,
    ReportedUsage,
    SessionStarted,
    ToolCall,
    ToolResult,
)
from aiwebhook_runner.process.workspace import Workspace
from tests.adapters.any_launch import SESSION_ID, TOKEN, any_launch
from tests.adapters.binaries import binaries
from tests.adapters.hostile import plant
from tests.adapters.real_cli import Heard, empty_workspace, git, hear
from tests.adapters.scenarios import CLASSES, MANIFEST, SCHEMA, SCRIPTS, play
from tests.adapters.scripted import Scripted, scripted_provider

KINDS = ("claude_code", "codex")
both = pytest.mark.parametrize("kind", KINDS)
# Codex gives its newer models one tool, `exec`, in which they call the others by JavaScript.
each_way_of_calling = pytest.mark.parametrize(
    ("kind", "model"), [("claude_code", ""), ("codex", "gpt-5.5"), ("codex", "gpt-6.1-sol")]
)
pytestmark = [pytest.mark.agents, pytest.mark.req("T5")]
FINDINGS = {
    "question": "How old is the bridge?",
    "summary": "It was opened in 1932.",
    "findings": [{"text": "Opened on 19 March 1932.", "sources": [{"ref": "w1"}]}],
    "sources": [{"ref": "w1", "url": "https://example.com/bridge", "title": "The bridge"}],
}
MORE_SCRIPTS: Mapping[str, list[Mapping[str, Any]]] = {
    "environment": [{"shell": "env > ../environment.txt"}, {"say": "Looked."}],
    "researched": [{"call": ["StructuredOutput", FINDINGS]}, {"say": json.dumps(FINDINGS)}],
    "write": [
        {"write": ["hello.txt", "hello"]},
        {"shell": "touch hello.txt"},
        {"call": ["Bash", {"command": "touch hello.txt"}]},
        {"call": ["Write", {"file_path": "hello.txt", "content": "hello"}]},
        {"call": ["exec_command", {"cmd": "touch hello.txt"}]},
        {"say": "Tried."},
    ],
}


@pytest.fixture(scope="module")
def llm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """The provider of all tests here."""
    folder = tmp_path_factory.mktemp("scripted")
    with scripted_provider(folder, **SCRIPTS, **MORE_SCRIPTS) as provider:
        yield provider


def launched(kind: str, scenario: str, llm: Scripted, folder: Path, **manifest: Any) -> Launch:
    prompt = f"Do the task. [[scenario:{scenario}]]"
    empty_workspace(folder)
    return any_launch(
        kind,
        folder,
        path=binaries(),
        base_url=llm.url,
        turn=CliTurn(number=1, prompt=prompt, session_id=SESSION_ID),
        **manifest,
    )


def heard(launch: Launch) -> Heard:
    """This turn, carried out."""
    return hear(adapter_for(launch.run.agent), launch)


def next_turn(launch: Launch, before: Heard, scenario: str) -> Launch:
    """The same conversation, resumed."""
    session_id = before.one(SessionStarted).session_id
    prompt = f"Go on. [[scenario:{scenario}]]"
    return replace(
        launch, turn=CliTurn(number=2, prompt=prompt, session_id=SESSION_ID, resume=session_id)
    )


@each_way_of_calling
def test_edits_and_commits_and_tells_each_step(
    kind: str, model: str, llm: Scripted, tmp_path: Path
) -> None:
    run = heard(launched(kind, "tool", llm, tmp_path / "run", model=model))

    work = Workspace(root=tmp_path / "run")
    assert git(work, "log", "--format=%an: %s", "-1") == "AI Webhook agent: agent: add hello.txt"
    calls, results = run.all(ToolCall), run.all(ToolResult)
    assert [call.call_id for call in calls] == [result.call_id for result in results]
    assert all(result.ok for result in results)
    assert calls[0].summary.endswith("hello.txt")
    assert calls[1].summary.startswith("git add -A && git commit")
    change = run.one(FileChanged)
    assert (Path(change.path), change.change) == (work.work / "hello.txt", "created")
    assert run.one(AgentText).text == run.one(AgentResult).output["text"]
    assert run.one(AgentResult).say == "Done: wrote hello.txt and committed it."


@both
def test_resumes_and_tells_the_usage_of_the_whole_conversation(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    launch = launched(kind, "tool", llm, tmp_path / "run")
    first = heard(launch)
    second = heard(next_turn(launch, first, "edit2"))

    assert git(launch.workspace, "rev-list", "--count", "HEAD") == "3"
    assert second.one(SessionStarted).session_id == first.one(SessionStarted).session_id
    assert [usage_of(run)["cli_output_tokens"] for run in (first, second)] == [150, 250]


@both
def test_resumes_on_another_machine_from_its_state_paths_alone(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    launch = launched(kind, "tool", llm, tmp_path / "lost")
    first = heard(launch)
    elsewhere = launched(kind, "edit2", llm, tmp_path / "elsewhere" / "run")
    (elsewhere.workspace.work / "hello.txt").write_text("hello\n")
    for path in adapter_for(launch.run.agent).state_paths:
        shutil.copytree(launch.workspace.home / path, elsewhere.workspace.home / path)
    shutil.rmtree(tmp_path / "lost")
    second = heard(next_turn(elsewhere, first, "edit2"))

    assert second.one(AgentResult).output["text"] == "Done: added a second line and committed it."
    assert llm.asked()[-1]["tool_results"] == 1


@both
@pytest.mark.parametrize("scenario", CLASSES)
@pytest.mark.req("T6")
def test_a_failure_has_its_class_and_one_sentence(
    kind: str, scenario: str, llm: Scripted, tmp_path: Path
) -> None:
    run = play(kind, scenario, llm, tmp_path / "run", path=binaries())

    error = run.one(AgentError)
    assert error.error_class == CLASSES[scenario]
    assert error.retryable is (False if scenario in {"e400", "e404"} else None)
    assert not run.all(AgentResult)
    assert "127.0.0.1" not in error.message


@both
@pytest.mark.req("T6")
def test_a_server_error_is_worth_another_try(kind: str, llm: Scripted, tmp_path: Path) -> None:
    run = play(kind, "e500", llm, tmp_path / "run", path=binaries())

    # Codex calls every 5xx "high demand"; only the gateway knows better.
    assert run.one(AgentError).error_class in {ErrorClass.SERVER, ErrorClass.OVERLOADED}


@pytest.mark.req("T6")
def test_claude_code_ends_at_max_turns_itself(llm: Scripted, tmp_path: Path) -> None:
    run = play("claude_code", "loop", llm, tmp_path / "run", path=binaries())

    assert run.one(AgentError).error_class is ErrorClass.MAX_TURNS
    assert len(run.all(ToolCall)) == 3


@both
@pytest.mark.parametrize("scenario", ["sigint", "sigterm", "sigkill"])
@pytest.mark.req("T6")
def test_a_cli_that_is_ended_by_a_signal_has_no_result(
    kind: str, scenario: str, llm: Scripted, tmp_path: Path
) -> None:
    run = play(kind, scenario, llm, tmp_path / "run", path=binaries())

    assert not run.all(AgentResult)
    by_signal = run.end.exit_code < 0
    assert [error.error_class for error in run.all(AgentError)] != [] or by_signal


@both
def test_the_tools_of_the_manifests_mcp_server_can_be_called(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    run = play(kind, "mcp", llm, tmp_path / "run", path=binaries())

    assert run.one(ToolResult).summary == "echo: hello"
    assert "echo" in run.one(ToolCall).name


@both
def test_research_may_call_the_manifests_mcp_server(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    run = heard(launched(kind, "mcp", llm, tmp_path / "run", tools="research", **MANIFEST["mcp"]))

    assert run.one(ToolResult).ok


@both
def test_the_researcher_gives_findings_with_sources_and_can_be_asked_again(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    agent = built_in_manifests()["researcher"]
    researcher = agent.as_json()
    manifest = {name: researcher[name] for name in ("brief", "tools", "output_schema", "max_turns")}
    launch = launched(kind, "researched", llm, tmp_path / "run", **manifest)
    first = heard(launch)
    second = heard(next_turn(launch, first, "researched"))

    for run in (first, second):
        result = run.one(AgentResult)
        output, _ = run_output(result, RunStory(kind=kind), agent.output_schema)
        assert output.items() >= FINDINGS.items()
        assert result.say == FINDINGS["summary"]


@both
def test_a_schema_is_enforced_by_the_clis_own_option(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    run = play(kind, "structured", llm, tmp_path / "run", path=binaries())

    output, _ = run_output(run.one(AgentResult), RunStory(kind=kind), SCHEMA)
    assert output["city"] == "Bern"


@both
def test_a_schema_that_was_not_followed_is_no_object(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    run = heard(launched(kind, "text", llm, tmp_path / "run", output_schema=SCHEMA))

    with pytest.raises(SchemaBroken):
        run_output(run.one(AgentResult), RunStory(kind=kind), SCHEMA)


@each_way_of_calling
def test_research_offers_neither_shell_nor_writing_and_refuses_both(
    kind: str, model: str, llm: Scripted, tmp_path: Path
) -> None:
    launch = launched(kind, "write", llm, tmp_path / "run", tools="research", model=model)
    heard(launch)

    offered = set[str](llm.asked()[-1]["tools"])
    harmless = {"Glob", "Grep", "Read", "WebFetch", "WebSearch"} | {
        *("web_search", "request_user_input", "request_user_input_async", "exec", "wait", "sleep"),
        "apply_patch",  # which the read-only sandbox refuses
    }
    assert offered <= harmless
    assert git(launch.workspace, "status", "--short") == ""
    assert not (launch.workspace.work / "hello.txt").exists()


@both
def test_only_its_own_run_token_is_sent_and_the_shell_sees_no_more_than_that(
    kind: str, llm: Scripted, tmp_path: Path
) -> None:
    launch = launched(kind, "environment", llm, tmp_path / "run")
    heard(launch)

    seen = (launch.workspace.root / "environment.txt").read_text()
    assert f"HOME={launch.workspace.home}\n" in seen
    holders = [line.partition("=")[0] for line in seen.splitlines() if TOKEN in line]
    assert holders == {"claude_code": ["ANTHROPIC_API_KEY"], "codex": []}[kind]


@both
def test_a_hostile_repository_redirects_nothing_and_runs_nothing(kind: str, tmp_path: Path) -> None:
    for name in ("llm", "trap"):
        (tmp_path / name).mkdir()
    with scripted_provider(tmp_path / "llm") as llm, scripted_provider(tmp_path / "trap") as trap:
        launch = launched(kind, "tool", llm, tmp_path / "run")
        plant(launch.workspace.work, trap=trap.url, tripwire=tmp_path / "tripped")
        first = heard(launch)
        second = heard(next_turn(launch, first, "edit2"))
        asked = llm.asked()

        assert trap.asked() == []
    assert list((tmp_path / "tripped").iterdir()) == []
    assert first.all(AgentResult)
    assert second.all(AgentResult)
    assert len({tuple(entry["auth"]) for entry in asked}) == 1


def usage_of(run: Heard) -> dict[str, Any]:
    """The last values of each name."""
    values: dict[str, Any] = {}
    for usage in run.all(ReportedUsage):
        values |= usage.values
    return values
