"""What a person sees of the end of a task."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from typing import Any

import pytest

from aiwebhook_cli.main import run_command_line
from tests.cli.conftest import CommandLine
from tests.support.terminal import on_a_terminal

AGENT = {"kind": "codex", "version": "0.169.0", "model": "gpt-5.5", "session_id": "019a"}
WORK: dict[str, Any] = {
    "repo": "ana/billing", "ref": "main", "base": "b" * 40, "branch": "aiwebhook/task_1",
    "commit": "c" * 40, "files": 12, "insertions": 40, "deletions": 7,
    "patch_artifact": "changes.patch", "pushed": True, "pull_request": "https://example.org/pr/1",
}  # fmt: skip
CHANGED = [{"path": f"src/{number}.py", "change": "edited"} for number in range(12)]


def words_of(cli: CommandLine, task_id: str) -> dict[str, str]:
    """The fields that `task show` prints."""
    shown = cli("task", "show", task_id).out
    fields = re.finditer(r"^(\w[\w ]*?)  +(\S.*)$", shown, re.MULTILINE)
    return {field[1]: field[2] for field in fields}


def finished(cli: CommandLine, output: dict[str, Any], **asked: Any) -> str:
    """The id of a task that an agent on a model has completed."""
    task_id = cli.driver.task(agent_name="codex", **asked)
    done = cli.driver.claim("codex").post("complete", {"output": output, "say": "Done."})
    assert done.status == 200, done.text
    return task_id


@pytest.mark.req("T6")
def test_a_failed_task_says_why_and_what_to_do_first(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    cli.driver.claim().post(
        "fail",
        {
            "error_class": "auth",
            "message": "There is no [key].",
            "remedy": "Set ANTHROPIC_API_KEY.",
        },
    )
    shown = cli("task", "show", task_id)
    assert shown.code == 1
    first, second, *more = shown.out.splitlines()
    assert (first, second) == ("✗ There is no [key].", "  → Set ANTHROPIC_API_KEY.")
    assert not re.search(r"[{}]", "".join(more)), "no JSON"
    assert words_of(cli, task_id)["error class"] == "auth"


@pytest.mark.req("T6", "S5")
def test_a_finished_task_tells_what_changed_where_it_is_and_how_to_get_it(
    cli: CommandLine,
) -> None:
    repository = {"repo": "ana/billing", "ref": "main", "pr": "draft"}
    known = {"agent": AGENT, "turns": 2, "files_changed": CHANGED, "workspace": WORK}
    task_id = finished(cli, {"text": "Long answer.", **known, "score": 3}, **repository)
    told = words_of(cli, task_id)
    assert told["repository"] == "ana/billing, ref main, pr draft"
    assert told["text"] == "Long answer."
    assert told["ran on"] == "codex 0.169.0, gpt-5.5, 2 turns"
    assert told["changes"].startswith("src/0.py, src/1.py, ")
    assert told["changes"].endswith(" and 2 more (+40 −7)")
    assert told["branch"] == "aiwebhook/task_1"
    assert told["pull request"] == "https://example.org/pr/1"
    assert told["patch"] == f"aiwebhook task artifact {task_id} changes.patch | git apply"
    assert told["score"] == "3", "what we do not know stays"
    assert cli("task", "show", task_id, "--json").json["output"]["workspace"] == WORK


@pytest.mark.req("T6")
def test_work_that_could_not_be_published_says_so(cli: CommandLine) -> None:
    work = WORK | {"pushed": False, "problem": "The push was refused.", "remedy": "Check it."}
    task_id = finished(cli, {"agent": AGENT, "workspace": work})
    told = words_of(cli, task_id)
    assert told["not published"] == "The push was refused."
    assert told["what to do"] == "Check it."
    assert "branch" not in told


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    "output",
    [
        {"agent": "a name", "workspace": {"any": 1}},
        {"agent": {"kind": "mine"}, "files_changed": "many", "workspace": []},
        {
            "agent": {"kind": None},
            "files_changed": [1, {"path": None}],
            "workspace": {"files": "x"},
        },
        {"text": {"not": "text"}, "turns": "two"},
    ],
)
def test_the_output_of_any_agent_is_shown(cli: CommandLine, output: dict[str, Any]) -> None:
    assert cli("task", "show", finished(cli, output)).code == 0


@pytest.mark.req("T6")
def test_watching_tells_why_a_task_failed(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    cli.driver.claim().post("fail", {"error_class": "refused", "message": "The model said no."})
    (last,) = [
        line for line in cli("task", "watch", task_id).out.splitlines() if " failed " in line
    ]
    assert last.endswith("The model said no.")


@pytest.mark.req("S5")
def test_what_a_task_left_is_listed_and_printed_just_as_it_is(cli: CommandLine) -> None:
    task_id = cli.driver.task(cli.driver.session())
    patch = "--- a\n+++ b\n[bold]\n"
    cli.driver.claim().post(
        "artifacts", {"name": "changes.patch", "type": "patch", "content": patch}
    )

    listed = cli("task", "artifact", task_id)
    printed = cli("task", "artifact", task_id, "changes.patch")
    missing = cli("task", "artifact", task_id, "other.patch")

    assert "changes.patch" in listed.out
    assert printed.out == patch
    assert (missing.code, "changes.patch" in missing.err) == (1, True)


@pytest.mark.req("S5")
def test_bytes_go_into_a_pipe_exactly_and_to_no_terminal(cli: CommandLine) -> None:
    session_id = cli.driver.session()
    task_id = cli.driver.task(session_id)
    contents = {"a.png": b"\x89PNG\r\n\x1a\n\0\xff", "nul.bin": b"plain\0letters\x1b[31m\r\n"}
    for name, raw in contents.items():
        body = {"name": name, "type": "image", "task_id": task_id}
        body["content_base64"] = base64.b64encode(raw).decode()
        told = cli.driver.post(f"/v1/sessions/{session_id}/artifacts", body)
        assert told.status == 200, told.text

    for name, raw in contents.items():
        arguments = ["task", "artifact", task_id, name]
        piped = subprocess.run(
            [sys.executable, "-m", "aiwebhook_cli", *arguments], capture_output=True, check=True
        )
        with on_a_terminal() as shown:
            code = run_command_line(arguments)
        text = re.sub(r"\x1b\[[\d;]*m", "", shown())

        assert piped.stdout == raw
        assert code == 1
        assert re.search(rf"Error: This artifact \({len(raw)} B\) is not text\.", text)
        assert "Write it to a file: add '> FILE' to the command." in text
        assert "PNG" not in text
        assert "letters" not in text
