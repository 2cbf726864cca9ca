"""A machine behind NAT: clients of one channel of a driver's project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.handing_on import Attempted, Forwarder, HandOn
from aiwebhook_cli.listening.lanes import ONE_BY_ONE, Concurrency
from aiwebhook_cli.listening.listen_place import ListenPlaceFile
from aiwebhook_cli.listening.listener import Following, Listener, ListenerOutside
from tests.support.commands import any_name
from tests.support.deliveries import receive
from tests.support.session_api import ApiDriver

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class WatchedListener:
    """What a listener told, and how it waited."""

    hints: list[str] = field(default_factory=list[str])
    shown: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    pauses: list[float] = field(default_factory=list[float])
    now_s: float = 0.0
    on_pause: Callable[[], object] = lambda: None

    def outside(self) -> ListenerOutside:
        return ListenerOutside(
            hint=self.hints.append, show=self._show, pause=self._pause, now=lambda: self.now_s
        )

    def _show(self, delivery: Json, tried: Attempted) -> None:
        self.shown.append((delivery["delivery_id"], tried.reason))

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.on_pause()


class Laptop:
    """Clients of one channel, each as a process of its own would be."""

    def __init__(
        self, url: str, driver: ApiDriver, *, place: ListenPlaceFile | None = None
    ) -> None:
        self.url, self.driver, self.place = url, driver, place
        self.channel = any_name("channel")
        self.watched = WatchedListener()
        self.open = ExitStack()

    def forwarder(self, url: str) -> Forwarder:
        """Closed at the end of the test."""
        return self.open.enter_context(closing(Forwarder(url)))

    def calls(self, holder: str, wanted: Mapping[str, str] | None = None) -> ChannelCalls:
        options = TransportOptions(retry=RetryPolicy(attempts=1))
        client = Client(self.url, api_key=self.driver.key, options=options)
        self.open.callback(client.close)
        return QuickCalls(
            client, channel=self.channel, holder=holder, lease_s=30, wanted=wanted or {}
        )

    def listen(
        self,
        handle: HandOn,
        *,
        rounds: int = 1,
        holder: str = "client-1",
        concurrency: Concurrency = ONE_BY_ONE,
        **wanted: str,
    ) -> None:
        """So many polls."""
        following = Following(concurrency=concurrency, place=self.place)
        calls = self.calls(holder, wanted)
        Listener(calls, handle, self.watched.outside(), following).run(rounds=rounds)

    def place_on_server(self) -> str:
        """The cursor of the channel."""
        found = self.driver.get("/v1/channels").body["items"]
        return next(each["cursor"] for each in found if each["channel"] == self.channel)

    def receive(self, *bodies: bytes, **more: Any) -> list[str]:
        return [receive(self.driver, body, **more).delivery_id for body in bodies]


class QuickCalls(ChannelCalls):
    """Does not wait for what is to come."""

    def poll(self, lease_epoch: int, *, wait_s: float = 0) -> Json:
        del wait_s
        return super().poll(lease_epoch, wait_s=0)
