"""Runs' workspaces on a Git host of the test's own."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.domain.run import RepositoryRequest
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.process.isolation import AgentUser, hand_over
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.repository import (
    RepositoryAccess,
    RunWorkspace,
    WorkspaceLimits,
    WorkspaceOptions,
)
from tests.support.git_server import SEARCH_PATH, GitHost, running_git_host

TOKEN = "ghs_TokenOfTheSupervisorOnly0123456789"
SLUG = "octo/app"
TASK = "task_1"
BRANCH = f"aiwebhook/{TASK}"


@dataclass
class Run:
    """One run, its agent played by the test."""

    folders: Workspace
    workspace: RunWorkspace
    user: AgentUser | None
    log: io.StringIO

    @property
    def work(self) -> Path:
        return self.folders.work

    def prepare(self, archive: Path | None = None) -> Any:
        found = self.workspace.prepare(archive)
        hand_over(
            self.folders.root,
            (self.folders.work, self.folders.home, self.folders.tmp),
            self.user,
        )
        return found


@dataclass
class Runs:
    """Starts runs, and cleans up after them."""

    base: Path
    host: GitHost
    started: list[Workspace] = field(default_factory=list[Workspace])

    def start(
        self,
        repo: str | None = SLUG,
        ref: str = "",
        pr: str = "none",
        *,
        token: str = TOKEN,
        allow_local: bool = True,
        limits: WorkspaceLimits | None = None,
        search_path: str = SEARCH_PATH,
        user: AgentUser | None = None,
        aside: tuple[str, ...] = (),
        task_id: str = TASK,
    ) -> Run:
        folders = Workspace.create(self.base)
        self.started.append(folders)
        access = RepositoryAccess(token=token, api_url=self.host.api_url, allow_local=allow_local)
        log = io.StringIO()
        workspace = RunWorkspace(
            folders,
            task_id=task_id,
            request=RepositoryRequest(repo=repo, ref=ref, pr=pr) if repo else None,
            options=WorkspaceOptions(
                access=access,
                search_path=search_path,
                limits=limits or WorkspaceLimits(),
                aside=aside,
            ),
            log=JsonLog(service="runner", stream=log),
        )
        return Run(folders=folders, workspace=workspace, user=user, log=log)


@pytest.fixture
def host(open_folder: Path) -> Iterator[GitHost]:
    folder = open_folder / "host"
    folder.mkdir()
    with running_git_host(folder, token=TOKEN) as running:
        running.create(SLUG, {"README.md": "hello\n", "src/main.py": "print(1)\n"})
        yield running


@pytest.fixture
def runs(open_folder: Path, host: GitHost) -> Iterator[Runs]:
    it = Runs(base=open_folder / "runs", host=host)
    yield it
    for folders in it.started:
        folders.remove()


ROOT = os.geteuid() == 0


@pytest.fixture(
    params=[
        pytest.param("same user", marks=pytest.mark.slow if ROOT else ()),
        pytest.param("another user"),
    ]
)
def user(request: pytest.FixtureRequest) -> AgentUser | None:
    """Whom the agent runs as. `make test` takes the stricter one that it can."""
    if request.param == "same user":
        return None
    if not ROOT:
        pytest.skip("only root can start a process as another user")
    return AgentUser(uid=61_999, gid=61_999)
