"""A connection whose other end is gone without a word is given up, and asked for anew."""

from __future__ import annotations

import socket

import pytest

from aiwebhook.client import Client, RetryPolicy, TransportOptions
from aiwebhook.errors import Unavailable
from aiwebhook_cli.listening import channel_calls
from aiwebhook_cli.listening.channel_calls import ChannelCalls

pytestmark = pytest.mark.req("W5")


def test_silence_is_found_within_45_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert channel_calls.POLL_S + channel_calls.NOTICED_S <= 45
    monkeypatch.setattr(channel_calls, "NOTICED_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and never answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = TransportOptions(retry=RetryPolicy(attempts=1))
        with Client(url, api_key="awk_any", options=options) as client:
            calls = ChannelCalls(client, channel="c", holder="h", lease_s=30, wanted={})
            with pytest.raises(Unavailable):
                calls.poll(1, wait_s=0.1)
            with pytest.raises(Unavailable):
                calls.claim()
