"""The supervisor's token: used, and nowhere to be found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiwebhook_runner.repository import RepositoryAccess
from tests.support.git_server import SEARCH_PATH, GitHost, git
from tests.workspace.conftest import TOKEN, Run, Runs

pytestmark = pytest.mark.req("T4")


def files_with(needle: str, folder: Path) -> list[Path]:
    return [
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if needle.encode() in Path(parent, name).read_bytes()
    ]


def recording_git(folder: Path) -> str:
    """A search path with a git that notes arguments and environment of every call, then runs."""
    record = folder / "record"
    record.touch()
    record.chmod(0o666)
    script = folder / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> {record}\n'
        f'export PATH={SEARCH_PATH}\nexec git "$@"\n'
    )
    script.chmod(0o755)
    return f"{script.parent}:{SEARCH_PATH}"


def whole_run(run: Run) -> None:
    run.prepare()
    (run.work / "new.txt").write_text("1\n")
    run.workspace.save((), {}, user=None)
    work = run.workspace.collect(user=None)
    published = run.workspace.publish(work, title="A title", body="A body")
    assert published.pushed, published.problem


def test_the_token_is_in_no_file_argument_or_environment(
    runs: Runs, host: GitHost, open_folder: Path
) -> None:
    run = runs.start(pr="ready", search_path=recording_git(open_folder))
    whole_run(run)
    recorded = (open_folder / "record").read_text()
    assert "receive-pack" in "".join(seen.path for seen in host.requests)
    assert "push" in recorded
    assert TOKEN not in recorded
    assert files_with(TOKEN, run.folders.root) == []
    assert TOKEN not in run.log.getvalue()


def test_the_token_is_in_no_representation() -> None:
    access = RepositoryAccess.from_env({"GITHUB_TOKEN": TOKEN})
    assert access.token == TOKEN
    assert TOKEN not in repr(access)


def test_the_agents_own_git_cannot_push(runs: Runs, host: GitHost) -> None:
    run = runs.start()
    run.prepare()
    before = len(host.requests)
    with pytest.raises(AssertionError, match="could not read Username"):
        git(run.work, "push", "origin", "HEAD:main", GIT_TERMINAL_PROMPT="0")
    assert all(seen.authorization is None for seen in host.requests[before:])


@pytest.mark.parametrize(
    ("api_url", "origin"),
    [
        ("", "https://github.com"),
        ("https://ghe.example.com/api/v3", "https://ghe.example.com"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
    ],
)
def test_the_token_belongs_to_the_host_of_the_api(api_url: str, origin: str) -> None:
    access = RepositoryAccess.from_env({"AIWEBHOOK_GITHUB_API_URL": api_url})
    assert access.origin == origin
