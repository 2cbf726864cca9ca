"""Gemini CLI: how it is started, what its output means, and the real one against a fake model."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.adapters import AgentCannotStart, CliTurn, ProcessEnd, adapter_for
from aiwebhook_runner.adapters.gemini import NOT_FROM_A_FILE, GeminiReader
from aiwebhook_runner.output.messages import (
    AgentError,
    AgentResult,
    FileChanged,
    SessionStarted,
    ToolResult,
)
from aiwebhook_runner.process.agent_process import LaunchSpec
from tests.adapters import golden
from tests.adapters.any_launch import SESSION_ID, TOKEN, any_launch, path_with, spec_of_kind
from tests.adapters.binaries import binaries
from tests.adapters.hostile import plant
from tests.adapters.real_cli import empty_workspace, git, hear
from tests.adapters.scripted import scripted_provider

KIND = "gemini"
pytestmark = pytest.mark.req("T5")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return path_with(KIND, tmp_path)


def spec_of(folder: Path, **launch: Any) -> LaunchSpec:
    return spec_of_kind(KIND, folder, **launch)


def settings_of(spec: LaunchSpec) -> dict[str, Any]:
    return json.loads(spec.files[".gemini/settings.json"])


def test_the_prompt_comes_on_stdin_and_the_session_has_our_id(tmp_path: Path, path: str) -> None:
    spec = spec_of(tmp_path, path=path)

    assert spec.stdin == b"Do the task."
    assert spec.argv[-2:] == ("--session-id", SESSION_ID)
    assert TOKEN not in " ".join(spec.argv)
    assert spec.environment["GEMINI_API_KEY"] == TOKEN


def test_a_follow_up_resumes_and_is_never_a_command_of_the_cli(tmp_path: Path, path: str) -> None:
    turn = CliTurn(number=2, prompt="/quit", session_id=SESSION_ID, resume="abc")
    spec = spec_of(tmp_path, path=path, turn=turn)

    assert spec.argv[-2:] == ("--resume", "abc")
    assert spec.stdin == b"\n/quit"


def test_nothing_is_reported_updated_or_read_from_the_work_tree(tmp_path: Path, path: str) -> None:
    spec = spec_of(tmp_path, path=path, max_turns=7)

    settings = settings_of(spec)
    assert settings["privacy"] == {"usageStatisticsEnabled": False}
    assert settings["telemetry"] == {"enabled": False}
    assert settings["advanced"] == {"ignoreLocalEnv": True}
    assert settings["model"] == {"maxSessionTurns": 7}
    assert {spec.environment[name] for name in NOT_FROM_A_FILE} == {""}


def test_research_has_neither_a_shell_nor_anything_that_writes(tmp_path: Path, path: str) -> None:
    spec = spec_of(tmp_path, path=path, tools="research")

    core = settings_of(spec)["tools"]["core"]
    assert "run_shell_command" not in core
    assert not {"write_file", "replace"} & set(core)


def test_it_refuses_to_start_beside_settings_of_the_repository(tmp_path: Path, path: str) -> None:
    (tmp_path / "run/work/.gemini").mkdir(parents=True)

    with pytest.raises(AgentCannotStart, match=r"The repository has \.gemini") as refused:
        spec_of(tmp_path, path=path)
    assert refused.value.error_class == "refused"


def test_without_the_cli_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentCannotStart, match="not installed"):
        spec_of(tmp_path, path="/nowhere")


CLASSES = {
    "e400": "model", "e401": "auth", "e403": "auth", "e404": "model", "e429": "rate_limit",
    "e500": "server", "overloaded": "overloaded", "context": "context", "drop": "network",
    "nobody": "network", "loop": "max_turns", "sigint": "no_result", "sigterm": "no_result",
}  # fmt: skip


@pytest.mark.req("T6")
@pytest.mark.parametrize(("scenario", "error_class"), CLASSES.items())
def test_a_failure_has_its_class_and_one_sentence(scenario: str, error_class: str) -> None:
    last = golden.read(f"{KIND}/{scenario}")["messages"][-1]

    assert (last["kind"], last["error_class"]) == ("AgentError", error_class)
    assert last["message"].startswith("Gemini CLI: ")
    assert "API Error" not in last["message"]


@pytest.mark.parametrize("name", [name for name in golden.names() if name.startswith("gemini/")])
def test_what_was_recorded_is_still_understood_the_same_way(name: str) -> None:
    record = golden.read(name)
    end = ProcessEnd(exit_code=record["exit_code"], stderr_tail=record["stderr_tail"])

    assert golden.messages_of(KIND, record["lines"], end) == record["messages"]


def test_a_tool_loop_is_told_step_by_step() -> None:
    told = [message["kind"] for message in golden.read("gemini/tool")["messages"]]

    assert told == [
        *("SessionStarted", "ToolCall", "ToolResult", "FileChanged", "ToolCall", "ToolResult"),
        *("AgentText", "ReportedUsage", "AgentResult"),
    ]


@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        (b'{"type":"result","status":"success","stats":{}}', 0),  # no word was said
        (b'{"type":"message","role":"assistant","content":"Hm"}', 0),  # nor a result
        (b'{"type":"whatever"}', 0),
    ],
)
def test_exit_code_0_alone_is_no_success(line: bytes, exit_code: int) -> None:
    reader = GeminiReader()
    list(reader.read(line))

    [error] = [m for m in reader.finish(ProcessEnd(exit_code=exit_code)) if type(m) is AgentError]
    assert error.error_class == "no_result"


@pytest.mark.agents
def test_the_real_cli_edits_commits_and_resumes(tmp_path: Path) -> None:
    with scripted_provider(tmp_path) as llm:
        empty_workspace(tmp_path / "run")
        launch = any_launch(
            KIND, tmp_path / "run", path=binaries(), base_url=llm.url, turn=turn_of("tool")
        )
        first = hear(adapter_for(launch.run.agent), launch)
        again = turn_of("edit2", resume=first.one(SessionStarted).session_id)
        second = hear(
            adapter_for(launch.run.agent),
            any_launch(KIND, tmp_path / "run", path=binaries(), base_url=llm.url, turn=again),
        )

    assert [result.ok for result in first.all(ToolResult)] == [True, True]
    assert first.one(FileChanged).path.endswith("/hello.txt")
    assert second.one(AgentResult).say
    assert git(launch.workspace, "rev-list", "--count", "HEAD") == "3"


@pytest.mark.agents
def test_the_real_cli_resumes_on_another_machine_from_its_state_paths_alone(
    tmp_path: Path,
) -> None:
    with scripted_provider(tmp_path) as llm:
        for name in ("lost", "found"):
            empty_workspace(tmp_path / name / "run")
        launch = any_launch(
            KIND, tmp_path / "lost/run", path=binaries(), base_url=llm.url, turn=turn_of("tool")
        )
        adapter = adapter_for(launch.run.agent)
        session_id = hear(adapter, launch).one(SessionStarted).session_id
        found = any_launch(
            KIND,
            tmp_path / "found/run",
            path=binaries(),
            base_url=llm.url,
            turn=turn_of("edit2", resume=session_id),
        )
        (found.workspace.work / "hello.txt").write_text("hello\n")
        for state in adapter.state_paths:
            shutil.copytree(launch.workspace.home / state, found.workspace.home / state)
        shutil.rmtree(tmp_path / "lost")
        second = hear(adapter, found)

    assert second.one(SessionStarted).session_id == session_id
    assert second.one(AgentResult).say
    assert (found.workspace.work / "hello.txt").read_text() != "hello\n"


@pytest.mark.agents
def test_the_real_cli_obeys_nothing_of_a_hostile_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the runner left .gemini in its place."""
    for name in ("llm", "trap"):
        (tmp_path / name).mkdir()
    with scripted_provider(tmp_path / "llm") as llm, scripted_provider(tmp_path / "trap") as trap:
        empty_workspace(tmp_path / "run")
        launch = any_launch(
            KIND, tmp_path / "run", path=binaries(), base_url=llm.url, turn=turn_of("tool")
        )
        plant(launch.workspace.work, trap=trap.url, tripwire=tmp_path / "tripped")
        adapter = adapter_for(launch.run.agent)
        monkeypatch.setattr(type(adapter), "hostile_paths", ())
        run = hear(adapter, launch)

        assert trap.asked() == []
    assert run.one(AgentResult)
    assert list((tmp_path / "tripped").iterdir()) == []


def turn_of(scenario: str, *, resume: str | None = None) -> CliTurn:
    """Its prompt chooses the scenario."""
    prompt = f"Do the task. [[scenario:{scenario}]]"
    return CliTurn(number=2 if resume else 1, prompt=prompt, session_id=SESSION_ID, resume=resume)
