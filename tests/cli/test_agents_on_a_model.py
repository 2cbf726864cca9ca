# reason: one short test per line that a person reads about an agent on a model
"""Agents that talk to a model, seen from the command line."""

from __future__ import annotations

import io
import json
import os
import re
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.client import Client
from aiwebhook_cli.agent_trial import try_agent
from aiwebhook_cli.doctor_agents import examine_agents, pinned_version, version_in_stack
from aiwebhook_cli.live import line_of, shown_live, usage_text
from aiwebhook_cli.screen import Screen
from tests.cli.conftest import CommandLine
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
USAGE = {
    "provider": "anthropic",
    "requests": 3,
    "input_tokens": 3000,
    "cached_input_tokens": 600,
    "cache_write_tokens": 0,
    "output_tokens": 150,
    "cost_usd": 0.0123,
}
AGENT = {"kind": "claude_code", "version": "2.1.330", "model": "claude-sonnet-4-5"}


def any_event(kind: str, **data: Any) -> dict[str, Any]:
    """A line of a run, as /v1/sessions/{id}/events tells it."""
    return {
        "type": "task.progress",
        "time": "2026-11-22T10:00:00Z",
        "data": {"kind": kind, **data},
    }


@contextmanager
def agent_at_work(cli: CommandLine, work: Callable[[Any], None]) -> Any:
    """Carry out the next task of claude_code in a thread, as a runner would."""

    def carry_out() -> None:
        work(eventually(lambda: claimed(cli)))

    thread = threading.Thread(target=carry_out)
    thread.start()
    yield
    thread.join(20)
    assert not thread.is_alive()


def claimed(cli: CommandLine) -> Any:
    try:
        return cli.driver.claim(agent="claude_code")
    except AssertionError:
        return None


def succeed(run: Any) -> None:
    run.post(
        "events", {"events": [{"type": "tool_call", "data": {"name": "Bash", "summary": "ls"}}]}
    )
    run.post(
        "complete",
        {"output": {"text": "ready", "agent": AGENT}, "say": "Ready.", "usage": USAGE},
    )


def fail(run: Any) -> None:
    run.post("fail", {"error_class": "auth", "message": "There is no key for anthropic."})


@pytest.mark.req("T5", "T9")
def test_agents_are_listed_with_kind_model_load_and_key(cli: CommandLine) -> None:
    listed = cli("agent", "list")
    items = {item["agent_name"]: item for item in cli("agent", "list", "--json").json["items"]}

    assert "claude-sonnet-4-5" in listed.out
    assert "0/2" in listed.out
    assert items["claude_code"]["key"] == "unknown"
    assert items["conversation_processor"]["key"] == "not needed"


@pytest.mark.req("T5")
@pytest.mark.parametrize(
    ("keys", "claude", "researcher"),
    [
        (["ANTHROPIC_API_KEY"], "present", "present"),
        (["OPENAI_API_KEY"], "missing", "present"),
        ([], "missing", "missing"),
    ],
)
def test_of_a_local_stack_it_is_known_which_keys_are_there(
    cli: CommandLine, nowhere: Path, keys: list[str], claude: str, researcher: str
) -> None:
    home = nowhere / ".local"
    home.mkdir()
    (home / "stack.json").write_text(json.dumps({"url": cli.url, "agent_keys": keys}))

    items = {item["agent_name"]: item for item in cli("agent", "list", "--json").json["items"]}

    assert (items["claude_code"]["key"], items["researcher"]["key"]) == (claude, researcher)


@pytest.mark.req("T5")
def test_an_agent_is_shown_by_any_of_its_names(cli: CommandLine) -> None:
    shown = cli("agent", "show", "gemini_cli")
    researcher = cli("agent", "show", "researcher")
    unknown = cli("agent", "show", "nobody")

    assert shown.code == 0
    assert "gemini-2.5-pro" in shown.out
    assert "question" in researcher.out
    assert re.search(r"compute +1 CPU, 4,096 MiB of memory", shown.out), shown.out
    assert re.search(r"secrets +none", shown.out)
    assert (unknown.code, "researcher" in unknown.err) == (1, True)


