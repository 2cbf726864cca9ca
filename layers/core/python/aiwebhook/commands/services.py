"""What every command works with."""

from __future__ import annotations

from dataclasses import dataclass

from aiwebhook.clock import Clock, utc_now
from aiwebhook.ports.blobs import BlobStore
from aiwebhook.ports.commands import CommandStore
from aiwebhook.ports.messaging import EventPublisher, Waker
from aiwebhook.usecases.granted_waits import Waits


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandServices:
    """The outside of the command catalogue, as ports.

    `allow_loopback_callbacks`: callback URLs may name 127.0.0.1; only the local stack says so.
    `clock` judges deadlines as they are given; when they are reached, the database's does.
    """

    store: CommandStore
    blobs: BlobStore
    waker: Waker
    publisher: EventPublisher
    waits: Waits
    allow_loopback_callbacks: bool = False
    clock: Clock = utc_now
