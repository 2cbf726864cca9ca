"""Agents of every kind without a model that try to reach what is not theirs: as a user of their
own under root, and as the supervisor's own user on a laptop. Those on a model: tests/runner/cli."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.process import landlock
from aiwebhook_runner.process.isolation import FIRST_UID, reachable_by_others
from tests.runner.conftest import RunnerProcess
from tests.runner.fake_runs_api import FakeRunsApi
from tests.support.hostile import (
    LAPTOP_USER,
    PYTHON_PATH,
    SYSTEM_PYTHON,
    hostile,
    needs_open_clone,
    program_of,
    reached,
)
from tests.support.source_tree import ROOT

pytestmark = [
    pytest.mark.req("T4"),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not reachable_by_others(SYSTEM_PYTHON),
        reason="only root becomes another user, who needs a Python that all may run",
    ),
]
needs_landlock = pytest.mark.skipif(not landlock.can_fence_files(), reason="needs Landlock")
BUT_FILES = """
attempt("notes", lambda: read("CLOSED/notes"))
attempt("venv", lambda: write("CLOSED/venv/pyvenv.cfg"))
for disk in glob.glob("/dev/vd*") + glob.glob("/dev/sd*"):
    attempt(disk, lambda: read(disk))
attempt("memory of the kernel", lambda: read("/proc/kcore"))
print(json.dumps({"type": "result", "output": {"uid": uid, "done": done}}))
"""
BY_PROTOCOL = """
print(json.dumps({"type": "result", "output": {"uid": uid, "done": done}}))
"""


@pytest.fixture
def runner(api: FakeRunsApi, open_folder: Path) -> Iterator[RunnerProcess]:
    """With a Python that agents' users may run, as the runner's image has one."""
    process = RunnerProcess(api, open_folder)
    process.python = str(SYSTEM_PYTHON)
    yield process
    process.close()


def succeeded(api: FakeRunsApi) -> tuple[int, dict[str, str]]:
    """The agent's user, and what it reached."""
    assert api.count("complete") == 1, api.bodies("fail")
    output = api.bodies("complete")[0]["output"]
    return output["uid"], reached(output["done"])


def agent_of(kind: str, source: str, folder: Path) -> dict[str, Any]:
    """A manifest under which `source` runs."""
    if kind == "command":
        return {"command": [str(SYSTEM_PYTHON), "-c", source]}
    packages = folder / "packages"
    shutil.copytree(ROOT / "runner" / "aiwebhook_runner", packages / "aiwebhook_runner")
    shutil.copytree(ROOT / "agents" / "aiwebhook_agents", packages / "aiwebhook_agents")
    module = packages / "aiwebhook_agents" / "researcher.py"
    module.write_text(source)
    return {"kind": kind, "command": [], "entrypoint": "aiwebhook_agents.researcher"}


def python_path(folder: Path) -> str:
    """A tree whose built-in agent is hostile stands in front, if there is one."""
    return os.pathsep.join((str(folder / "packages"), PYTHON_PATH))


@pytest.mark.parametrize("kind", ["command", "python"])
def test_an_agent_under_root_is_another_user_and_reaches_nothing(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path, kind: str
) -> None:
    source = hostile(open_folder, other=os.getpid()) + BY_PROTOCOL
    runner.agent("", agent=agent_of(kind, source, open_folder))

    assert runner.start(PYTHONPATH=python_path(open_folder)).exit_code() == RunExitCode.RECORDED

    uid, got = succeeded(api)
    assert uid >= FIRST_UID
    assert got == {}


