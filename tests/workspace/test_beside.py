"""Work that git keeps elsewhere than under HEAD is found: taken when it can only be that, else kept
as a bundle, and told."""

# reason: a list of scenes, each a few lines, and what becomes of them

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.process.isolation import AgentUser, hand_over
from aiwebhook_runner.repository import WorkspaceLimits
from aiwebhook_runner.repository.work import OTHER_NAME, Work, joined_sentence
from tests.support.git_server import GitHost, git, write_files
from tests.workspace.conftest import SLUG, TASK, Run, Runs

pytestmark = pytest.mark.req("T4", "T7")

OWN = f"aiwebhook/{TASK}"
Scene = Callable[[Path], None]


def committed(work: Path, name: str, text: str = "1\n", message: str = "Mine") -> str:
    write_files(work, {name: text})
    git(work, "add", "-A")
    git(work, "commit", "-qm", message)
    return git(work, "rev-parse", "HEAD")


def on_a_branch(work: Path) -> None:
    git(work, "checkout", "-qb", "fix/x")
    committed(work, "a.txt")
    git(work, "checkout", "-q", "-")


def on_stacked_branches(work: Path) -> None:
    git(work, "checkout", "-qb", "first")
    committed(work, "a.txt")
    git(work, "checkout", "-qb", "second")
    committed(work, "a.txt", "2\n")
    git(work, "checkout", "-q", OWN)


def in_the_stash(work: Path) -> None:
    write_files(work, {"a.txt": "1\n"})
    git(work, "add", "-A")
    git(work, "stash", "-q")


def untracked_in_the_stash(work: Path) -> None:
    write_files(work, {"a.txt": "1\n"})
    git(work, "stash", "-qu")


def both_in_the_stash(work: Path) -> None:
    write_files(work, {"a.txt": "1\n", "README.md": "changed\n"})
    git(work, "stash", "-qu")


def stash_on_a_branch(work: Path) -> None:
    git(work, "checkout", "-qb", "fix/x")
    committed(work, "b.txt")
    untracked_in_the_stash(work)
    git(work, "checkout", "-q", OWN)


def detached(work: Path) -> None:
    git(work, "checkout", "-q", "--detach")
    committed(work, "a.txt")
    git(work, "checkout", "-q", OWN)


def tagged(work: Path) -> None:
    git(work, "checkout", "-q", "--detach")
    committed(work, "a.txt")
    git(work, "tag", "-am", "it", "v2")
    git(work, "checkout", "-q", OWN)


def in_a_worktree(work: Path) -> None:
    git(work, "worktree", "add", "-q", "-b", "feature", str(work.parent / "tmp" / "wt"))
    committed(work.parent / "tmp" / "wt", "a.txt")


def uncommitted_in_a_worktree(work: Path) -> None:
    git(work, "worktree", "add", "-q", "-b", "feature", ".worktrees/feature")
    write_files(work / ".worktrees" / "feature", {"a.txt": "1\n"})


def in_a_detached_worktree(work: Path) -> None:
    git(work, "worktree", "add", "-q", "--detach", str(work.parent / "home" / "wt"))
    committed(work.parent / "home" / "wt", "a.txt")


def amended(work: Path) -> None:
    git(work, "checkout", "-qb", "fix/x")
    committed(work, "a.txt", "draft\n")
    write_files(work, {"a.txt": "1\n"})
    git(work, "commit", "-qa", "--amend", "-m", "Better")
    git(work, "checkout", "-q", "-")


def rebased(work: Path) -> None:
    git(work, "checkout", "-qb", "fix/x")
    committed(work, "junk.txt")
    committed(work, "a.txt")
    git(work, "rebase", "-q", "--onto", OWN, "fix/x~1", "fix/x")
    git(work, "checkout", "-q", OWN)


def branch_with_notes(work: Path) -> None:
    on_a_branch(work)
    git(work, "notes", "add", "-m", "a note", "fix/x")


def played(runs: Runs, user: AgentUser | None, scene: Scene, **options: Any) -> Run:
    run = runs.start(pr="branch", user=user, **options)
    run.prepare()
    scene(run.work)
    hand_over(run.folders.root, (run.work, run.folders.home, run.folders.tmp), user)
    return run


def stopped(work: Path, *arguments: str) -> None:
    """A command that ends with conflicts."""
    with pytest.raises(AssertionError, match=arguments[0]):
        git(work, *arguments)


def names(work: Work) -> list[str]:
    return [file.path for file in work.files]


