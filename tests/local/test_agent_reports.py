"""The local stack looks beforehand which agents can start here, by asking the runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiwebhook_local.agent_reports import post_agent_reports, probe_agents
from aiwebhook_local.ports import free_port

KEYS = {"ANTHROPIC_API_KEY": "secret", "OPENAI_API_KEY": ""}


@pytest.mark.req("T9", "O5")
def test_a_program_or_a_key_that_is_missing_is_found_before_the_first_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    for program in ("claude", "codex"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    found = probe_agents(tmp_path, KEYS)
    assert found["claude_code"] is None
    assert found["codex"] == {"error_class": "no_key", "message": "There is no key for OpenAI."}
    assert found["gemini"] == {
        "error_class": "not_installed",
        "message": "Gemini CLI is not installed here.",
    }
    assert found["researcher"] is None, "it works without a model"
    assert "local" not in found


@pytest.mark.req("T9")
def test_a_deployment_that_does_not_take_the_report_stops_nothing() -> None:
    assert not post_agent_reports(f"http://127.0.0.1:{free_port()}", "key", {"codex": None})
    assert not post_agent_reports("http://127.0.0.1:1", "key", {})