@needs_landlock
def test_a_built_in_agent_is_another_user_also_where_all_it_needs_is_closed_to_others(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    """A clone and its Python below /root."""
    closed = open_folder / "root"
    closed.mkdir(mode=0o700)
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", closed / "venv"], check=True)
    runner.python = str(closed / "venv" / "bin" / "python")
    runner.work_dir = closed / "runs"
    (closed / "notes").write_text("for everybody who comes as far as this")
    source = hostile(open_folder, other=os.getpid()) + BUT_FILES
    runner.agent("", agent=agent_of("python", source.replace("CLOSED", str(closed)), closed))

    assert runner.start(PYTHONPATH=python_path(closed)).exit_code() == RunExitCode.RECORDED

    uid, got = succeeded(api)
    assert uid >= FIRST_UID
    assert got == {}


@needs_open_clone
@pytest.mark.parametrize("kind", ["command", "python"])
def test_an_agent_on_a_laptop_reaches_no_process_of_the_same_user(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path, kind: str
) -> None:
    """Nobody can become anybody else there; its own files the user can read."""
    runner.user = LAPTOP_USER
    with program_of(LAPTOP_USER, SECRET="in the shell") as other:
        source = hostile(open_folder, other=other, owner=LAPTOP_USER) + BY_PROTOCOL
        runner.agent("", agent=agent_of(kind, source, open_folder))

        runner.start(PYTHONPATH=python_path(open_folder), GITHUB_TOKEN="a-token")
        assert runner.exit_code() == RunExitCode.RECORDED

    uid, got = succeeded(api)
    assert uid == LAPTOP_USER
    assert got == {"given": "the stack's"}


@needs_open_clone
def test_a_path_through_folders_that_are_closed_to_us_stops_no_run(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    """An ordinary user whose PATH was inherited from root."""
    closed = open_folder / "root"
    (closed / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    runner.user = LAPTOP_USER
    source = 'print(\'{"type": "result", "output": {}}\')'
    runner.agent("", agent={"command": ["python3", "-c", source, str(closed / "bin" / "file")]})

    path = f"{closed / 'bin'}{os.pathsep}{os.defpath}"
    assert runner.start(PATH=path, PYTHONPATH=PYTHON_PATH).exit_code() == RunExitCode.RECORDED

    assert api.count("complete") == 1


def test_a_command_is_found_where_its_user_may_run_it(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    """A developer's PATH begins in folders that are closed to others."""
    closed = open_folder / "root"
    closed.mkdir(mode=0o700)
    (closed / "python3").symlink_to(SYSTEM_PYTHON)
    source = 'import os; print(\'{"type": "result", "output": {"uid": %d}}\' % os.getuid())'
    runner.agent("", agent={"command": ["python3", "-c", source]})

    path = f"{closed}{os.pathsep}{os.defpath}"
    assert runner.start(PATH=path, PYTHONPATH=PYTHON_PATH).exit_code() == RunExitCode.RECORDED

    assert api.bodies("complete")[0]["output"]["uid"] >= FIRST_UID


@needs_landlock
def test_a_command_below_a_closed_folder_is_another_user_and_reads_nothing_else_there(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    """A program and all the stack's folders below /root."""
    closed = open_folder / "root"
    (closed / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    (closed / "notes").write_text("for everybody who comes as far as this")
    (closed / "venv").mkdir()
    runner.work_dir = closed / "runs"
    source = hostile(open_folder, other=os.getpid()) + BUT_FILES
    program = closed / "bin" / "agent"
    program.write_text(f"#!{SYSTEM_PYTHON}\n{source.replace('CLOSED', str(closed))}")
    program.chmod(0o755)
    runner.agent("", agent={"command": [str(program)]})

    assert runner.start(PYTHONPATH=PYTHON_PATH).exit_code() == RunExitCode.RECORDED

    uid, got = succeeded(api)
    assert uid >= FIRST_UID
    assert got == {}


@needs_landlock
def test_a_command_that_misses_a_file_behind_the_fence_says_where_to_put_it(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    """Python finds the module beside the program, but may not read it."""
    closed = open_folder / "root"
    closed.mkdir(mode=0o700)
    (closed / "helper.py").touch()
    (closed / "agent.py").write_text("import helper")
    runner.agent("", agent={"command": [str(SYSTEM_PYTHON), str(closed / "agent.py")]})

    assert runner.start(PYTHONPATH=PYTHON_PATH).exit_code() == RunExitCode.RECORDED

    [failure] = api.bodies("fail")
    assert failure["exit_code"] == 1
    assert "where every user may go" in failure["remedy"]


def test_what_a_command_leaves_beside_its_workspace_is_removed(
    runner: RunnerProcess, api: FakeRunsApi, open_folder: Path
) -> None:
    left = Path("/var/tmp", f"left-by-{open_folder.name}")  # noqa: S108 - where all may write
    result = """echo '{"type": "result", "output": {}}'"""
    runner.agent("", agent={"command": ["sh", "-c", f"mkdir {left} && {result}"]})

    assert runner.start(PYTHONPATH=PYTHON_PATH).exit_code() == RunExitCode.RECORDED

    assert api.count("complete") == 1
    assert not left.exists()
