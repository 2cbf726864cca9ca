"""Root's stack with everything below a folder closed to others, as a clone in /root."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiwebhook_local.home import Home, Project
from aiwebhook_local.stack import SOURCE_ROOT, StackOptions, running_stack
from aiwebhook_runner.process import landlock
from aiwebhook_runner.process.isolation import FIRST_UID
from tests.agents.lab import PROGRAMS, Lab, leader, run_folder
from tests.agents.matrix import Situation
from tests.support.tenant import tenant

pytestmark = [
    pytest.mark.agents,
    pytest.mark.req("T4"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not landlock.can_fence_files(),
        reason="only root becomes another user, who needs Landlock there",
    ),
]
WORKS = Situation(name="works", scenario="tool_then_pause", changes_file=True)
"""The pause leaves time to look at its process."""


@pytest.fixture(scope="module")
def closed_lab(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Beside the lab's stack, whose provider it shares."""
    root = tmp_path_factory.mktemp("root")
    root.chmod(0o700)
    project = Project(root=clone_in(root))
    options = StackOptions(project=project, home=Home(root=root / "clone" / ".local"), port=0)
    with running_stack(options=options) as stack:
        yield Lab(stack=stack, provider=lab.provider, folder=lab.folder)
    assert root.stat().st_mode & 0o777 == 0o700
    assert not stack.home.tasks.exists()


def clone_in(folder: Path) -> Path:
    """This source tree as links, with CLIs that were installed there."""
    clone = folder / "clone"
    clone.mkdir()
    for name in ("functions", "layers", "runner", "agents", "infra"):
        (clone / name).symlink_to(SOURCE_ROOT / name)
    installed = clone / ".build" / "agents"
    shutil.copytree(
        SOURCE_ROOT / ".build" / "agents", installed, symlinks=True, copy_function=_link
    )
    # Of all programs only this one's start names the folder that it was installed in.
    start = (installed / "bin" / "gemini").resolve()
    text = start.read_text()
    start.unlink()
    start.write_text(re.sub(r"/\S+/\.build/agents/", f"{installed}/", text))
    start.chmod(0o755)
    return clone


def _link(source: str, target: str) -> None:
    """Three hundred megabytes are copied only where they must be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.parametrize("agent", sorted(PROGRAMS))
def test_a_cli_in_a_closed_folder_works_as_a_user_of_its_own(closed_lab: Lab, agent: str) -> None:
    """It asks its model, edits, commits, and comes home."""
    with tenant(closed_lab.stack) as project:
        session = project.session()
        task = closed_lab.delegate(project, session, agent, WORKS)
        folder = run_folder(task)
        uid = leader(task, agent).uids().real
        played = closed_lab.see_end(project, session, task, folder, WORKS.timeout_s)

    assert uid >= FIRST_UID
    assert played.task["status"] == "completed", played.task
    assert played.task["output"]["workspace"]["files"] == 1
    assert not played.left
    logs = closed_lab.stack.home.logs.glob("task-*.log")
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    messages = {line["message"] for line in lines if line.get("task_id") == task}
    assert "agent_user_fenced" in messages
