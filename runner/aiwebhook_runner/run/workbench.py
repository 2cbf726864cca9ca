"""The folders where an agent on a model works: prepared, saved now and then, collected."""

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aiwebhook.client.contents import download, put
from aiwebhook.errors import LeaseLost, Unavailable
from aiwebhook_runner.adapters import Adapter, AgentCannotStart
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.lease.retry import GaveUp, RequestRefused
from aiwebhook_runner.model.model_door import ModelDoor
from aiwebhook_runner.output.cli_output import RunStory
from aiwebhook_runner.output.redaction import Redactor
from aiwebhook_runner.process.agent_process import AgentProcess
from aiwebhook_runner.process.isolation import AgentUser, remove_left_by
from aiwebhook_runner.process.resource_limits import ResourceLimits
from aiwebhook_runner.repository import (
    RepositoryAccess,
    RunWorkspace,
    Saved,
    WorkspaceFailed,
    WorkspaceOptions,
)
from aiwebhook_runner.run.agent_user import take_user
from aiwebhook_runner.run.run_scope import RunScope

if TYPE_CHECKING:
    from aiwebhook_runner.repository.work import Published, Work

DRAIN_RESERVE_S = 2.0
"""Part of the drain, for the last events and the release."""


class Workbench:
    """One per run. `state_paths` hold the CLI's conversation (below HOME); `hostile_paths` are what
    the CLI would obey or execute in a repository.
    """

    def __init__(
        self,
        scope: RunScope,
        *,
        program: str,
        state_paths: tuple[str, ...],
        hostile_paths: tuple[str, ...] = (),
    ) -> None:
        self._scope = scope
        self._program = program
        self._state_paths = state_paths
        self._hostile_paths = hostile_paths
        self._repository = RunWorkspace(
            scope.workspace,
            task_id=scope.run.task_id,
            request=scope.run.repository,
            options=WorkspaceOptions(
                access=RepositoryAccess.from_env(scope.settings.agent_environment),
                search_path=scope.settings.path,
                aside=hostile_paths,
                called_off=lambda: scope.stop_requested() is not None,
            ),
            log=scope.log,
        )
        self._ready = False
        self.user: AgentUser | None = None

    def prepare(self) -> JsonObject | None:
        """Clone, or restore what an earlier attempt saved (returns its data); then the agent's user
        owns it. Raises WorkspaceFailed; and GaveUp when we were told to stop.
        """
        restored = self._repository.prepare(self._download())
        servers = self._scope.run.agent.mcp_servers.values()
        commands = ((self._program,), *(server.command for server in servers))
        try:
            self.user = take_user(self._scope, commands, visited=True)
        except AgentCannotStart as exc:
            raise WorkspaceFailed(exc.error_class, str(exc), remedy=exc.remedy) from exc
        self._ready = True
        return restored

    def save_while(self, process: AgentProcess, data: Callable[[], JsonObject]) -> None:
        """Save a checkpoint every few minutes until the process is gone, from a
        thread of its own.
        """
        if self._state_paths:
            threading.Thread(
                target=self._save_again, args=(process.gone, data), name="checkpoint", daemon=True
            ).start()

    def save(self, data: JsonObject, *, gone: threading.Event | None = None) -> None:
        """Save one checkpoint, best effort: a run without one starts afresh. If `gone` is set
        meanwhile it is worthless: our own git was killed with the agent.
        """
        if not self._ready or not self._state_paths:
            return
        scope = self._scope
        left_s = scope.drain.deadline.left_s() - DRAIN_RESERVE_S
        if left_s <= 0:
            return
        try:
            within_s = left_s if scope.drain.leaving else None
            saved = self._repository.save(
                self._state_paths,
                data,
                user=self.user,
                within_s=within_s,
                untouched=self._hostile_paths if gone is not None else (),
            )
            if gone is None or not gone.is_set():
                self._store(saved)
                scope.log.info("checkpoint_saved", bytes=saved.size)
        except (WorkspaceFailed, RequestRefused, GaveUp, OSError) as exc:
            scope.log.warning("checkpoint_not_saved", reason=str(exc))
        except LeaseLost as exc:
            scope.keeper.report_lost(str(exc))

    def collect(self, *, holds_secret: Callable[[Path], bool]) -> "Work":
        """The work, once the agent is gone. Raises WorkspaceFailed."""
        work = self._repository.collect(user=self.user)
        return self._repository.without_secrets(work, holds=holds_secret)

    def publish(self, work: "Work", *, title: str, body: str) -> "Published":
        """Push and open a pull request, as the task's `pr` says."""
        return self._repository.publish(work, title=title, body=body)

    def set_aside(self) -> "SetAside":
        """Move hostile paths out of the CLI's way for one turn."""
        folders = self._scope.workspace
        return SetAside(folders.work, folders.root / "aside", self._hostile_paths)

    def close(self) -> None:
        """Call once the agent has ended for good."""
        if self.user is not None:
            remove_left_by(self.user)

    def _save_again(self, gone: threading.Event, data: Callable[[], JsonObject]) -> None:
        while not gone.wait(self._scope.settings.checkpoint_s):
            self.save(data(), gone=gone)

    def _store(self, saved: Saved) -> None:
        lease = self._scope.lease
        archive, digest = saved.archive, saved.sha256
        if archive is not None and digest is not None:

            def upload() -> None:
                size = saved.size
                put(lease.request_upload(sha256=digest, size=size, purpose="checkpoint"), archive)

            self._scope.until_stop_requested(upload)
        self._scope.until_stop_requested(
            lambda: lease.save_checkpoint(data=saved.data, content_sha256=digest, size=saved.size)
        )

    def _download(self) -> Path | None:
        """The archive of an earlier attempt. None if there is none, or it cannot be downloaded."""
        checkpoint = self._scope.run.checkpoint
        if checkpoint is None or checkpoint.url is None:
            return None
        url, archive = checkpoint.url, self._scope.workspace.root / "restored.tar.gz"
        try:
            download(url, archive)
        except (Unavailable, OSError) as exc:
            self._scope.log.warning("checkpoint_unreadable", reason=str(exc))
            return None
        return archive


class SetAside:
    """A context in which the named entries of a folder are moved away. Afterwards they come back,
    unless something of that name was made meanwhile.
    """

    def __init__(self, folder: Path, aside: Path, names: Iterable[str]) -> None:
        self._folder = folder
        self._aside = aside
        self._names = tuple(names)

    def __enter__(self) -> None:
        for name in self._names:
            if os.path.lexists(self._folder / name):
                self._aside.mkdir(mode=0o700, exist_ok=True)
                (self._folder / name).rename(self._aside / name)

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            if os.path.lexists(self._aside / name) and not os.path.lexists(self._folder / name):
                (self._aside / name).rename(self._folder / name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What all turns of one run share."""

    scope: RunScope
    adapter: Adapter
    door: ModelDoor
    bench: Workbench
    context: JsonObject
    redact: Redactor
    spare: frozenset[int]
    story: RunStory
    limits: ResourceLimits = field(default_factory=ResourceLimits)