@pytest.mark.req("T6")
def test_waiting_on_a_terminal_shows_what_happens(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = cli.driver.session()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    with agent_at_work(cli, succeed):
        ended = cli("task", "delegate", session_id, "claude_code", "Look into it", "--wait")
    assert ended.code == 0
    assert re.search(r"runs +ls", ended.out)
    assert "Ready." in ended.out


@pytest.mark.req("T5", "T11")
def test_testing_an_agent_tells_version_model_key_latency_and_cost(cli: CommandLine) -> None:
    with agent_at_work(cli, succeed):
        plain = cli("agent", "test", "claude_code")
    with agent_at_work(cli, succeed):
        told = cli("agent", "test", "claude_code", "--json")

    assert (plain.code, told.code) == (0, 0)
    for word in ("2.1.330", "claude-sonnet-4-5", "present", "ran", "$0.0123", "runs      ls"):
        assert word in plain.out, plain.out
    assert told.json["ok"] is True
    assert told.json["hops"].keys() >= {"queued", "ran"}
    assert told.json["usage"]["output_tokens"] == 150
    assert cli("session", "list").out == "No sessions.\n"


@pytest.mark.req("T5", "T11")
def test_a_test_that_fails_says_why_and_what_to_do(cli: CommandLine) -> None:
    with agent_at_work(cli, fail):
        failed = cli("agent", "test", "claude_code")
    with agent_at_work(cli, fail):
        told = cli("agent", "test", "claude_code", "--json")

    assert failed.code == 1
    assert "✗ claude_code does not work: There is no key for anthropic." in failed.out
    assert "  → " in failed.out
    assert (told.code, told.json["key"]) == (1, "missing")
    assert cli("session", "list").out == "No sessions.\n", "nothing is left behind"


@pytest.mark.req("T5", "S8")
def test_ctrl_c_on_a_test_leaves_nothing_behind(cli: CommandLine) -> None:
    def interrupt(_event: object) -> None:
        raise KeyboardInterrupt

    with Client(cli.url, api_key=cli.driver.key) as client:
        agent = next(a for a in client.agents() if a["agent_name"] == "researcher")
        with pytest.raises(KeyboardInterrupt):
            try_agent(client, {**agent, "key": "present"}, interrupt)

    assert cli("session", "list").out == "No sessions.\n"


@pytest.mark.req("T9")
def test_testing_the_agent_of_workers_tells_whether_one_is_connected(cli: CommandLine) -> None:
    tested = cli("agent", "test", "local")

    assert tested.code == 1
    assert "aiwebhook worker --agents local" in tested.out


@pytest.mark.req("T1")
def test_a_task_takes_a_repository_and_a_budget(cli: CommandLine) -> None:
    cli("session", "create", "plan")
    made = cli(
        *("task", "delegate", "plan", "claude_code", "Add a rate limiter", "--json"),
        *("--repo", "ana/billing", "--ref", "main", "--pr", "draft", "--max-cost-usd", "2.5"),
    )

    shown = cli("task", "show", made.json["task_id"], "--json").json

    assert shown["repository"] == {"repo": "ana/billing", "ref": "main", "pr": "draft"}
    assert shown["max_cost_usd"] == 2.5


@pytest.mark.req("N4")
def test_watching_tells_what_an_agent_reads_runs_and_uses(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    run = cli.driver.claim()
    events = [
        {"type": "tool_call", "data": {"name": "Read", "summary": "app.py"}},
        {"type": "tool_result", "data": {"ok": False, "summary": "no such file"}},
        {"type": "file_changed", "data": {"path": "app.py", "change": "created"}},
        {"type": "usage", "data": USAGE},
    ]
    run.post("events", {"events": events, "usage": USAGE})
    run.post("fail", {"error_class": "refused", "message": "No.", "usage": USAGE})

    watched = cli("task", "watch", task_id)

    for line in (
        "reads     app.py",
        "failed    no such file",
        "created   app.py",
        "usage     3,000 tokens in (600 cached), 150 out, $0.0123",
    ):
        assert line in watched.out, watched.out
    assert watched.code == 1


@pytest.mark.req("N4")
def test_an_agents_words_drive_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_live() as show:
        show(any_event("message", text="\x1b[2J[red]boo[/red]\nnext"))

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[red]boo[/red] next" in out


@pytest.mark.req("N4")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_terminal_the_kind_of_a_line_has_a_colour_and_its_text_has_none(
    monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    shown = io.StringIO()
    screen = Screen(file=shown, force_terminal=True)
    with shown_live(screen=screen) as show:
        show(any_event("tool_call", name="Bash", summary="ls"))
        show(any_event("tool_result", ok=False, summary="no"))
        show(any_event("file_changed", path="a.py", change="created"))

    out = shown.getvalue()
    for code, label, text in ((36, "runs", "ls"), (31, "failed", "no"), (32, "created", "a.py")):
        coloured = f"\x1b[{code}m{label:<9} \x1b[0m{text}"
        assert (f"10:00:00  {label:<9} {text}" if no_color else coloured) in out, out


@pytest.mark.req("N4")
def test_events_nobody_knows_are_still_told() -> None:
    assert line_of(any_event("dreams", message="of sheep")) == ("10:00:00", "dreams", "of sheep")
    assert line_of(any_event("usage", **USAGE)) is None
    path = "/any/aiwebhook-run-x1/work/app.py"
    edit = line_of(any_event("tool_call", name="edit", summary=path))
    assert edit == ("10:00:00", "edits", "app.py")
    assert usage_text({"input_tokens": 5}) == "5 tokens in, 0 out, price unknown"


@pytest.mark.req("O4")
def test_the_doctor_compares_installed_clis_with_the_tested_ones(tmp_path: Path) -> None:
    source = tmp_path / "source"
    bin_folder = source / ".build/agents/bin"
    bin_folder.mkdir(parents=True)
    for kind, executable, version in (("codex", "codex", "0.169.0"), ("gemini", "gemini", "0.1.0")):
        image = source / "runner/image" / kind
        image.mkdir(parents=True)
        package = (ROOT / "runner/image" / kind / "package.json").read_text("utf-8")
        (image / "package.json").write_text(package)
        program = bin_folder / executable
        program.write_text(f"#!/bin/sh\necho {executable}-cli {version}\n")
        program.chmod(0o755)

    checks = {
        check.name: check
        for check in examine_agents(source, {"PATH": "/nowhere"}, frozenset({"OPENAI_API_KEY"}))
    }

    assert version_in_stack(source, {}, "codex") == "0.169.0"
    assert version_in_stack(source, {}, "researcher") is None
    assert (checks["codex"].ok, checks["codex"].found) == (True, "0.169.0")
    assert checks["gemini"].ok is False
    assert "tested is 0.61.0" in checks["gemini"].found
    assert (checks["claude"].ok, checks["claude"].remedy) == (None, "make agents ARGS=claude_code")
    assert "ANTHROPIC_API_KEY" in checks["keys"].remedy
    assert checks["gateway"].ok is True


@pytest.mark.req("O4")
@pytest.mark.parametrize("kind", ["claude_code", "codex", "gemini", "opencode"])
def test_every_cli_has_a_pin(kind: str) -> None:
    pin = pinned_version(ROOT, kind)
    assert pin is not None
    assert len(pin.split(os.extsep)) == 3
