"""The command line: what it prints, how it exits, that it never shows a trace."""

# reason: one scene after another with the same fake server; each is a few lines

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aiwebhook_cli.command_tree import command_tree
from aiwebhook_cli.main import hoist_globals, run_command_line
from tests.cli.conftest import CommandLine
from tests.support.oauth import Connecting
from tests.support.session_api import BRIEF


@pytest.mark.req("S8")
def test_a_session_lives_from_creation_to_deletion(cli: CommandLine) -> None:
    created = cli("session", "create", "plan", "--title", "Carbon", "-p", "ana", "-p", "bo")
    cli.driver.post("/v1/sessions/plan/memories", {"type": "idea", "content": "Trees", "key": "t"})
    listed = cli("session", "list", "--search", "carbon")
    summary = cli("session", "summary", "plan", "--json")
    shown = cli("session", "show", "plan")
    changes = [cli("session", action, "plan").code for action in ("pause", "resume", "complete")]
    refused = cli("session", "delete", "plan")
    deleted = cli("session", "delete", "plan", "--yes")

    assert (created.code, created.out) == (0, "✓ Session plan is open.\n")
    assert "plan" in listed.out
    assert "Carbon" in listed.out
    assert summary.json["participants"] == ["ana", "bo"]
    assert "Trees" in shown.out
    assert changes == [0, 0, 0]
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert deleted.code == 0
    assert cli("session", "list").out == "No sessions.\n"


@pytest.mark.req("T1")
def test_a_task_is_delegated_shown_cancelled_and_tried_again(cli: CommandLine) -> None:
    cli("session", "create", "plan")
    made = cli(
        *("task", "delegate", "plan", "researcher", "Look into it", "--input", '{"n": 1}'),
        *("--priority", "3", "--json"),
    )
    task_id = made.json["task_id"]

    shown = cli("task", "show", task_id, "--json")
    listed = cli("task", "list", "--session", "plan", "--status", "pending")
    replied = cli("task", "reply", task_id, "Hurry up")
    cancelled = cli("task", "cancel", task_id)
    ended = cli("task", "show", task_id)
    again = cli("task", "retry", task_id)

    assert shown.json["input"] == {"n": 1}
    assert task_id in listed.out
    assert [o.code for o in (shown, listed, replied, cancelled, again)] == [0] * 5
    assert "is cancelled" in cancelled.out
    assert ended.code == 1


