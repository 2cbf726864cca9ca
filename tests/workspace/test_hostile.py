"""An agent that leaves traps for whoever runs git after it. None of them may ever spring."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aiwebhook_runner.process.isolation import AgentUser, acting_as, hand_over
from aiwebhook_runner.repository import WorkspaceFailed, WorkspaceLimits
from aiwebhook_runner.repository.work import Work, joined_sentence
from tests.support.git_server import GitHost, git
from tests.workspace.conftest import SLUG, Run, Runs
from tests.workspace.tricks import HOOKS, TRICKS, Scene, Trick, nested_repository

pytestmark = pytest.mark.req("T4")
SAMPLED = [
    pytest.param(trick, marks=() if number % 3 == 0 else pytest.mark.slow)
    for number, trick in enumerate(TRICKS)
]
"""A third in `make test`; `make test-slow` has them all."""


@pytest.fixture
def quick_to_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiwebhook_runner.repository.agent_repository.REV_PARSE_S", 1.0)


def everything_is_the_agents(run: Run) -> None:
    """What the test made as root becomes the agent's, as if it had made it."""
    hand_over(run.folders.root, (run.folders.work, run.folders.tmp), run.user)


@pytest.mark.usefixtures("quick_to_give_up")
@pytest.mark.parametrize("trick", SAMPLED, ids=lambda trick: trick.__name__)
def test_a_trap_never_springs_and_the_work_is_kept(
    runs: Runs, host: GitHost, open_folder: Path, user: AgentUser | None, trick: Trick
) -> None:
    host.commit(SLUG, {"second.txt": "2\n"})
    limits = WorkspaceLimits(max_work_bytes=4_000_000)
    run = runs.start(pr="branch", user=user, limits=limits)
    run.prepare()
    scene = Scene(run, open_folder)
    trick(scene)
    everything_is_the_agents(run)
    saved = run.workspace.save((), {}, user=user)
    work = run.workspace.collect(user=user)
    published = run.workspace.publish(work, title="t", body="b")
    again = runs.start(user=user)
    assert again.prepare(saved.archive) is not None, again.log.getvalue()
    assert not scene.sprung.exists()
    assert published.pushed, published.problem
    assert ("new.txt", "created") in [(file.path, file.change) for file in work.files]
    assert git(host.path(SLUG), "show", f"{work.branch}:README.md") == "changed"
    # What an attribute says about the encoding of files is obeyed when they are checked out.
    assert (again.work / "new.txt").read_bytes() in (b"1\n", "1\n".encode("utf-16"))


def collected(runs: Runs, user: AgentUser | None, trick: Trick, open_folder: Path) -> Work:
    run = runs.start(user=user, limits=WorkspaceLimits(max_file_bytes=1000))
    run.prepare()
    trick(Scene(run, open_folder))
    everything_is_the_agents(run)
    return run.workspace.collect(user=user)


def test_what_cannot_be_taken_along_is_left_out_and_told(
    runs: Runs, open_folder: Path, user: AgentUser | None
) -> None:
    def trick(scene: Scene) -> None:
        with (scene.work / "huge").open("wb") as file:
            file.truncate(50 * 1024**3)
        (scene.work / "README.md").write_text("x" * 2000)
        nested_repository(scene)

    work = collected(runs, user, trick, open_folder)
    assert work.left_out == ("README.md", "huge")
    assert joined_sentence(work.said) == "I had to leave out README.md and 1 more."
    inner = ["inner/.gitattributes", "inner/file.txt"]
    assert [file.path for file in work.files] == [*inner, "new.txt"]


def test_links_are_kept_as_links(
    runs: Runs, open_folder: Path, user: AgentUser | None, host: GitHost
) -> None:
    secret = open_folder / "secret"
    secret.write_text("of the supervisor")
    secret.chmod(0o600)

    def trick(scene: Scene) -> None:
        (scene.work / "link").symlink_to(secret)
        shutil.rmtree(scene.work / "src")
        (scene.work / "src").symlink_to(open_folder)

    work = collected(runs, user, trick, open_folder)
    assert work.patch is not None
    patch = work.patch.read_text()
    assert "of the supervisor" not in patch
    assert f"+{secret}" in patch
    changes = {file.path: file.change for file in work.files}
    assert changes == {
        "README.md": "modified",
        "link": "created",
        "new.txt": "created",
        "src": "created",
        "src/main.py": "deleted",
    }


def test_an_unreadable_file_costs_only_itself(runs: Runs, open_folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start a process as another user")
    agent = AgentUser(uid=61_999, gid=61_999)

    def trick(scene: Scene) -> None:
        (scene.work / "closed").write_text("x")
        (scene.work / "closed").chmod(0)
        (scene.work / "folder").mkdir(mode=0)

    work = collected(runs, agent, trick, open_folder)
    assert work.left_out == ("closed",)
    assert {file.path for file in work.files} == {"README.md", "new.txt"}


def test_git_in_the_agents_folder_runs_as_the_agent(runs: Runs, open_folder: Path) -> None:
    """A file that only root may read is no way into the work."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a process as another user")
    agent = AgentUser(uid=61_999, gid=61_999)
    run = runs.start(user=agent)
    run.prepare()
    (run.work / "rootly").write_text("secret of root")
    (run.work / "rootly").chmod(0o600)
    with acting_as(agent):
        (run.work / "own").write_text("x")
    work = run.workspace.collect(user=agent)
    assert work.left_out == ("rootly",)
    assert [file.path for file in work.files] == ["own"]


def test_too_much_work_is_refused_with_a_reason(runs: Runs) -> None:
    run = runs.start(limits=WorkspaceLimits(max_work_bytes=1000))
    run.prepare()
    (run.work / "noise").write_bytes(os.urandom(10_000))
    with pytest.raises(WorkspaceFailed, match="more space"):
        run.workspace.collect(user=None)


def test_a_work_folder_that_became_a_link_shows_nothing_else(runs: Runs, open_folder: Path) -> None:
    run = runs.start()
    run.prepare()
    elsewhere = open_folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "private.txt").write_text("not the agent's")
    shutil.rmtree(run.work)
    run.work.symlink_to(elsewhere)
    with pytest.raises(WorkspaceFailed):
        run.workspace.collect(user=None)


def test_the_pristine_repository_obeys_no_planted_configuration(
    runs: Runs, open_folder: Path, host: GitHost
) -> None:
    """Where agent and supervisor are the same user, it can reach it."""
    run = runs.start(pr="branch")
    run.prepare()
    scene = Scene(run, open_folder)
    pristine = run.folders.root / "repository"
    for name in ("core.fsmonitor", "credential.helper", "core.sshCommand"):
        git(pristine, "config", name, f"!{scene.trap}")
    git(pristine, "config", f"url.ext::{scene.trap}.insteadOf", host.url)
    (pristine / "hooks").mkdir()
    for name in HOOKS:
        shutil.copy(scene.trap, pristine / "hooks" / name)
    (pristine / "commondir").write_text(str(run.work / ".git"))
    work = run.workspace.collect(user=None)
    published = run.workspace.publish(work, title="t", body="b")
    assert published.pushed
    assert not scene.sprung.exists()
