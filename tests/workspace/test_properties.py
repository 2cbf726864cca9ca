"""Whatever an agent does to its files, a checkpoint and a patch both reproduce it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.domain.run import RepositoryRequest
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.repository import RepositoryAccess, RunWorkspace, WorkspaceOptions
from tests.support.git_server import SEARCH_PATH, git, write_files

pytestmark = pytest.mark.req("T4", "T7")

Tree = dict[bytes, tuple[str, bytes]]

BASE = {
    "README.md": "hello\n",
    "src/a.py": "print(1)\n" * 30,
    "src/b.py": "print(2)\n",
    "docs/ünïcode name.md": "ä\n",
}
NAMES = st.sampled_from(["README.md", "src", "src/a.py", "src/b.py", "docs", "x", "x/y", "x/y/z"])
ODD = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",)),
    min_size=1,
    max_size=12,
).filter(lambda name: not name.startswith(".") and "git" not in name.lower())
PATHS = st.one_of(NAMES, ODD, ODD.map(lambda name: f"src/{name}"))
CONTENTS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"", b"no newline", b"crlf\r\nmixed\n", b"\0binary\xff", b"same\n" * 200]),
)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), PATHS, CONTENTS),
        st.tuples(st.just("delete"), PATHS, st.none()),
        st.tuples(st.just("rename"), PATHS, PATHS),
        st.tuples(st.just("executable"), PATHS, st.none()),
        st.tuples(st.just("link"), PATHS, st.sampled_from(["README.md", "../..", "nowhere"])),
        st.tuples(st.just("folder"), PATHS, st.none()),
        st.tuples(st.just("commit"), st.none(), st.none()),
        st.tuples(st.just("stage"), st.none(), st.none()),
    ),
    max_size=12,
)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def edit(work: Path, kind: str, name: str | None, value: object) -> None:
    """One edit; one that makes no sense on these files is passed over, as the agent would."""
    if name is None:
        git(work, "add", "-A")
        if kind == "commit":
            git(work, "commit", "-qm", "step", "--allow-empty")
        return
    path = work / name
    if not any(parent.is_symlink() for parent in path.parents):
        with contextlib.suppress(OSError):
            edit_file(work, path, kind, value)


def edit_file(work: Path, path: Path, kind: str, value: object) -> None:
    match kind, value:
        case "write", bytes():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(value)
        case "delete", _:
            remove(path)
        case "rename", str():
            (work / value).parent.mkdir(parents=True, exist_ok=True)
            path.rename(work / value)
        case "executable", _:
            path.chmod(0o755)
        case "link", str():
            path.symlink_to(value)
        case _:
            path.mkdir(parents=True)


def tree(work: Path) -> Tree:
    """All but .git and empty folders, which git does not know."""
    found: Tree = {}
    for path in work.rglob("*"):
        name = os.fsencode(path.relative_to(work))
        if name.startswith(b".git/"):
            continue
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()))
        elif path.is_file():
            executable = path.stat().st_mode & 0o100
            found[name] = ("executable" if executable else "file", path.read_bytes())
    return found


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="aiwebhook-test-"))
    source = path / "source"
    source.mkdir()
    git(source, "init", "-q", "-b", "main")
    write_files(source, BASE)
    git(source, "add", "-A")
    git(source, "commit", "-qm", "base")
    yield path
    shutil.rmtree(path)


def start(folder: Path, archive: Path | None = None) -> tuple[Workspace, RunWorkspace]:
    folders = Workspace.create(folder / "runs")
    run = RunWorkspace(
        folders,
        task_id="task_1",
        request=RepositoryRequest(repo=f"file://{folder / 'source'}"),
        options=WorkspaceOptions(
            access=RepositoryAccess(allow_local=True), search_path=SEARCH_PATH
        ),
        log=JsonLog(service="runner", stream=io.StringIO()),
    )
    resumed = run.prepare(archive)
    assert (resumed is None) == (archive is None)
    return folders, run


@settings(max_examples=15, deadline=None, derandomize=True)
@given(edits=EDITS)
def test_checkpoint_and_patch_reproduce_every_edit(
    folder: Path, edits: list[tuple[str, str | None, object]]
) -> None:
    folders, run = start(folder)
    for kind, name, value in edits:
        edit(folders.work, kind, name, value)
    expected = tree(folders.work)
    saved = run.save((), {}, user=None)
    again, _ = start(folder, saved.archive)
    assert tree(again.work) == expected
    work = run.collect(user=None)
    patched, _ = start(folder)
    if work.patch is not None:
        git(patched.work, "apply", "--binary", "--whitespace=nowarn", str(work.patch))
    assert tree(patched.work) == expected
    assert bool(work.files) == (work.patch is not None)
    for used in (folders, again, patched):
        used.remove()
