"""A worker that cannot start, and one whose configuration changes."""

import json
import signal

import pytest

from tests.worker.conftest import Workshop
from tests.worker.fake_deployment import FakeDeployment

pytestmark = pytest.mark.req("T8")


@pytest.mark.parametrize(
    ("arguments", "env", "sentence"),
    [
        (("--agents", "any_agent"), {"AIWEBHOOK_API_KEY": ""}, "No API key is named for"),
        (("--agents", "any_agent"), {"AIWEBHOOK_API_KEY": "wrong"}, "No such key."),
        (("--agents", "any_agent"), {"AIWEBHOOK_URL": "a.example"}, "is no HTTP address"),
        (("--agents", "nobody"), {}, "The deployment has no agent 'nobody'"),
        (("--agents", "claude_code"), {"PATH": "/nowhere"}, "npm install -g @anthropic-ai/claude"),
        (("--agents", "local", "--config", "/nowhere.toml"), {}, "/nowhere.toml is not a file."),
        (("--agents", "any_agent", "--concurrency", "x=1"), {}, "'x' is not one of --agents"),
    ],
)
def test_a_worker_that_cannot_start_says_why_in_one_sentence(
    workshop: Workshop, arguments: tuple[str, ...], env: dict[str, str], sentence: str
) -> None:
    worker = workshop.worker(*arguments, **env)
    assert worker.exit_code() in (1, 2)
    assert sentence in worker.errors
    assert "Traceback" not in worker.errors


@pytest.mark.parametrize(
    ("agent", "told", "key"),
    [
        ("claude_code", {"kind": "claude_code"}, "ANTHROPIC_API_KEY"),
        ("gemini", {}, "GEMINI_API_KEY"),
        ("mine", {"kind": "opencode", "model": "openai/gpt-5.5"}, "OPENAI_API_KEY"),
    ],
)
def test_a_worker_without_its_providers_key_takes_no_task_from_who_has_it(
    workshop: Workshop, agent: str, told: dict[str, str], key: str
) -> None:
    for name in ("claude", "gemini", "opencode"):
        program = workshop.folder / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    workshop.fake.change(listed=[{"agent_name": agent, **told}])
    others = dict.fromkeys({"ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"} - {key}, "x")
    path = str(workshop.folder)

    refused = workshop.worker("--agents", agent, PATH=path, **others)
    assert refused.exit_code() == 1
    assert json.loads(refused.errors) == {
        "code": "provider_key_missing",
        "detail": f"Agent {agent} needs {key}, which is not set here.",
        "remedy": f"Export {key}, or leave {agent} out of --agents.",
    }
    assert workshop.fake.claims == []

    workshop.worker("--agents", agent, PATH=path, **{key: "x"}).wait_for("waiting")
    beside = {"AIWEBHOOK_GATEWAY_URL": "http://127.0.0.1:9"}
    workshop.worker("--agents", agent, "--name", "b", PATH=path, **beside).wait_for("waiting")


def test_a_name_belongs_to_one_worker_at_a_time_however_it_ended(workshop: Workshop) -> None:
    first = workshop.worker("--agents", "any_agent", "--name", "mac")
    first.wait_for("waiting")

    second = workshop.worker("--agents", "any_agent", "--name", "mac")
    assert second.exit_code() == 1
    assert "A worker named mac already runs on this machine" in second.errors
    assert "--name" in second.errors
    assert "Traceback" not in second.errors

    workshop.worker("--agents", "any_agent", "--name", "mini").wait_for("waiting")
    first.signal(signal.SIGKILL)
    first.exit_code()
    workshop.worker("--agents", "any_agent", "--name", "mac").wait_for("waiting")


def test_the_same_name_at_another_deployment_is_another_worker(workshop: Workshop) -> None:
    workshop.worker().wait_for("waiting")
    with FakeDeployment() as other:
        workshop.worker(AIWEBHOOK_URL=other.url).wait_for("waiting")


def test_a_worker_needs_no_home(workshop: Workshop) -> None:
    (workshop.folder / "home").write_text("a file")
    workshop.worker(HOME=str(workshop.folder / "home")).wait_for("waiting")


def test_a_key_without_the_scope_is_reported_and_the_worker_ends(workshop: Workshop) -> None:
    workshop.fake.change(forbidden=True)
    worker = workshop.worker()
    assert worker.exit_code() == 1
    assert "lacks the scope worker" in worker.errors


def test_sighup_says_whether_the_configuration_can_be_read(workshop: Workshop) -> None:
    config = workshop.folder / "worker.toml"
    config.write_text("[local]\n")
    worker = workshop.worker("--agents", "local", "--config", str(config))
    worker.wait_for("waiting")
    worker.signal(signal.SIGHUP)
    worker.wait_for("config_read", rules=0)
    config.write_text("[locla]\n")
    worker.signal(signal.SIGHUP)
    assert "locla" in worker.wait_for("config_invalid")["text"]
