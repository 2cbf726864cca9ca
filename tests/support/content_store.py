"""Commands and reads of content, driven the same way whichever store is behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiwebhook.commands.base import CommandRequest, Reply
from aiwebhook.commands.execute import execute
from aiwebhook.commands.services import CommandServices
from aiwebhook.domain.identity import Caller, Scope
from aiwebhook.ids import new_id
from aiwebhook.json_store.blobs import JsonBlobStore
from aiwebhook.json_store.locked_folder import LockedFolder
from aiwebhook.json_store.one_key import NobodyListens, NoWaits
from aiwebhook.json_store.store_base import PROJECT_ID
from aiwebhook.json_store.whole_store import JsonStore
from aiwebhook.ports.observation import ObservationStore
from aiwebhook.usecases.granted_waits import Waits

Json = dict[str, Any]
FOLDER_URL = "http://127.0.0.1:8787"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDriver:
    """One caller of one project. `twin` gives the same store as another program has it."""

    services: CommandServices
    reads: ObservationStore
    caller: Caller
    twin: Callable[[], ContentDriver]
    folder: Path | None = None
    opened: list[LockedFolder] = field(default_factory=list[LockedFolder])

    def send(
        self,
        command: str,
        session_id: str | None = None,
        data: Json | None = None,
        *,
        key: str | None = None,
    ) -> Reply:
        """Run a command."""
        request_id = new_id("req")
        order = CommandRequest(
            caller=self.caller,
            command=command,
            session_id=session_id,
            data=data or {},
            request_id=request_id,
            correlation_id=request_id,
            idempotency_key=key,
        )
        return execute(self.services, order)

    def events(self, session_id: str, after_seq: int = 0) -> list[tuple[int | None, str]]:
        """(seq, type) of a session, in order."""
        rows = self.reads.session_events(
            project_id=self.caller.project_id, session_id=session_id, after_seq=after_seq, limit=100
        )
        return [(row.seq, row.type) for row in rows]


def open_folder(root: Path, opened: list[LockedFolder] | None = None) -> ContentDriver:
    """A folder as a server of its own has it."""
    opened = [] if opened is None else opened
    folder = LockedFolder(root)
    opened.append(folder)
    blobs = JsonBlobStore(FOLDER_URL, b"a secret for tests only")
    store = JsonStore(folder, blobs)
    return ContentDriver(
        services=CommandServices(
            store=store,
            blobs=blobs,
            waker=NobodyListens(),
            publisher=NobodyListens(),
            waits=Waits(store=NoWaits(), function="relay", max_waits=0, holds_polls=False),
        ),
        reads=store,
        caller=Caller(project_id=PROJECT_ID, key_id="key", scopes=frozenset({Scope.ADMIN})),
        twin=lambda: open_folder(root, opened),
        folder=root,
        opened=opened,
    )


def of_another_project(driver: ContentDriver) -> ContentDriver:
    """The same store, asked by a caller of a project that has nothing in it."""
    return replace(driver, caller=replace(driver.caller, project_id="another"))