@pytest.mark.req("N4")
def test_watching_a_task_tells_its_events_until_it_ends(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    run_ = cli.driver.claim()
    run_.post("events", {"events": [{"type": "progress", "data": {"message": "half way"}}]})
    run_.post("complete", {"output": BRIEF, "say": "All done."})

    watched = cli("task", "watch", task_id)
    lines = cli("task", "watch", task_id, "--json")

    assert watched.code == 0
    assert "half way" in watched.out
    assert "All done." in watched.out
    types = [json.loads(line)["type"] for line in lines.out.splitlines()]
    assert types[0] == "task.created"
    assert types[-1] == "task.completed"


@pytest.mark.req("T1")
def test_delegating_may_wait_for_the_result(cli: CommandLine) -> None:
    cli("session", "create", "plan")
    cli.driver.task("plan", task_id="first")
    cli.driver.claim().post("fail", {"error_class": "refused", "message": "No."})

    shown = cli("task", "show", "first", "--wait", "20", "--json")

    assert (shown.code, shown.json["status"]) == (1, "failed")


@pytest.mark.req("T9")
def test_agents_are_listed_with_their_load(cli: CommandLine) -> None:
    listed = cli("agent", "list")

    assert listed.code == 0
    assert "researcher" in listed.out
    assert "available" in listed.out


@pytest.mark.req("O7")
def test_a_key_is_made_listed_and_revoked(cli: CommandLine) -> None:
    made = cli("keys", "create", "phone", "--scope", "read", "--expires-in-days", "7", "--json")
    key = made.json["key"]

    used = cli("session", "list", "--key", key)
    listed = cli("keys", "list")
    revoked = cli("keys", "revoke", made.json["key_id"])
    refused = cli("session", "list", f"--key={key}")

    assert used.code == 0
    assert made.json["prefix"] in listed.out
    assert key not in listed.out
    assert revoked.code == 0
    assert (refused.code, "revoked" in refused.err) == (1, True)


@pytest.mark.req("S8")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("session", "show", "nothing"), 1, "No session 'nothing'"),
        (("session", "show", "a b"), 1, "No such session"),
        (("task", "show", "📞"), 1, "No such task"),
        (("task", "cancel", "task_none"), 1, "No task 'task_none'"),
        (("session", "list", "--key", "aiw_wrong"), 1, "not known"),
        (("session", "list", "--url", "http://127.0.0.1:1", "--key", "k"), 1, "No answer from"),
        (("session", "list", "--url", "nonsense", "--key", "k"), 1, "is no HTTP address"),
        (("session", "list", "--limit", "100000"), 2, "--limit"),
        (("session", "list", "--limit", "many"), 2, "not a valid int"),
        (("session", "create", "s", "--metadata", "{"), 2, "is not JSON"),
        (("session", "create", "s", "--metadata", "@none.json"), 2, "cannot read"),
        (("session", "frobnicate"), 2, "frobnicate"),
        (("session", "show"), 2, "SESSION_ID"),
        (("--frobnicate",), 2, "frobnicate"),
    ],
)
def test_an_error_is_a_sentence_and_an_exit_code(
    cli: CommandLine, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    outcome = cli(*arguments)

    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    if code == 1:
        assert outcome.err.splitlines()[-1].startswith("  → ")


@pytest.mark.req("S8")
def test_a_task_that_lacks_something_says_what(cli: CommandLine) -> None:
    cli("session", "create", "plan")
    nothing = cli("task", "delegate", "plan", "researcher")
    half = cli("task", "delegate", "plan", "local", "Tidy up.").err.splitlines()

    assert "Error: This command needs a description or --input." in nothing.err
    assert "--input: action_type is required." in half[0]
    assert half[1].strip() == "--input: params is required"


@pytest.mark.req("S8")
def test_errors_are_json_where_json_was_asked_for(cli: CommandLine) -> None:
    outcome = cli("session", "show", "nothing", "--json")

    problem = json.loads(outcome.err)
    assert (outcome.code, problem["code"]) == (1, "session_not_found")
    assert set(problem) == {"code", "detail", "remedy"}


@pytest.mark.req("S8")
def test_without_a_target_the_next_step_is_shown(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_command_line(["session", "list"])

    err = capsys.readouterr().err
    assert code == 1
    assert "aiwebhook local up" in err


@pytest.mark.req("S8")
def test_the_local_stack_is_found_by_its_files(
    cli: CommandLine, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIWEBHOOK_URL")
    monkeypatch.delenv("AIWEBHOOK_API_KEY")
    home = nowhere / ".local"
    home.mkdir()
    (home / "stack.json").write_text(json.dumps({"url": cli.url}))
    (home / "api_key").write_text(cli.driver.key + "\n")

    assert cli("session", "list").code == 0
    (home / "stack.json").write_text("no json")
    assert cli("session", "list").code == 1


@pytest.mark.req("S8")
def test_text_of_others_drives_no_terminal(cli: CommandLine) -> None:
    cli.driver.post("/v1/sessions", {"session_id": "s", "title": "\x1b[2J[red]boo[/red]"})

    listed = cli("session", "list")

    assert "\x1b" not in listed.out
    assert "[red]boo[/red]" in listed.out


@pytest.mark.req("O4")
def test_doctor_finds_nothing_wrong_with_a_healthy_deployment(cli: CommandLine) -> None:
    outcome = cli("doctor", "--json")
    plain = cli("doctor")

    assert outcome.code == 0, outcome.out
    assert outcome.json["ok"] is True
    names = [check["name"] for check in outcome.json["checks"]]
    assert names == ["python", "target", "api", "database", "clock", "key", "agents", "queues"]
    assert len(plain.out.splitlines()) == len(names)
    assert "✗" not in plain.out


@pytest.mark.req("O4")
def test_doctor_names_what_is_wrong_and_what_to_do(cli: CommandLine) -> None:
    unreachable = cli("doctor", "--url", "http://127.0.0.1:1")
    wrong_key = cli("doctor", "--key", "aiw_wrong", "--json")
    cli.driver.task()
    stuck = cli("doctor", "--json")

    assert unreachable.code == wrong_key.code == stuck.code == 1
    assert "✗ api" in unreachable.out
    assert "→" in unreachable.out
    failed = [check for check in wrong_key.json["checks"] if check["ok"] is False]
    assert [check["name"] for check in failed] == ["key"]
    waiting = [check for check in stuck.json["checks"] if check["ok"] is False]
    assert [check["name"] for check in waiting] == ["queues"]
    assert "researcher" in waiting[0]["found"]


@pytest.mark.req("T9")
def test_an_agent_that_cannot_work_says_why_in_list_show_and_doctor(cli: CommandLine) -> None:
    cli.driver.task()
    missing = {
        "error_class": "not_installed",
        "message": "The agent's program is not installed here.",
    }
    cli.driver.claim().post("fail", missing)
    reason = "The researcher's program is not installed here."

    listed = cli("agent", "list")
    assert "error" in listed.out
    assert reason[:12] in listed.out
    assert reason in " ".join(cli("agent", "show", "researcher").out.split())
    (check,) = [c for c in cli("doctor", "--json").json["checks"] if c["name"] == "researcher"]
    assert check["found"] == reason
    assert check["remedy"]


@pytest.mark.req("S8")
def test_global_options_may_stand_anywhere() -> None:
    hoisted = hoist_globals(["task", "list", "--url", "u", "--status", "x", "--key=k", "--json"])

    assert hoisted == ["--json", "--url", "u", "--key=k", "task", "list", "--status", "x"]
    assert hoist_globals(["a", "--", "--json"]) == ["a", "--", "--json"]
    assert hoist_globals(["a", "--url"]) == ["a", "--url"]


@pytest.mark.req("S8")
def test_every_command_explains_itself_with_an_example(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = command_tree()
    groups = [("", app), *((str(g.name), g.typer_instance) for g in app.registered_groups)]
    for name, group in groups:
        assert group is not None
        for command in group.registered_commands:
            own = command.name or (command.callback.__name__ if command.callback else "")
            assert run_command_line([*([name] if name else []), own, "--help"]) == 0
            assert re.search("Examples?:", capsys.readouterr().out), (name, own)


@pytest.mark.req("S8")
def test_the_program_runs_as_a_process_of_its_own(cli: CommandLine) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}  # noqa: TID251 the child's
    command = [sys.executable, "-m", "aiwebhook_cli", "session", "create", "plan"]

    first = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    taken = subprocess.run(
        [*command, "--title", "Other"], env=environ, capture_output=True, text=True, check=False
    )

    assert (first.returncode, first.stdout, first.stderr) == (0, "✓ Session plan is open.\n", "")
    assert taken.returncode == 1
    assert taken.stderr.startswith("Error: Session 'plan' exists")


@pytest.mark.req("O7")
def test_people_get_codes_and_connections_are_ended(cli: CommandLine) -> None:
    added = cli("people", "add", "Ana", "--json")
    connecting = Connecting(driver=cli.driver)
    reset = cli("people", "reset", "Ana", "--json")
    assert reset.json["sign_in_code"] != added.json["sign_in_code"]
    assert "Ana" in cli("people", "list").out

    connecting.connected()
    (made,) = cli("connections", "list", "--json").json["items"]
    assert "active" in cli("connections", "list").out
    revoked = cli("connections", "revoke", made["connection_id"])
    assert revoked.code == 0
    assert "Chat" in revoked.out
    assert "revoked" in cli("connections", "list").out
    assert cli("people", "reset", "Nobody").code == 1


@pytest.mark.req("O8")
def test_what_is_kept_is_shown_changed_and_pruned(cli: CommandLine) -> None:
    assert cli("retention", "show", "--json").json["events"] == 90
    changed = cli("retention", "set", "events=30", "audit=forever")
    assert (changed.code, "forever" in changed.out) == (0, True)
    assert cli("retention", "show", "--json").json["events"] == 30
    for wrong in ("events", "events=soon", "events=-1"):
        assert cli("retention", "set", wrong).code == 2
    assert cli("retention", "set", "sessions=30").code == 1
    counted = cli("prune", "--dry-run", "--json").json
    assert (counted["dry_run"], counted["rows"]["events"]) == (True, 0)
    assert "events" in cli("prune").out
