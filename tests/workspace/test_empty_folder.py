"""A run without a repository: an empty folder that is one, made and looked at without ceremony."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aiwebhook_runner.repository.layout import EMPTY_TREE, FIRST_COMMIT, Layout, config_value
from tests.support.git_server import SEARCH_PATH, git, write_files
from tests.workspace.conftest import BRANCH, Runs

pytestmark = pytest.mark.req("T4")


def counting_git(folder: Path) -> tuple[str, Path]:
    """A PATH whose git writes down that it was called, and the list."""
    real, calls = shutil.which("git", path=SEARCH_PATH), folder / "calls"
    calls.touch()
    (folder / "git").write_text(f'#!/bin/sh\necho x >> {calls}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    return f"{folder}:{SEARCH_PATH}", calls


def test_nothing_done_costs_two_gits(runs: Runs, tmp_path: Path) -> None:
    search_path, calls = counting_git(tmp_path)
    run = runs.start(repo=None, search_path=search_path)
    run.prepare()
    before = len(calls.read_text().split())
    work = run.workspace.collect(user=None)

    # Where its objects lie with its HEAD, and its refs: work is looked for wherever git keeps it.
    assert (before, len(calls.read_text().split())) == (0, 2)
    assert not work.changed
    assert work.files == ()


def test_what_was_written_is_what_git_would_have_made(runs: Runs) -> None:
    run = runs.start(repo=None)
    run.prepare()

    assert git(run.work, "fsck", "--strict") == ""
    assert git(run.work, "log", "--format=%H %T %an %s %ad", "--date=iso-strict") == (
        f"{FIRST_COMMIT} {EMPTY_TREE} AI Webhook agent Start 2000-01-01T00:00:00+00:00"
    )
    assert git(run.work, "branch", "--show-current") == BRANCH
    assert git(run.work, "status", "--porcelain") == ""
    assert git(run.work, "hash-object", "-t", "tree", "/dev/null") == EMPTY_TREE


@pytest.mark.parametrize("beside", [{}, {"HEAD": "a file of this name\n"}])
def test_files_count_although_head_names_no_commit(runs: Runs, beside: dict[str, str]) -> None:
    run = runs.start(repo=None)
    run.prepare()
    git(run.work, "checkout", "-q", "--orphan", "none")
    write_files(run.work, {"a.txt": "1\n", **beside})
    work = run.workspace.collect(user=None)

    assert sorted(change.path for change in work.files) == sorted(["a.txt", *beside])


def test_a_commit_counts_although_its_files_are_gone(runs: Runs) -> None:
    run = runs.start(repo=None)
    run.prepare()
    write_files(run.work, {"a.txt": "1\n"})
    git(run.work, "add", "-A")
    git(run.work, "commit", "-qm", "Mine")
    (run.work / "a.txt").unlink()
    work = run.workspace.collect(user=None)

    assert work.changed
    assert work.files == ()


def test_files_that_git_shall_ignore_are_no_work(runs: Runs) -> None:
    run = runs.start(repo=None)
    run.prepare()
    write_files(run.work, {".gitignore": "*\n", "cache.bin": "1"})

    assert not run.workspace.collect(user=None).changed


@pytest.mark.parametrize(
    ("task", "branch"),
    [("a:b", "a-b"), ("a..b", "a-.b"), ("x.lock", "x-lock"), ("x.", "x-"), ("v1.2_x", "v1.2_x")],
)
def test_any_task_id_makes_a_branch(runs: Runs, task: str, branch: str) -> None:
    run = runs.start(repo=None, task_id=task)
    run.prepare()
    write_files(run.work, {"a.txt": "1\n"})
    git(run.work, "add", "-A")
    git(run.work, "commit", "-qm", "Mine")

    assert git(run.work, "branch", "--show-current") == f"aiwebhook/{branch}"
    assert [change.path for change in run.workspace.collect(user=None).files] == ["a.txt"]


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\n[core]\nhooksPath = x", "a # b ; c", " a "])
def test_a_value_stays_one_value(tmp_path: Path, value: str) -> None:
    Layout(config=f'[remote "origin"]\nurl = {config_value(value)}\n', branch="b").write(tmp_path)

    told = git(tmp_path, "config", "--file", "config", "--null", "--list")
    assert told == f"remote.origin.url\n{value}\0"
