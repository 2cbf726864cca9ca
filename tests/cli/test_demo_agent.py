"""The demo's step with a real agent CLI: what it chooses, what it leaves out, what it mends."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook.domain.provider import AGENT_SECRETS
from aiwebhook_cli.demo import agent_cli
from aiwebhook_cli.screen import Screen
from aiwebhook_local.home import Project
from aiwebhook_local.ports import free_port, is_free

pytestmark = pytest.mark.req("O5", "T5")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A source tree in which no CLI is installed; no key and no wish in the environment."""
    for name in (*AGENT_SECRETS, "AIWEBHOOK_DEMO_LIVE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "runner").symlink_to(ROOT / "runner")
    return Project(root=tmp_path)


def have_installed(project: Project, command: str) -> None:
    project.agents.mkdir(parents=True)
    (project.agents / command).touch()


def test_without_a_wish_the_model_is_a_script_even_where_there_is_a_key(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "real")

    plan = agent_cli.plan(project, port=4711)

    assert (plan.live, plan.provider.agent) == (False, "codex")
    assert "real" not in plan.key
    assert plan.task_variables == {
        "AIWEBHOOK_ALLOW_LOCAL_REPOS": "true",
        "AIWEBHOOK_UPSTREAM_OPENAI": "http://127.0.0.1:4711",
    }
    assert "FAKE MODEL" in agent_cli.heading(plan)


def test_a_cli_that_is_there_is_taken_before_one_that_is_not(project: Project) -> None:
    have_installed(project, "gemini")

    assert agent_cli.plan(project, port=1).provider.agent == "gemini"


def test_a_wish_and_a_key_make_it_live_within_a_budget(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIWEBHOOK_DEMO_LIVE", "1")
    without_key = agent_cli.plan(project, port=1)
    monkeypatch.setenv("GEMINI_API_KEY", "real")

    plan = agent_cli.plan(project, port=1)

    assert without_key.live is False
    assert (plan.live, plan.provider.agent, plan.key) == (True, "gemini", "real")
    assert "AIWEBHOOK_UPSTREAM_GOOGLE" not in plan.task_variables
    assert "real" not in repr(plan)
    assert "$0.50" in agent_cli.heading(plan)


def test_without_npm_the_step_is_left_out_with_one_sentence(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    plan = agent_cli.plan(project, port=1)

    with pytest.raises(agent_cli.Skipped, match=r"npm is not on the PATH; install Node\.js"):
        agent_cli.install(project, plan, Screen(file=io.StringIO()))
    with pytest.raises(agent_cli.Skipped, match="git is not on the PATH"):
        agent_cli.make_repository(tmp_path)


def test_what_the_script_does_mends_the_repository(tmp_path: Path) -> None:
    repository = agent_cli.make_repository(tmp_path)
    outcomes: list[int] = []
    for step in agent_cli.SCRIPT[agent_cli.SCENARIO]:
        if "write" in step:
            name, text = step["write"]
            (repository / name).write_text(text)
        elif "unittest" in (command := str(step.get("shell", ""))):
            command = command.replace("python3", sys.executable)
            done = subprocess.run(
                ["sh", "-c", command], cwd=repository, capture_output=True, check=False
            )
            outcomes.append(done.returncode)

    assert outcomes == [1, 0], "the test fails before the change, and holds after it"
    assert "prices[1:]" not in (repository / "billing.py").read_text()


def test_the_scripted_provider_listens_where_the_plan_says_and_ends_with_the_block(
    project: Project, tmp_path: Path
) -> None:
    plan = agent_cli.plan(project, port=free_port())

    with agent_cli.scripted_provider(plan, tmp_path):
        assert not is_free(plan.port)

    assert is_free(plan.port)
