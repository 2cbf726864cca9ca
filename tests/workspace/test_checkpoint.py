"""What the next attempt gets of a run that was lost."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.process.isolation import AgentUser, hand_over
from aiwebhook_runner.repository import Saved, WorkspaceLimits
from tests.support.git_server import GitHost, git, write_files
from tests.workspace.conftest import BRANCH, SLUG, Run, Runs

pytestmark = pytest.mark.req("T4", "T7")

ABSOLUTE = "/tmp/escaped-aiwebhook"  # noqa: S108 - where a hostile archive aims
STATE = (".claude/projects", ".claude.json")
DATA: JsonObject = {"agent": "claude_code", "cli_session_id": "abc", "messages_seen": 3, "turn": 2}


def begun(runs: Runs, user: AgentUser | None = None, **options: Any) -> Run:
    """A run in the middle: one commit, one staged change, one unstaged, one new file."""
    run = runs.start(user=user, **options)
    run.prepare()
    write_files(run.work, {"committed.txt": "1\n"})
    git(run.work, "add", "-A")
    git(run.work, "commit", "-qm", "Mine")
    write_files(run.work, {"staged.txt": "2\n"})
    git(run.work, "add", "staged.txt")
    write_files(run.work, {"README.md": "changed\n", "untracked.txt": "3\n"})
    write_files(run.folders.home, {".claude/projects/x/abc.jsonl": "{}\n", ".claude.json": "{}"})
    write_files(run.folders.home, {".claude/cache/big": "not state"})
    hand_over(run.folders.root, (run.folders.work, run.folders.home), user)
    return run


def resumed(runs: Runs, saved: Saved, **options: Any) -> tuple[Run, Any]:
    assert saved.archive is not None
    run = runs.start(**options)
    return run, run.prepare(saved.archive)


def test_a_run_goes_on_where_the_one_before_was(runs: Runs, user: AgentUser | None) -> None:
    first = begun(runs, user)
    saved = first.workspace.save(STATE, DATA, user=user)
    second, data = resumed(runs, saved, user=user)
    assert data == saved.data
    assert {name: data[name] for name in DATA} == DATA
    assert git(second.work, "rev-parse", "HEAD") == git(first.work, "rev-parse", "HEAD")
    assert git(second.work, "branch", "--show-current") == BRANCH
    changes = git(second.work, "status", "--porcelain").splitlines()
    assert sorted(changes) == ["?? staged.txt", "?? untracked.txt", "M README.md"]
    assert (second.work / "README.md").read_text() == "changed\n"
    kept = {
        str(path.relative_to(second.folders.home))
        for path in second.folders.home.rglob("*")
        if path.is_file()
    }
    assert kept == {".claude/projects/x/abc.jsonl", ".claude.json"}


def test_a_resumed_run_is_collected_from_the_first_base(runs: Runs, host: GitHost) -> None:
    saved = begun(runs).workspace.save(STATE, DATA, user=None)
    host.commit(SLUG, {"meanwhile.txt": "somebody else's"})
    second, _ = resumed(runs, saved, pr="branch")
    write_files(second.work, {"more.txt": "4\n"})
    work = second.workspace.collect(user=None)
    assert work.base == saved.data["base"]
    names = {change.path for change in work.files}
    assert names == {"README.md", "committed.txt", "staged.txt", "untracked.txt", "more.txt"}
    assert second.workspace.publish(work, title="t", body="b").pushed


def test_a_checkpoint_does_not_disturb_the_agent(runs: Runs) -> None:
    run = begun(runs)
    repository = run.work / ".git"

    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in repository.rglob("*") if path.is_file()}

    before = state()
    run.workspace.save(STATE, DATA, user=None)
    assert state() == before
    staged = git(run.work, "diff", "--cached", "--name-only")
    assert staged == "staged.txt"


def test_paths_that_were_put_away_for_now_are_not_taken_for_deleted(runs: Runs) -> None:
    run = runs.start()
    run.prepare()
    (run.work / "README.md").rename(run.folders.tmp / "README.md")
    write_files(run.work, {"new.txt": "1\n"})
    untouched = ("README.md", ".claude/settings.json")
    saved = run.workspace.save((), DATA, user=None, untouched=untouched)
    second, _ = resumed(runs, saved)
    assert git(second.work, "status", "--porcelain") == "?? new.txt"
    assert (second.work / "README.md").read_text() == "hello\n"


def test_a_run_without_a_repository_is_resumed_too(runs: Runs) -> None:
    first = runs.start(repo=None)
    first.prepare()
    write_files(first.work, {"report.md": "so far\n"})
    saved = first.workspace.save((), DATA, user=None)
    second, _ = resumed(runs, saved, repo=None)
    assert (second.work / "report.md").read_text() == "so far\n"


def test_a_run_that_changed_nothing_is_resumed_with_its_conversation(runs: Runs) -> None:
    first = runs.start()
    first.prepare()
    write_files(first.folders.home, {".claude.json": "{}"})
    saved = first.workspace.save(STATE, DATA, user=None)
    second, data = resumed(runs, saved)
    assert data["cli_session_id"] == "abc"
    assert (second.folders.home / ".claude.json").exists()
    assert git(second.work, "status", "--porcelain") == ""


def test_a_conversation_that_is_too_large_is_left_out_with_its_id(runs: Runs) -> None:
    limits = WorkspaceLimits(max_checkpoint_bytes=20_000)
    run = begun(runs, limits=limits)
    (run.folders.home / ".claude.json").write_bytes(os.urandom(30_000))
    saved = run.workspace.save(STATE, DATA, user=None)
    assert saved.data["cli_session_id"] is None
    second, data = resumed(runs, saved, limits=limits)
    assert data["cli_session_id"] is None
    assert (second.work / "untracked.txt").exists()
    assert list(second.folders.home.iterdir()) == []


def test_work_that_is_too_large_is_reported_without_an_archive(runs: Runs) -> None:
    run = begun(runs, limits=WorkspaceLimits(max_checkpoint_bytes=20_000))
    (run.work / "noise").write_bytes(os.urandom(30_000))
    saved = run.workspace.save(STATE, DATA, user=None)
    assert (saved.archive, saved.sha256, saved.size) == (None, None, 0)
    assert saved.data["cli_session_id"] is None
    assert saved.data["turn"] == 2


def test_a_checkpoint_that_fails_leaves_the_one_before(runs: Runs) -> None:
    run = begun(runs, limits=WorkspaceLimits(max_checkpoint_bytes=20_000))
    first = run.workspace.save(STATE, DATA, user=None)
    assert first.archive is not None
    before = first.archive.read_bytes()
    (run.work / "noise").write_bytes(os.urandom(30_000))
    run.workspace.save(STATE, DATA, user=None)
    assert first.archive.read_bytes() == before
    assert not list(run.folders.root.glob("*.part"))


def test_links_in_the_agents_home_lead_nowhere(
    runs: Runs, open_folder: Path, user: AgentUser | None
) -> None:
    secret = open_folder / "secret"
    secret.mkdir(mode=0o700)
    (secret / "key").write_text("of the supervisor")
    run = begun(runs, user)
    home = run.folders.home
    (home / ".claude" / "projects" / "link").symlink_to(secret / "key")
    (home / ".claude" / "projects" / "folder").symlink_to(secret)
    os.mkfifo(home / ".claude" / "projects" / "pipe")
    saved = run.workspace.save(STATE, DATA, user=user)
    assert saved.archive is not None
    with tarfile.open(saved.archive) as archive:
        members = archive.getmembers()
    assert all(member.isreg() for member in members)
    assert {member.name for member in members} == {
        "checkpoint.json",
        "work.bundle",
        "home/.claude/projects/x/abc.jsonl",
        "home/.claude.json",
    }


def test_the_agents_home_is_read_with_the_agents_rights(runs: Runs, open_folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    agent = AgentUser(uid=61_999, gid=61_999)
    secret = open_folder / "secret"
    (secret / "projects").mkdir(parents=True)
    (secret / "projects" / "key").write_text("of the supervisor")
    secret.chmod(0o700)
    run = begun(runs, agent)
    shutil.rmtree(run.folders.home / ".claude")
    (run.folders.home / ".claude").symlink_to(secret)
    saved = run.workspace.save(STATE, DATA, user=agent)
    assert saved.archive is not None
    with tarfile.open(saved.archive) as archive:
        assert "home/.claude/projects/key" not in archive.getnames()


def archive_of(folder: Path, *members: tarfile.TarInfo, data: str | None = None) -> Path:
    path = folder / "hostile.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
        content = (data or json.dumps(DATA | {"base": "0" * 40})).encode()
        told = tarfile.TarInfo("checkpoint.json")
        told.size = len(content)
        archive.addfile(told, io.BytesIO(content))
    return path


def member(name: str, **fields: Any) -> tarfile.TarInfo:
    it = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(it, field, value)
    return it


@pytest.mark.parametrize(
    "hostile",
    [
        [member("../../escaped", size=1)],
        [member(ABSOLUTE, size=1)],
        [member("home/link", type=tarfile.SYMTYPE, linkname="/etc"), member("home/link/x", size=1)],
        [member("home/hard", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
        [member("home/device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        [member("home/bomb", size=2_000_000)],
        [member("work.bundle", size=100)],
        [],
    ],
    ids=["parent", "absolute", "symlink", "hardlink", "device", "bomb", "garbage bundle", "base"],
)
def test_an_archive_that_is_none_of_ours_starts_the_run_afresh(
    runs: Runs, open_folder: Path, hostile: list[tarfile.TarInfo]
) -> None:
    run = runs.start(limits=WorkspaceLimits(max_checkpoint_bytes=100_000))
    assert run.prepare(archive_of(open_folder, *hostile)) is None
    assert "checkpoint_unusable" in run.log.getvalue()
    assert git(run.work, "status", "--porcelain") == ""
    assert (run.work / "README.md").exists()
    assert list(run.folders.home.iterdir()) == []
    assert not (run.folders.root.parent / "escaped").exists()
    assert not Path(ABSOLUTE).exists()


def test_a_cut_archive_starts_the_run_afresh(runs: Runs, open_folder: Path) -> None:
    saved = begun(runs).workspace.save(STATE, DATA, user=None)
    assert saved.archive is not None
    whole = saved.archive.read_bytes()
    cut = open_folder / "cut.tar.gz"
    for length in (0, 10, len(whole) // 2, len(whole) - 20):
        cut.write_bytes(whole[:length])
        run = runs.start()
        assert run.prepare(cut) is None, length
        assert (run.work / "README.md").read_text() == "hello\n"


def test_a_base_that_is_gone_starts_the_run_afresh(runs: Runs, host: GitHost) -> None:
    saved = begun(runs).workspace.save(STATE, DATA, user=None)
    shutil.rmtree(host.path(SLUG))
    host.create(SLUG, {"README.md": "another history\n"})
    run, data = resumed(runs, saved)
    assert data is None
    assert (run.work / "README.md").read_text() == "another history\n"
    work = run.workspace.collect(user=None)
    assert work.files == ()
