"""A change of a folder happens wholly or not at all: kill -9 and a full disk at every call, and
what must be on the disk before something counts, for the day the power goes.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.errors import Unavailable
from tests.support.content_store import ContentDriver, Json, open_folder

pytestmark = pytest.mark.req("S6", "T2")
CALLS = ("write", "fsync", "replace", "unlink", "mkdir", "ftruncate")
BATCH: list[Json] = [
    {"command": "append_conversation", "data": {"content": "new words", "chunk_id": "new"}},
    {"command": "store_memory", "data": {"type": "idea", "content": "new", "key": "old"}},
    {"command": "add_artifact", "data": {"name": "n.txt", "type": "t", "content": "new"}},
    {"command": "create_session", "session_id": "other", "data": {"title": "Other"}},
]
ITEMS = [{"session_id": "s", **item} for item in BATCH]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder with a session in it."""
    driver = open_folder(tmp_path / "before")
    driver.send("create_session", "s", {"title": "Before"})
    driver.send("append_conversation", "s", {"content": "old words", "chunk_id": "old"})
    driver.send("store_memory", "s", {"type": "idea", "content": "old", "key": "old"})
    close(driver)
    return tmp_path / "before"


def close(driver: ContentDriver) -> None:
    for each in driver.opened:
        each.close()


def change(driver: ContentDriver) -> None:
    driver.send("batch", None, {"commands": ITEMS, "atomic": True})


def refusal_of(driver: ContentDriver) -> Unavailable | None:
    try:
        change(driver)
    except Unavailable as refusal:
        return refusal
    return None


def delete(driver: ContentDriver) -> None:
    driver.send("delete_session", "s")


def held(driver: ContentDriver) -> Json | None:
    """What there is of the session, without times and ids that were made."""
    sessions = driver.send("list_sessions").data["sessions"]
    if not any(each["session_id"] == "s" for each in sessions):
        return {"sessions": len(sessions), "events": driver.events("s")}
    chunks = driver.send("get_conversation", "s", {"order": "oldest"}).data["chunks"]
    memories = driver.send("list_memories", "s").data["memories"]
    folder = driver.folder
    assert folder is not None
    return {
        "sessions": len(sessions),
        "chunks": [chunk["content"] for chunk in chunks],
        "memories": [(memory["content"], memory["version"]) for memory in memories],
        "artifacts": [a["name"] for a in driver.send("list_artifacts").data["artifacts"]],
        "events": driver.events("s"),
        "said": (folder / "s/conversation/full_transcript.txt").read_text(),
    }


def held_in(folder: Path) -> Json | None:
    driver = open_folder(folder)
    try:
        return held(driver)
    finally:
        close(driver)


def interrupt_at(place: int, then: Callable[[], None]) -> None:
    """The `place`th call that changes the disk does not happen."""
    left = iter(range(place))

    def interrupted(call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*given: Any, **named: Any) -> Any:
            if next(left, None) is None:
                then()
            return call(*given, **named)

        return instead

    for name in CALLS:
        setattr(os, name, interrupted(getattr(os, name)))


@pytest.mark.timeout(400)  # some hundred copies of a folder, and a process for each
@pytest.mark.parametrize("work", [change, delete])
def test_kill_at_any_call_leaves_all_or_nothing(
    before: Path, tmp_path: Path, work: Callable[[ContentDriver], None]
) -> None:
    untouched = held_in(shutil.copytree(before, tmp_path / "untouched"))
    changed = shutil.copytree(before, tmp_path / "changed")
    driver = open_folder(changed)
    work(driver)
    close(driver)
    done = held_in(changed)
    assert done != untouched
    outcomes: list[bool] = []
    for place in range(1_000):
        folder = shutil.copytree(before, tmp_path / f"killed-{place}")
        child = os.fork()
        if child == 0:
            interrupt_at(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
            work(open_folder(folder))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        found = held_in(folder)
        assert found in (untouched, done), place
        outcomes.append(found == done)
        driver = open_folder(folder)
        driver.send("create_session", "afterwards")
        driver.send("append_conversation", "afterwards", {"content": "it goes on"})
        close(driver)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
    # From one call on the change has happened, and never before.
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {False, True}
    assert len(outcomes) > 20


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """`os`, to be broken."""
    with monkeypatch.context() as patch:
        yield patch


def test_a_full_disk_changes_nothing_and_is_said(
    before: Path, tmp_path: Path, disk: pytest.MonkeyPatch
) -> None:
    untouched = held_in(shutil.copytree(before, tmp_path / "untouched"))
    write = os.write
    refusals = 0
    for place in range(100):
        folder = shutil.copytree(before, tmp_path / f"full-{place}")
        driver = open_folder(folder)
        left = iter(range(place))

        def full(file: int, content: bytes, left: Iterator[int] = left) -> int:
            if next(left, None) is None:
                write(file, bytes(content)[: len(content) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(file, content)

        disk.setattr(os, "write", full)
        refusal = refusal_of(driver)
        disk.setattr(os, "write", write)
        if refusal is None:
            break
        refusals += 1
        assert refusal.code == "folder_unavailable"
        assert "No space left" in refusal.detail
        assert held(driver) == untouched, place
        change(driver)
        assert len(driver.events("s")) == 6
        close(driver)
    assert refusals > 5


class Disk:
    """Watches which bytes and names a power loss would take."""

    def __init__(self) -> None:
        self.unsafe_bytes: set[str] = set()
        self.unsafe_names: set[str] = set()
        self.journals = 0

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        write, fsync, replace, unlink = os.write, os.fsync, os.replace, os.unlink

        def path_of(handle: int, name: str = "") -> str:
            folder = str(Path(f"/proc/self/fd/{handle}").readlink())
            return f"{folder}/{name}" if name else folder

        def watched_write(file: int, content: bytes) -> int:
            self.unsafe_bytes.add(path_of(file))
            return write(file, content)

        def watched_fsync(file: int) -> None:
            fsync(file)
            path = path_of(file)
            self.unsafe_bytes.discard(path)
            self.unsafe_names = {n for n in self.unsafe_names if str(Path(n).parent) != path}

        def watched_replace(old: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
            if new == "journal.json":
                self.journals += 1
                assert self.unsafe_bytes == set(), "the journal counts too early"
            replace(old, new, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
            self.unsafe_names.add(path_of(dst_dir_fd, new))

        def watched_unlink(name: str, *, dir_fd: int) -> None:
            if name == "journal.json" and "staged" not in path_of(dir_fd):
                assert self.unsafe_names == set(), "the journal goes before names are there"
            unlink(name, dir_fd=dir_fd)

        patch.setattr(os, "write", watched_write)
        patch.setattr(os, "fsync", watched_fsync)
        patch.setattr(os, "replace", watched_replace)
        patch.setattr(os, "unlink", watched_unlink)


def test_nothing_counts_before_it_is_on_the_disk(before: Path, disk: pytest.MonkeyPatch) -> None:
    driver = open_folder(before)
    watched = Disk()
    watched.watch(disk)
    change(driver)
    delete(driver)
    disk.undo()
    assert watched.journals == 2
    assert watched.unsafe_bytes == set()
    close(driver)
