"""A connection whose other end is gone without a word is given up, and asked for anew."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook.errors import Unavailable
from aiwebhook_cli.listening import channel_calls
from aiwebhook_cli.listening.channel_calls import ChannelCalls
from aiwebhook_cli.listening.listener import Listener
from tests.support.laptop import Laptop
from tests.support.target import Target

pytestmark = pytest.mark.req("W5")


class Middlebox:
    """Forgets its connections when it is told to: nothing passes any more, and nobody is told.
    New ones it passes on.
    """

    def __init__(self, port: int) -> None:
        self._there = port
        self._lock = threading.Lock()
        self._age = self.swallowed = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = [self._listener]

    def forget(self) -> None:
        """From now on what is open is half open."""
        with self._lock:
            self._age += 1

    def run(self) -> None:
        """Until it is closed."""
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._there))
                self._open += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(
                        target=self._pass_on, args=(one, other, self._age), daemon=True
                    ).start()

    def close(self) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _pass_on(self, one: socket.socket, other: socket.socket, age: int) -> None:
        with suppress(OSError):
            while piece := one.recv(65_536):
                with self._lock:
                    forgotten = self._age != age
                    self.swallowed += forgotten
                if not forgotten:
                    other.sendall(piece)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a minute is half a second."""
    assert channel_calls.POLL_S + channel_calls.NOTICED_S <= 45
    monkeypatch.setattr(channel_calls, "NOTICED_S", 0.5)


@pytest.mark.usefixtures("short")
def test_silence_is_found_within_45_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = TransportOptions(retry=RetryPolicy(attempts=1))
        with Client(url, api_key="awk_any", options=options) as client:
            calls = ChannelCalls(client, channel="c", holder="h", lease_s=30, wanted={})
            with pytest.raises(Unavailable):
                calls.poll(1, wait_s=0.1)
            with pytest.raises(Unavailable):
                calls.claim()


@pytest.mark.usefixtures("short")
def test_a_half_open_connection_is_replaced_and_nothing_is_lost(laptop: Laptop) -> None:
    ids = laptop.receive(b"1", b"2", b"3")
    box = Middlebox(int(laptop.url.rpartition(":")[2]))
    laptop.open.callback(box.close)
    threading.Thread(target=box.run, daemon=True).start()
    laptop.url = box.url
    with Target(lambda got: box.forget() or 200 if got.body == b"2" else 200) as target:
        Listener(
            laptop.calls("client-1"), laptop.forwarder(target.url), laptop.watched.outside()
        ).run(rounds=1)

    assert box.swallowed, "the acknowledgement went into a connection that nobody reads"
    assert [got.delivery_id for got in target.taken] == ids
    assert any("no delivery is lost" in hint for hint in laptop.watched.hints)
    assert "The server answers again." in laptop.watched.hints
