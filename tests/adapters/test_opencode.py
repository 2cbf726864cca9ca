"""opencode: how it is started, what its output means, and that a repository cannot run code."""

import json
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.adapters import AgentCannotStart, ProcessEnd, adapter_for
from aiwebhook_runner.adapters.opencode import OpencodeAdapter, OpencodeReader
from aiwebhook_runner.output.messages import AgentError, AgentResult, SessionStarted
from aiwebhook_runner.process.agent_process import LaunchSpec
from tests.adapters import golden
from tests.adapters.any_launch import TOKEN, any_launch, path_with, spec_of_kind
from tests.adapters.binaries import binaries
from tests.adapters.hostile import plant
from tests.adapters.real_cli import empty_workspace, git, hear
from tests.adapters.scripted import scripted_provider
from tests.adapters.test_gemini import turn_of

KIND = "opencode"
HOSTILE = OpencodeAdapter.hostile_paths
pytestmark = pytest.mark.req("T5")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return path_with(KIND, tmp_path)


def spec_of(folder: Path, **launch: Any) -> LaunchSpec:
    return spec_of_kind(KIND, folder, **launch)


def config_of(spec: LaunchSpec) -> dict[str, Any]:
    return json.loads(spec.environment["OPENCODE_CONFIG_CONTENT"])


def test_the_only_provider_is_the_runs_own_door(tmp_path: Path, path: str) -> None:
    spec = spec_of(tmp_path, path=path, base_url="http://127.0.0.1:8788/anthropic")

    config = config_of(spec)
    options = {"baseURL": "http://127.0.0.1:8788/anthropic/v1", "apiKey": TOKEN}
    assert config["enabled_providers"] == ["anthropic"]
    assert config["provider"]["anthropic"]["options"] == options
    assert TOKEN not in " ".join(spec.argv)


def test_a_follow_up_resumes(tmp_path: Path, path: str) -> None:
    spec = spec_of(tmp_path, path=path, turn=turn_of("text", resume="ses_1"))

    assert spec.argv[-2:] == ("--session", "ses_1")


def test_it_has_nothing_to_fetch_from_npms_registry(tmp_path: Path, path: str) -> None:
    files = spec_of(tmp_path, path=path).files

    lock = json.loads(files[".config/opencode/package-lock.json"])
    assert "@opencode-ai/plugin" in lock["packages"][""]["dependencies"]
    assert ".config/opencode/node_modules/.keep" in files


def test_research_denies_all_but_reading_and_the_web(tmp_path: Path, path: str) -> None:
    permission = config_of(spec_of(tmp_path, path=path, tools="research"))["permission"]

    assert permission["*"] == "deny"
    assert not {"bash", "edit", "write", "task"} & set(permission)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_it_refuses_to_start_beside_what_it_would_execute(
    hostile: str, tmp_path: Path, path: str
) -> None:
    work = tmp_path / "run/work"
    work.mkdir(parents=True)
    (work / hostile).symlink_to("/nowhere")  # a link is enough

    with pytest.raises(AgentCannotStart, match="would obey or execute") as refused:
        spec_of(tmp_path, path=path)
    assert refused.value.error_class == "refused"
    assert hostile in str(refused.value)


CLASSES = {
    "e400": "model", "e401": "auth", "e403": "auth", "e404": "model", "e429": "rate_limit",
    "e500": "server", "context": "context", "maxtok": "truncated", "refusal": "refused",
    "drop": "network", "nobody": "network", "overloaded": "overloaded",
}  # fmt: skip


@pytest.mark.req("T6")
@pytest.mark.parametrize(("scenario", "error_class"), CLASSES.items())
def test_a_failure_has_its_class_and_one_sentence(scenario: str, error_class: str) -> None:
    last = golden.read(f"{KIND}/{scenario}")["messages"][-1]

    assert (last["kind"], last["error_class"]) == ("AgentError", error_class)
    assert last["message"].startswith("opencode: ")


@pytest.mark.parametrize("name", [name for name in golden.names() if name.startswith(KIND)])
def test_what_was_recorded_is_still_understood_the_same_way(name: str) -> None:
    record = golden.read(name)
    end = ProcessEnd(exit_code=record["exit_code"], stderr_tail=record["stderr_tail"])

    assert golden.messages_of(KIND, record["lines"], end) == record["messages"]


def test_a_tool_loop_is_told_step_by_step_and_usage_adds_up() -> None:
    messages = golden.read("opencode/tool")["messages"]

    told = [message["kind"] for message in messages if message["kind"] != "ReportedUsage"]
    assert told == [
        *("SessionStarted", "ToolCall", "ToolResult", "FileChanged", "ToolCall", "ToolResult"),
        *("AgentText", "AgentResult"),
    ]
    usages = [message["values"] for message in messages if message["kind"] == "ReportedUsage"]
    assert [usage["cli_output_tokens"] for usage in usages] == [50, 100, 150]


@pytest.mark.parametrize("reason", ["tool-calls", "unknown", ""])
def test_exit_code_0_without_a_last_step_that_stopped_is_no_success(reason: str) -> None:
    reader = OpencodeReader()
    list(reader.read(b'{"type":"text","part":{"text":"Hm"}}'))
    list(reader.read(json.dumps({"type": "step_finish", "part": {"reason": reason}}).encode()))

    [error] = [m for m in reader.finish(ProcessEnd(exit_code=0)) if isinstance(m, AgentError)]
    assert error.error_class == "no_result"


@pytest.mark.agents
def test_the_real_cli_runs_nothing_of_a_hostile_repository_without_these_paths(
    tmp_path: Path,
) -> None:
    """The runner takes `hostile_paths` away; all else that could be hostile stays."""
    for name in ("llm", "trap"):
        (tmp_path / name).mkdir()
    with scripted_provider(tmp_path / "llm") as llm, scripted_provider(tmp_path / "trap") as trap:
        empty_workspace(tmp_path / "run")
        launch = any_launch(
            KIND, tmp_path / "run", path=binaries(), base_url=llm.url, turn=turn_of("tool")
        )
        work = launch.workspace.work
        plant(work, trap=trap.url, tripwire=tmp_path / "tripped")
        for hostile in HOSTILE:
            if (work / hostile).exists():
                (work / hostile).rename(tmp_path / hostile)
        run = hear(adapter_for(launch.run.agent), launch)

        assert trap.asked() == []
    assert run.one(AgentResult)
    assert run.one(SessionStarted)
    assert list((tmp_path / "tripped").iterdir()) == []
    assert not (launch.workspace.home / ".config/opencode/node_modules/@opencode-ai").exists()
    assert git(launch.workspace, "log", "--format=%s", "-1") == "agent: add hello.txt"


@pytest.mark.agents
def test_the_real_cli_does_run_a_plugin_when_nobody_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why all this is needed. Should it fail after an update, the refusal may go."""
    with scripted_provider(tmp_path) as llm:
        empty_workspace(tmp_path / "run")
        launch = any_launch(
            KIND, tmp_path / "run", path=binaries(), base_url=llm.url, turn=turn_of("tool")
        )
        plant(launch.workspace.work, trap=llm.url, tripwire=tmp_path / "tripped")
        monkeypatch.setattr(OpencodeAdapter, "hostile_paths", ())
        hear(adapter_for(launch.run.agent), launch)

    assert [path.name for path in (tmp_path / "tripped").iterdir()] != []
