"""Wires relay and session_api to a folder of files: its content, and a refusal for the rest."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, cast

from aiwebhook import observability
from aiwebhook.clock import utc_now
from aiwebhook.commands.services import CommandServices
from aiwebhook.errors import Conflict
from aiwebhook.json_store.blobs import CONTENT_PATH, JsonBlobStore
from aiwebhook.json_store.locked_folder import LockedFolder
from aiwebhook.json_store.one_key import NobodyListens, NoWaits, OneKey
from aiwebhook.json_store.task_records import needs_postgres
from aiwebhook.json_store.whole_store import JsonStore
from aiwebhook.settings.folder import FolderSettings
from aiwebhook.usecases.granted_waits import Waits
from aiwebhook.wiring.relay_parts import RelayParts
from aiwebhook.wiring.session_api_parts import SessionApi


class NeedsPostgres:
    """Takes the place of a store that a folder does not have; every use of it is refused."""

    def __getattr__(self, name: str) -> NoReturn:
        raise needs_postgres("What was asked")

    def __call__(self) -> NoReturn:
        raise needs_postgres("What was asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Address:
    """What is asked of the OAuth services where nobody can sign in."""

    public_url: str

    @property
    def resource(self) -> str:
        return f"{self.public_url}/mcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderParts:
    """One store behind both functions."""

    relay: RelayParts
    session_api: SessionApi
    blobs: JsonBlobStore
    content_path: str = CONTENT_PATH
    needs_postgres: Callable[[str], Conflict] = needs_postgres
    """The refusal of what a folder cannot do."""


@cache
def _opened(folder: Path, public_url: str) -> tuple[JsonStore, JsonBlobStore]:
    """Once per process: both functions remember the same requests."""
    blobs = JsonBlobStore(public_url, secrets.token_bytes(32))
    return JsonStore(LockedFolder(folder), blobs), blobs


def wire_folder(settings: FolderSettings) -> FolderParts:
    # reason: a composition root is one list
    """Raises OSError where the folder cannot be used."""
    observability.configure(
        service=settings.service, level=settings.log_level, namespace=settings.metrics_namespace
    )
    store, blobs = _opened(settings.folder, settings.public_url)
    services = CommandServices(
        store=store,
        blobs=blobs,
        waker=NobodyListens(),
        publisher=NobodyListens(),
        waits=Waits(store=NoWaits(), function=settings.service, max_waits=0, holds_polls=False),
    )
    one_key = OneKey(key_hash=bytes.fromhex(settings.key_sha256))
    none = cast("Any", NeedsPostgres())
    return FolderParts(
        blobs=blobs,
        relay=RelayParts(
            authenticator=one_key,
            inbound=none,
            services=services,
            github=none,
            master_key=none,
            rules=none,
        ),
        session_api=SessionApi(
            commands=services,
            authenticator=one_key,
            oauth=cast("Any", _Address(public_url=settings.public_url)),
            observations=store,
            blobs=blobs,
            clock=utc_now,
            random=random.SystemRandom().random,
            origins=frozenset(settings.cors_origins),
            access=none,
            people=none,
            projects=none,
            runs=none,
            names=none,
            spoken=none,
            subscriptions=none,
            inbound=none,
            sources=none,
            rules=none,
            reconciliations=none,
            channels=none,
            checkpoints=none,
            endpoints=none,
            lease_keys=none,
        ),
    )
