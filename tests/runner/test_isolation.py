"""The agent as another user, its memory and disk."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from aiwebhook_runner.process import isolation, resource_limits
from aiwebhook_runner.process.abandoned_users import FIRST_UID, UIDS
from aiwebhook_runner.process.agent_process import AgentProcess, LaunchSpec
from aiwebhook_runner.process.isolation import AgentUser
from aiwebhook_runner.process.process_table import descendants, process_table
from aiwebhook_runner.process.resource_limits import ResourceExcess, ResourceLimits, ResourceWatch
from aiwebhook_runner.process.workspace import Workspace

as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may become another user"
)


_NUMBERS = 20


@pytest.fixture(autouse=True)
def numbers_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A range that runs of other test processes never take numbers from."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # noqa: TID251 - which of the test processes this is
    monkeypatch.setattr(isolation, "FIRST_UID", FIRST_UID + UIDS - _NUMBERS * (worker + 1))
    monkeypatch.setattr(isolation, "UIDS", _NUMBERS)


def any_user() -> AgentUser:
    return isolation.choose_user([])


def run_agent(workspace: Workspace, user: AgentUser | None, *argv: str) -> str:
    ended: SimpleQueue[int] = SimpleQueue()
    said: list[bytes] = []
    spec = LaunchSpec(
        argv=argv, environment={"PATH": os.defpath}, cwd=workspace.work, stdin=b"", user=user
    )
    # Here the supervisor is pytest itself, whose Postgres is no part of the agent.
    ours = frozenset(row.pid for row in descendants(os.getpid(), process_table()))
    process = AgentProcess(spec, on_output=said.append, on_exit=ended.put, spare=ours)
    ended.get(timeout=30)
    return b"".join(said).decode() + process.stderr_tail


@as_root
@pytest.mark.req("T4")
def test_the_agent_is_somebody_else_and_owns_only_its_folders(open_folder: Path) -> None:
    workspace = Workspace.create(open_folder)
    (workspace.work / "given.txt").write_text("given")
    secret = workspace.root / "of-the-supervisor"
    secret.write_text("lease token")
    secret.chmod(0o600)
    user = any_user()
    isolation.hand_over(workspace.root, [workspace.work, workspace.home, workspace.tmp], user)

    said = run_agent(
        workspace,
        user,
        "sh",
        "-c",
        f"id -u; echo more >> given.txt && cat given.txt; cat {secret}; ls {workspace.root};"
        f" cat /proc/{os.getpid()}/environ; kill -9 {os.getpid()};"
        " grep processes /proc/self/limits",
    )

    assert said.startswith(f"{user.uid}\n")
    assert "givenmore" in said
    assert "lease token" not in said
    assert said.count("ermission denied") + said.count("not permitted") == 4, said
    assert "4096" in said
    os.close(user.hold)


@as_root
@pytest.mark.req("T4")
def test_two_runs_never_share_a_user_and_a_number_comes_back() -> None:
    first, second = any_user(), any_user()
    assert first.uid != second.uid
    os.close(first.hold)
    third = any_user()
    assert third.uid == first.uid
    for user in (second, third):
        os.close(user.hold)


@as_root
@pytest.mark.req("T4")
def test_supervisors_with_temporary_folders_of_their_own_share_no_user_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = any_user()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    second = any_user()
    assert first.uid != second.uid
    for user in (first, second):
        os.close(user.hold)


@as_root
@pytest.mark.req("T4")
def test_nothing_that_an_agent_left_in_shared_folders_waits_for_the_next_one(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = open_folder / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "ours").touch()
    monkeypatch.setattr(isolation, "SHARED_FOLDERS", (shared, open_folder / "not-there"))
    user = any_user()
    with isolation.acting_as(user):
        (shared / "left" / "closed").mkdir(parents=True)
        (shared / "left" / "closed" / "file").touch()
        (shared / "left" / "closed").chmod(0o500)
        (shared / "link").symlink_to(open_folder)
        (shared / "file").touch()

    os.close(user.hold)  # as when the supervisor is killed
    following = any_user()
    found = sorted(path.name for path in shared.iterdir())
    with isolation.acting_as(following):
        (shared / "again").touch()
    isolation.remove_left_by(following)
    os.close(following.hold)

    assert following.uid == user.uid
    assert found == ["ours"]
    assert [path.name for path in shared.iterdir()] == ["ours"]


@as_root
@pytest.mark.req("T4")
def test_what_another_user_cannot_reach_is_read_behind_a_fence_or_refused(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = open_folder / "private" / "program"
    program.parent.mkdir(mode=0o700)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr("aiwebhook_runner.process.landlock.can_fence_files", lambda: True)
    fenced = isolation.choose_user([program], reach=(program,))
    assert fenced.reach == (program,)
    os.close(fenced.hold)
    monkeypatch.setattr("aiwebhook_runner.process.landlock.can_fence_files", lambda: False)
    with pytest.raises(isolation.OutOfReach, match=r"The agents' user cannot reach /.*/program"):
        isolation.choose_user([program], reach=(program,))
    program.parent.chmod(0o711)
    user = isolation.choose_user([program])
    assert user.reach == ()
    os.close(user.hold)


@as_root
@pytest.mark.req("T4")
def test_without_a_user_to_be_had_no_agent_runs_as_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 60_000, 60_000)
    not_there = tmp_path / "not" / "there"
    for locks, why in ((theirs, "not root's own"), (not_there, "No such file")):
        monkeypatch.setattr(isolation, "LOCKS", locks)
        with pytest.raises(isolation.NoFreeUser, match=why):
            isolation.choose_user([])
    monkeypatch.setattr(isolation, "LOCKS", tmp_path / "locks")
    monkeypatch.setattr(isolation, "UIDS", 1)
    only = any_user()
    with pytest.raises(isolation.NoFreeUser, match="taken"):
        isolation.choose_user([])
    os.close(only.hold)


@pytest.mark.req("T4")
def test_what_an_agent_needs_are_its_programs_their_interpreters_and_their_files(
    tmp_path: Path,
) -> None:
    script = tmp_path / "agent"
    script.write_text("#!/usr/bin/env sh\n")
    script.chmod(0o755)
    server = tmp_path / "server.py"
    server.touch()
    needed = isolation.needed_by(
        [("agent", "--flag"), ("sh", str(server), "/no/such/file")],
        search_path=f"{tmp_path}{os.pathsep}{os.defpath}",
        folders=[tmp_path],
    )
    shell = isolation.needed_by([("sh",)], search_path=os.defpath, folders=())
    assert set(needed) == {tmp_path, script, server, *shell}


@as_root
@pytest.mark.req("T4")
def test_acting_as_the_agent_follows_no_link_to_what_it_may_not_read(open_folder: Path) -> None:
    secret = open_folder / "secret"
    secret.write_text("ours")
    secret.chmod(0o600)
    user = any_user()
    read_elsewhere: list[str] = []
    go = threading.Event()
    other = threading.Thread(
        target=lambda: go.wait(30) and read_elsewhere.append(secret.read_text())
    )
    other.start()
    with isolation.acting_as(user):
        with pytest.raises(PermissionError):
            secret.read_text()
        go.set()
        other.join()
    assert (secret.read_text(), read_elsewhere) == ("ours", ["ours"])
    os.close(user.hold)


@as_root
@pytest.mark.req("T4")
def test_settings_are_not_written_through_a_link_that_the_agent_made(open_folder: Path) -> None:
    workspace = Workspace.create(open_folder)
    ours = open_folder / "ours"
    ours.mkdir(mode=0o700)
    user = any_user()
    isolation.hand_over(workspace.root, [workspace.home], user)
    (workspace.home / ".claude").symlink_to(ours)
    with pytest.raises(PermissionError):
        isolation.write_settings(workspace.home, {".claude/settings.json": "{}"}, user)
    isolation.write_settings(workspace.home, {".gemini/settings.json": "{}"}, user)
    written = workspace.home / ".gemini/settings.json"
    assert (list(ours.iterdir()), written.stat().st_uid) == ([], user.uid)
    os.close(user.hold)


@pytest.mark.req("T4")
def test_too_much_memory_is_reported_with_both_figures(tmp_path: Path) -> None:
    told: SimpleQueue[ResourceExcess] = SimpleQueue()
    hog = "import sys; block = b'x' * 80_000_000; print(flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", hog], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    others = frozenset(
        row.pid
        for row in resource_limits.process_table()
        if row.parent == os.getpid() and row.pid != process.pid
    )
    watch = ResourceWatch(
        ResourceLimits(memory=50_000_000),
        folders=lambda: (tmp_path,),
        spare=lambda: others,
        on_excess=told.put,
    )
    watch.start()
    excess = told.get(timeout=30)
    process.communicate()
    assert excess.what == "memory"
    assert excess.used > 80_000_000
    assert str(excess).endswith("47 MiB are allowed.")


@pytest.mark.req("T4")
def test_disk_counts_what_is_allocated_once_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(os.urandom(1_000_000))
    os.link(tmp_path / "a", tmp_path / "b")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1_000_000_000)
    assert 1_000_000 <= resource_limits.disk_used([tmp_path]) < 1_100_000


@as_root
@pytest.mark.req("T4")
def test_what_an_agent_writes_beside_its_workspace_counts_too(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = open_folder / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "ours").write_bytes(os.urandom(1_000_000))
    monkeypatch.setattr(isolation, "SHARED_FOLDERS", (shared, open_folder / "not-there"))
    user = any_user()
    with isolation.acting_as(user):
        (shared / "file").write_bytes(os.urandom(1_000_000))
        (shared / "folder").mkdir()
        (shared / "folder" / "file").write_bytes(os.urandom(1_000_000))
        (shared / "link").symlink_to(open_folder)

    used = resource_limits.disk_used(isolation.left_by(user))

    os.close(user.hold)
    assert 2_000_000 <= used < 2_100_000