@pytest.mark.parametrize(
    ("scene", "kind", "said"),
    [
        (on_a_branch, "branch", "The work was in branch fix/x."),
        pytest.param(
            on_stacked_branches, "branch", "The work was in branch second.", marks=pytest.mark.slow
        ),
        pytest.param(in_the_stash, "stash", "The work was in the stash.", marks=pytest.mark.slow),
        (untracked_in_the_stash, "stash", "The work was in the stash."),
        (detached, "detached", "The work was in commits on no branch."),
        pytest.param(tagged, "tag", "The work was in tag v2.", marks=pytest.mark.slow),
        pytest.param(
            in_a_worktree, "branch", "The work was in branch feature.", marks=pytest.mark.slow
        ),
        (uncommitted_in_a_worktree, "worktree", "The work was in worktree feature."),
        pytest.param(
            in_a_detached_worktree,
            "worktree",
            "The work was in worktree wt.",
            marks=pytest.mark.slow,
        ),
        pytest.param(amended, "branch", "The work was in branch fix/x.", marks=pytest.mark.slow),
        (rebased, "branch", "The work was in branch fix/x."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_single_line_of_work_is_the_result(
    runs: Runs, user: AgentUser | None, scene: Scene, kind: str, said: str
) -> None:
    run = played(runs, user, scene)
    work = run.workspace.collect(user=user)
    assert names(work) == ["a.txt"]
    assert joined_sentence(work.said) == said
    assert work.as_json()["found_in"] == {"kind": kind, "name": work.taken and work.taken.name}
    assert work.other_bundle is None
    published = run.workspace.publish(work, title="t", body="b")
    assert published.pushed, published.problem
    assert git(runs.host.path(SLUG), "show", f"{work.branch}:a.txt") in ("1", "2")


@pytest.mark.parametrize("scene", [both_in_the_stash, stash_on_a_branch])
def test_a_stash_is_taken_whole(runs: Runs, scene: Scene) -> None:
    work = played(runs, None, scene).workspace.collect(user=None)
    assert "a.txt" in names(work)
    assert len(names(work)) == 2
    assert work.taken is not None
    assert work.others == ()


def test_notes_do_not_make_a_branch_ambiguous(runs: Runs) -> None:
    work = played(runs, None, branch_with_notes).workspace.collect(user=None)
    assert names(work) == ["a.txt"]
    assert joined_sentence(work.said) == (
        "The work was in branch fix/x; I kept notes about commits in other-work.bundle."
    )


def two_branches(work: Path) -> None:
    on_a_branch(work)
    git(work, "checkout", "-qb", "fix/y")
    committed(work, "y.txt")
    git(work, "checkout", "-q", OWN)


def branch_beside_changes(work: Path) -> None:
    on_a_branch(work)
    write_files(work, {"more.txt": "1\n"})


def branch_beside_commits(work: Path) -> None:
    on_a_branch(work)
    committed(work, "more.txt")


def two_stashes(work: Path) -> None:
    in_the_stash(work)
    write_files(work, {"b.txt": "2\n"})
    git(work, "stash", "-qu")


def reset_away(work: Path) -> None:
    committed(work, "a.txt")
    git(work, "reset", "-q", "--hard", "HEAD~1")


def branch_deleted(work: Path) -> None:
    on_a_branch(work)
    git(work, "branch", "-qD", "fix/x")


def of_another_history(work: Path) -> None:
    git(work, "checkout", "-q", "--orphan", "pages")
    git(work, "rm", "-qrf", ".")
    committed(work, "a.txt")
    git(work, "checkout", "-q", OWN)


def made_before_the_run(work: Path) -> None:
    """As `git fetch origin pull/7/head:pr-7` would leave it."""
    git(work, "checkout", "-qb", "pr-7")
    write_files(work, {"a.txt": "1\n"})
    git(work, "add", "-A")
    git(work, "commit", "-qm", "Theirs", GIT_COMMITTER_DATE="2020-01-01T00:00:00Z")
    git(work, "checkout", "-q", OWN)


@pytest.mark.parametrize(
    ("scene", "mine", "said"),
    [
        (two_branches, [], "I kept 2 branches in other-work.bundle."),
        pytest.param(
            branch_beside_changes,
            ["more.txt"],
            "I kept branch fix/x in other-work.bundle.",
            marks=pytest.mark.slow,
        ),
        (branch_beside_commits, ["more.txt"], "I kept branch fix/x in other-work.bundle."),
        pytest.param(
            two_stashes, [], "I kept 2 stashes in other-work.bundle.", marks=pytest.mark.slow
        ),
        (reset_away, [], "I kept commits that were discarded in other-work.bundle."),
        (branch_deleted, [], "I kept commits that were discarded in other-work.bundle."),
        pytest.param(
            of_another_history,
            [],
            "I kept branch pages in other-work.bundle.",
            marks=pytest.mark.slow,
        ),
        (made_before_the_run, [], "I kept branch pr-7 in other-work.bundle."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_could_be_meant_otherwise_is_kept_and_told(
    runs: Runs, open_folder: Path, scene: Scene, mine: list[str], said: str
) -> None:
    work = played(runs, None, scene).workspace.collect(user=None)
    assert names(work) == mine
    assert joined_sentence(work.said) == said
    assert work.other_bundle is not None
    # A person fetches it into a clone of theirs.
    clone = open_folder / "clone"
    git(open_folder, "clone", "-q", str(runs.host.path(SLUG)), str(clone))
    fetch = ("fetch", "-q", str(work.other_bundle), "refs/agent/*:refs/agent/*")
    git(clone, *fetch)
    found = git(clone, "for-each-ref", "--format=%(refname)", "refs/agent").splitlines()
    told: Any = work.as_json()["other_work"]
    assert sorted(found) == sorted(line["ref"] for line in told["lines"])
    trees = [git(clone, "ls-tree", "-r", "--name-only", ref) for ref in found]
    stashed = [git(clone, "log", "--all", "--name-only", "--format=", "-m")]
    assert "a.txt" in "\n".join(trees + stashed)


def squash_merged(work: Path) -> None:
    on_a_branch(work)
    git(work, "merge", "-q", "--squash", "fix/x")
    git(work, "commit", "-qm", "Squashed")


def stash_applied(work: Path) -> None:
    both_in_the_stash(work)
    git(work, "stash", "apply", "-q")


def soft_reset(work: Path) -> None:
    committed(work, "a.txt")
    committed(work, "b.txt")
    git(work, "reset", "-q", "--soft", "HEAD~2")
    git(work, "commit", "-qm", "Both")


def merged(work: Path) -> None:
    on_a_branch(work)
    git(work, "merge", "-q", "--no-ff", "-m", "Merge", "fix/x")


def amended_under_head(work: Path) -> None:
    committed(work, "a.txt", "draft\n")
    write_files(work, {"a.txt": "1\n"})
    git(work, "commit", "-qa", "--amend", "--no-edit")


@pytest.mark.parametrize(
    "scene", [squash_merged, stash_applied, soft_reset, merged, amended_under_head]
)
def test_what_the_work_holds_already_is_not_told_again(runs: Runs, scene: Scene) -> None:
    work = played(runs, None, scene).workspace.collect(user=None)
    assert joined_sentence(work.said) == ""
    assert work.other_bundle is None
    assert "a.txt" in names(work)


def test_what_was_fetched_is_not_the_agents(runs: Runs, host: GitHost) -> None:
    host.commit(SLUG, {"theirs.txt": "1\n"}, branch="theirs")

    def scene(work: Path) -> None:
        source = str(host.path(SLUG))
        git(work, "fetch", "-q", source, "+refs/heads/*:refs/remotes/origin/*")
        git(work, "tag", "theirs", "refs/remotes/origin/theirs")

    work = played(runs, None, scene).workspace.collect(user=None)
    assert (work.files, joined_sentence(work.said), work.others) == ((), "", ())


def test_conflicts_and_an_unfinished_merge_are_told(runs: Runs, user: AgentUser | None) -> None:
    def scene(work: Path) -> None:
        on_a_branch(work)
        committed(work, "a.txt", "other\n")
        stopped(work, "merge", "fix/x")

    run = played(runs, user, scene)
    work = run.workspace.collect(user=user)
    assert work.unmerged == ("a.txt",)
    assert work.as_json()["unfinished"] == "merge"
    assert "there are merge conflicts in a.txt; a merge is unfinished" in joined_sentence(work.said)
    assert work.patch is not None
    assert "<<<<<<<" in work.patch.read_text()


def test_a_rebase_in_progress_keeps_what_is_not_yet_replayed(runs: Runs) -> None:
    def scene(work: Path) -> None:
        git(work, "checkout", "-qb", "fix/x")
        committed(work, "README.md", "mine\n")
        mine = committed(work, "later.txt")
        git(work, "checkout", "-q", OWN)
        committed(work, "README.md", "theirs\n")
        git(work, "checkout", "-q", mine)
        git(work, "branch", "-qD", "fix/x")
        stopped(work, "rebase", OWN)

    work = played(runs, None, scene).workspace.collect(user=None)
    assert (work.unfinished, work.unmerged) == ("rebase", ("README.md",))
    assert [line.kind for line in work.others] == ["discarded"]


def test_files_outside_of_a_sparse_checkout_are_not_taken_for_deleted(runs: Runs) -> None:
    def scene(work: Path) -> None:
        git(work, "sparse-checkout", "set", "other")
        assert not (work / "src").exists()
        write_files(work, {"other/new.txt": "1\n"})

    work = played(runs, None, scene).workspace.collect(user=None)
    assert names(work) == ["other/new.txt"]


@pytest.mark.parametrize(
    "scene",
    [
        two_branches,
        *(
            pytest.param(scene, marks=pytest.mark.slow)
            for scene in (two_stashes, branch_beside_commits, uncommitted_in_a_worktree)
        ),
    ],
)
def test_a_checkpoint_keeps_what_lies_beside_head(
    runs: Runs, user: AgentUser | None, scene: Scene
) -> None:
    first = played(runs, user, scene)
    saved = first.workspace.save((), {}, user=user)
    second = runs.start(user=user)
    assert second.prepare(saved.archive) is not None
    before, after = first.workspace.collect(user=user), second.workspace.collect(user=user)
    assert {line.commit for line in after.others} == {line.commit for line in before.others}
    assert names(after) == names(before)
    if scene is two_stashes:
        assert len(git(second.work, "stash", "list").splitlines()) == 2
    if scene is two_branches:
        git(second.work, "rev-parse", "fix/x", "fix/y")


def test_a_single_branch_is_still_the_result_after_a_resume(runs: Runs) -> None:
    first = played(runs, None, on_a_branch)
    saved = first.workspace.save((), {}, user=None)
    second = runs.start()
    assert second.prepare(saved.archive) is not None
    assert names(second.workspace.collect(user=None)) == ["a.txt"]


def test_two_thousand_branches_cost_no_process_each(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scene(work: Path) -> None:
        stream = "".join(
            f"commit refs/heads/b{number}\ncommitter a <a@b> {int(time.time())} +0000\n"
            f"data 1\nx\nfrom {base}\nM 100644 inline f{number}\ndata 1\ny\n"
            for number in range(2000)
        )
        git(work, "fast-import", "--quiet", stdin=stream)

    run = runs.start()
    run.prepare()
    base = git(run.work, "rev-parse", "HEAD")
    scene(run.work)
    started: list[Any] = []
    start: Any = subprocess.Popen.__init__

    def counted(self: Any, *arguments: Any, **options: Any) -> None:
        started.append(arguments)
        start(self, *arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    work = run.workspace.collect(user=None)
    assert len(work.others) == 2000
    assert joined_sentence(work.said) == "I kept 2000 branches in other-work.bundle."
    assert len(started) < 30


def test_a_broken_ref_costs_only_itself(runs: Runs) -> None:
    def scene(work: Path) -> None:
        two_branches(work)
        git(work, "checkout", "-qb", "broken")
        for _ in range(2):
            committed(work, "z.txt", os.urandom(4).hex())
        git(work, "checkout", "-q", OWN)
        parent = git(work, "rev-parse", "broken~1")
        (work / ".git" / "objects" / parent[:2] / parent[2:]).unlink()

    work = played(runs, None, scene).workspace.collect(user=None)
    assert {line.name for line in work.others} == {"fix/x", "fix/y"}
    assert work.lost == ("broken",)
    assert "I could not keep broken." in joined_sentence(work.said)


def test_too_much_beside_the_work_costs_only_itself(runs: Runs) -> None:
    def scene(work: Path) -> None:
        git(work, "checkout", "-qb", "large")
        (work / "noise").write_bytes(os.urandom(50_000))
        git(work, "add", "-A")
        git(work, "commit", "-qm", "noise")
        git(work, "checkout", "-q", OWN)
        write_files(work, {"small.txt": "1\n"})

    run = played(runs, None, scene, limits=WorkspaceLimits(max_work_bytes=20_000))
    work = run.workspace.collect(user=None)
    assert names(work) == ["small.txt"]
    assert joined_sentence(work.said) == "I could not keep large."


def test_a_worktree_that_names_a_folder_of_others_is_not_looked_into(
    runs: Runs, open_folder: Path, user: AgentUser | None
) -> None:
    private = open_folder / "private"
    private.mkdir()
    (private / "secret.txt").write_text("not the agent's")

    def scene(work: Path) -> None:
        uncommitted_in_a_worktree(work)
        (work / ".git" / "worktrees" / "feature" / "gitdir").write_text(f"{private}/.git\n")

    work = played(runs, user, scene).workspace.collect(user=user)
    assert "secret.txt" not in names(work)
    assert work.other_bundle is None


def test_a_bundle_that_holds_a_secret_becomes_a_log(runs: Runs) -> None:
    def scene(work: Path) -> None:
        on_a_branch(work)
        committed(work, "more.txt")

    run = played(runs, None, scene)
    work = run.workspace.collect(user=None)
    asked: list[bytes] = []

    def holds(file: Path) -> bool:
        asked.append(file.read_bytes())
        return True

    cleaned = run.workspace.without_secrets(work, holds=holds)
    assert b"1\n" in asked[0]
    assert cleaned.other_bundle is not None
    assert cleaned.other_bundle.name == "other-work.log"
    assert "+1" in cleaned.other_bundle.read_text()
    assert joined_sentence(cleaned.said).endswith("in other-work.log.")
    kept = run.workspace.without_secrets(work, holds=lambda _: False)
    assert kept.other_bundle is not None
    assert kept.other_bundle.name == OTHER_NAME
