"""The real sender: what a receiver gets over TLS, and whom it never reaches."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from aiwebhook.outbound.callback_sender import HttpCallbackSender
from tests.support.follower import Follower
from tests.support.loopback import Service, answer, headers_of, read_request, service
from tests.support.tls import Tls

pytestmark = pytest.mark.req("N6")


def test_a_receiver_agrees_and_gets_events_over_tls(follower: Follower, tmp_path: Path) -> None:
    requests: list[bytes] = []

    def echoing(_service: Service, connection: socket.socket) -> None:
        request = read_request(connection)
        requests.append(request)
        challenge = json.loads(request.partition(b"\r\n\r\n")[2]).get("challenge")
        connection.sendall(answer(200, json.dumps({"challenge": challenge})))

    tls = Tls(tmp_path)
    with service(echoing, tls=tls.server) as receiver:
        sender = HttpCallbackSender(allow_loopback=True, tls=tls.client)
        follower.driver.sending_by(sender, allow_loopback=True)
        follower.url = f"https://localhost:{receiver.port}/hook?k=1"
        subscription_id = follower.subscribe()["id"]
        follower.completed(say="Copper it is.")
        follower.deliver()
    assert len(requests) == 2
    for request in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        headers = headers_of(request)
        assert head.startswith(b"POST /hook?k=1 HTTP/1.1\r\n")
        assert headers["content-type"] == "application/json"
        assert headers["x-mcp-subscription-id"] == subscription_id
        assert Webhook(follower.secret).verify(body, headers) == json.loads(body)
    assert json.loads(requests[1].partition(b"\r\n\r\n")[2])["data"]["say"] == "Copper it is."


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_never_called_on_aws(follower: Follower, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as canary:
        follower.driver.sending_by(HttpCallbackSender(), allow_loopback=False)
        follower.url = f"https://{host}:{canary.getsockname()[1]}/hook"
        assert follower.refusal()["code"] == -32602
        canary.setblocking(False)
        with pytest.raises(BlockingIOError):
            canary.accept()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_resolves_to_an_internal_address_is_refused_at_verification_and_at_delivery(
    follower: Follower, address: str
) -> None:
    def inside(_host: str, _port: int, _timeout_s: float) -> Sequence[str]:
        return [address]

    other = replace(follower, url=f"{follower.url}2")
    follower.subscribe()
    follower.driver.sending_by(HttpCallbackSender(resolve=inside), allow_loopback=False)
    assert other.refusal()["data"] == {"reason": "connection_refused"}
    follower.completed()
    follower.deliver()
    assert [row[:2] for row in follower.deliveries()] == [("pending", 1)]
    assert follower.subscribe()["deliveryStatus"]["lastError"] == "connection_refused"
