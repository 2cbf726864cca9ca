"""Files in repositories inside the agent's repository: made by it, or submodules of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiwebhook_runner.process.isolation import AgentUser, hand_over
from aiwebhook_runner.repository import WorkspaceLimits
from aiwebhook_runner.repository.work import Work, joined_sentence
from tests.support.git_server import GitHost, git, write_files
from tests.workspace.conftest import SLUG, Run, Runs

pytestmark = pytest.mark.req("T4", "T7")

LIBRARY = "octo/lib"


@pytest.fixture
def with_submodule(host: GitHost) -> None:
    """The repository has a submodule `sub`, and .gitmodules says so."""
    commit = host.create(LIBRARY, {"lib.py": "1\n"})
    head = git(commit, "rev-parse", "main")
    bare = host.path(SLUG)
    modules = f'[submodule "sub"]\n\tpath = sub\n\turl = {host.path(LIBRARY)}\n'
    blob = git(bare, "hash-object", "-w", "--stdin", stdin=modules)
    entries = (
        git(bare, "ls-tree", "main")
        + f"\n100644 blob {blob}\t.gitmodules\n160000 commit {head}\tsub\n"
    )
    tree = git(bare, "mktree", "--missing", stdin=entries)
    made = git(bare, "commit-tree", tree, "-p", "main", "-m", "with a submodule")
    git(bare, "update-ref", "refs/heads/main", made)


def repository(folder: Path, files: dict[str, str], *, commit: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    write_files(folder, files)
    if commit:
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "inner")


def owned(run: Run) -> None:
    hand_over(run.folders.root, (run.work, run.folders.home, run.folders.tmp), run.user)


def names(work: Work) -> list[str]:
    return [file.path for file in work.files]


@pytest.mark.parametrize("commit", [True, False])
def test_a_repository_made_by_the_run_is_taken_as_plain_files(
    runs: Runs, user: AgentUser | None, commit: bool
) -> None:
    run = runs.start(user=user)
    run.prepare()
    write_files(run.work, {".gitignore": "*.log\n", "beside.txt": "1\n"})
    repository(
        run.work / "app", {"a.py": "1\n", "b.tmp": "", ".gitignore": "*.tmp\n"}, commit=commit
    )
    write_files(run.work / "app", {"later.py": "2\n", "x.log": "no\n"})
    repository(run.work / "app" / "deep", {"c.py": "3\n"})
    owned(run)
    work = run.workspace.collect(user=user)
    inner = ["app/.gitignore", "app/a.py", "app/deep/c.py", "app/later.py"]
    assert names(work) == [".gitignore", *inner, "beside.txt"]
    assert (work.left_out, joined_sentence(work.said)) == ((), "")
    saved = run.workspace.save((), {}, user=user)
    again = runs.start(user=user)
    again.prepare(saved.archive)
    assert (again.work / "app" / "deep" / "c.py").read_text() == "3\n"


def test_one_that_was_committed_as_a_link_becomes_plain_files(runs: Runs) -> None:
    run = runs.start()
    run.prepare()
    repository(run.work / "app", {"a.py": "1\n"})
    git(run.work, "add", "app")
    git(run.work, "commit", "-qm", "a link to nothing")
    work = run.workspace.collect(user=None)
    assert names(work) == ["app/a.py"]


def test_what_of_it_is_too_large_is_left_out_and_told(runs: Runs) -> None:
    run = runs.start(limits=WorkspaceLimits(max_file_bytes=100))
    run.prepare()
    repository(run.work / "app", {"a.py": "1\n", "large": "x" * 200})
    os.mkfifo(run.work / "app" / "pipe")
    work = run.workspace.collect(user=None)
    assert names(work) == ["app/a.py"]
    assert work.left_out == ("app/large",)
    assert joined_sentence(work.said) == "I had to leave out app/large."


@pytest.mark.usefixtures("with_submodule")
def test_files_in_the_folder_of_an_unfetched_submodule_are_kept(
    runs: Runs, user: AgentUser | None
) -> None:
    run = runs.start(user=user)
    run.prepare()
    write_files(run.work, {"sub/mine.py": "1\n", "beside.txt": "1\n"})
    owned(run)
    work = run.workspace.collect(user=user)
    assert names(work) == ["beside.txt"]
    assert joined_sentence(work.said) == "I kept submodule sub in other-work.bundle."
    saved = run.workspace.save((), {}, user=user)
    again = runs.start(user=user)
    again.prepare(saved.archive)
    assert (again.work / "sub" / "mine.py").read_text() == "1\n"
    assert joined_sentence(again.workspace.collect(user=None).said) == joined_sentence(work.said)


@pytest.mark.usefixtures("with_submodule")
def test_of_a_fetched_submodule_only_changes_are_kept(runs: Runs, host: GitHost) -> None:
    run = runs.start()
    run.prepare()
    (run.work / "sub").rmdir()
    git(run.work, "clone", "-q", str(host.path(LIBRARY)), "sub")
    before = run.workspace.collect(user=None)
    assert (before.files, joined_sentence(before.said), before.left_out) == ((), "", ())
    write_files(run.work, {"sub/lib.py": "2\n"})
    work = run.workspace.collect(user=None)
    assert work.files == ()
    assert joined_sentence(work.said) == "I kept submodule sub in other-work.bundle."
    [line] = work.others
    shown = git(run.folders.root / "repository", "show", f"{line.commit}:lib.py")
    assert shown == "2"


@pytest.mark.usefixtures("with_submodule")
def test_a_submodule_that_nobody_touched_is_not_told(runs: Runs) -> None:
    run = runs.start()
    run.prepare()
    write_files(run.work, {"beside.txt": "1\n"})
    work = run.workspace.collect(user=None)
    assert (names(work), joined_sentence(work.said)) == (["beside.txt"], "")
