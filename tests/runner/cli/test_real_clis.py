"""The real runner, the real command-line agents and the real LLM gateway, before a scripted
provider. The matrix of scenarios is tests/agents; here is what the supervisor adds."""

import json
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.process.process_table import descendants, process_table
from tests.adapters.binaries import binaries
from tests.adapters.scripted import Scripted, scripted_provider
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi, any_run_input
from tests.support.processes import has_ended

pytestmark = [pytest.mark.agents, pytest.mark.req("T4", "T5"), pytest.mark.timeout(180)]

KEYS = {
    "ANTHROPIC_API_KEY": "the-real-key-anthropic",
    "OPENAI_API_KEY": "the-real-key-openai",
    "GEMINI_API_KEY": "the-real-key-google",
}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Scripted]:
    with scripted_provider(tmp_path) as scripted:
        yield scripted


class Real(RunnerProcess):
    """Starts the runner for a real CLI; the gateway is its own child."""

    provider: Scripted

    def run(self, kind: str, scenario: str, **changes: Any) -> "Real":
        """Begin a task that plays the scenario."""
        # opencode takes 600 MB and more.
        compute = {"cpu": 1024, "memory_mib": 4096}
        agent: dict[str, Any] = {"name": "any_cli", "kind": kind, "description": "Any."}
        agent["compute"] = compute
        agent |= changes.pop("agent", None) or {}
        self.api.run_input = any_run_input(
            agent=agent, description=f"[[scenario:{scenario}]] Do it.", timeout_s=90, **changes
        )
        upstream = {
            f"AIWEBHOOK_UPSTREAM_{name}": self.provider.url
            for name in ("ANTHROPIC", "OPENAI", "GOOGLE")
        }
        self.start(
            PATH=binaries(),
            TMPDIR=str(self.scratch),
            AIWEBHOOK_KILL_GRACE_S="5",
            **KEYS,
            **upstream,
        )
        return self


@pytest.fixture
def real(api: FakeRunsApi, provider: Scripted, open_folder: Path) -> Iterator[Real]:
    runner = Real(api, open_folder)
    runner.provider = provider
    yield runner
    runner.close()


KINDS = ["claude_code", "codex", "gemini", "opencode"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tool_loop_ends_as_a_commit_and_a_patch_with_exact_usage(
    real: Real, api: FakeRunsApi, kind: str
) -> None:
    assert real.run(kind, "tool").exit_code() == RunExitCode.RECORDED
    assert not api.bodies("fail"), api.bodies("fail")
    [body] = api.bodies("complete")
    assert body["output"]["files_changed"] == [{"path": "hello.txt", "change": "created"}]
    assert body["output"]["agent"]["model"]
    # The wrapper of `make agents` hides Gemini's package.
    assert body["output"]["agent"]["version"] or kind == "gemini"
    assert api.bodies("artifacts")[0]["name"] == "changes.patch"
    answers = body["usage"]["requests"]
    assert body["usage"]["input_tokens"] == 1000 * answers
    assert body["usage"]["output_tokens"] == 50 * answers
    assert api.events("tool_call")
    told = json.dumps([call.body for call in api.calls]) + real.output
    for secret in KEYS.values():
        assert secret not in told


@pytest.mark.parametrize("kind", KINDS)
def test_a_follow_up_resumes_the_conversation(real: Real, api: FakeRunsApi, kind: str) -> None:
    real.run(kind, "tool")
    api.wait_for(lambda: bool(api.events("tool_call")), timeout=60)
    api.reply("[[scenario:edit2]] And a second edit.")
    assert real.exit_code() == RunExitCode.RECORDED
    assert not api.bodies("fail"), api.bodies("fail")
    [body] = api.bodies("complete")
    assert body["output"]["turns"] == 2
    assert body["messages_seen"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_cancel_leaves_no_process_and_keeps_the_usage(
    real: Real, api: FakeRunsApi, kind: str
) -> None:
    real.run(kind, "sleep")
    # Not for a tool_call: opencode tells of a tool only once it has ended.
    api.wait_for(lambda: any(u["output_tokens"] for u in api.events("usage")), timeout=60)
    pids = _below(real)
    real.cancel()
    assert real.exit_code() == RunExitCode.RECORDED
    [failure] = api.bodies("fail")
    assert failure["error_class"] == "cancelled"
    assert failure["usage"]["requests"] >= 1
    assert not [pid for pid in pids if not has_ended(pid)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_spends_too_much_ends_as_budget(real: Real, api: FakeRunsApi, kind: str) -> None:
    real.run(kind, "spend", agent={"max_cost_usd": 0.01})
    assert real.exit_code() == RunExitCode.RECORDED
    assert [failure["error_class"] for failure in api.bodies("fail")] == ["budget"]


@pytest.mark.parametrize("kind", ["codex", "opencode"])
def test_turns_are_counted_where_the_cli_does_not(real: Real, api: FakeRunsApi, kind: str) -> None:
    real.run(kind, "loop", agent={"max_turns": 3})
    assert real.exit_code() == RunExitCode.RECORDED
    [failure] = api.bodies("fail")
    assert failure["error_class"] == "max_turns"


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_never_answers_is_noticed(real: Real, api: FakeRunsApi, kind: str) -> None:
    real.run(kind, "hang", agent={"first_output_s": 12})
    assert real.exit_code() == RunExitCode.RECORDED
    assert api.bodies("fail")[0]["error_class"] == "network"


@pytest.mark.parametrize("kind", ["gemini"])
@pytest.mark.parametrize(
    ("scenario", "error_class"), [("maxtok", "truncated"), ("refusal", "refused")]
)
def test_a_false_success_is_corrected_by_the_gateway(
    real: Real, api: FakeRunsApi, kind: str, scenario: str, error_class: str
) -> None:
    assert real.run(kind, scenario).exit_code() == RunExitCode.RECORDED
    assert [failure["error_class"] for failure in api.bodies("fail")] == [error_class]


def test_a_killed_supervisor_takes_agent_and_gateway_with_it(real: Real, api: FakeRunsApi) -> None:
    real.run("claude_code", "sleep")
    api.wait_for(lambda: bool(api.events("tool_call")), timeout=60)
    waits = [os.pidfd_open(pid) for pid in _children(real)]
    real.signal(signal.SIGKILL)
    for descriptor in waits:
        with os.fdopen(descriptor) as file:
            _wait_until_gone(file.fileno())


def _wait_until_gone(descriptor: int) -> None:
    assert select.select([descriptor], [], [], 20)[0] == [descriptor]


def _children(runner: RunnerProcess) -> list[int]:
    assert runner.process is not None
    pid = runner.process.pid
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _below(runner: RunnerProcess) -> list[int]:
    assert runner.process is not None
    return [row.pid for row in descendants(runner.process.pid, process_table())]
