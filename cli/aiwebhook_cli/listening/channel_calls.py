"""The calls of a client that follows a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiwebhook.client.transport import ClientCall

if TYPE_CHECKING:
    from aiwebhook.client import Client

Json = dict[str, Any]
POLL_S = 20
"""How long the server may hold a poll."""
NOTICED_S = 10
"""Later than this the connection is given up: half an hour's silence is found in half a minute."""

PAGE = 20
"""As many as the server gives at once, and as can be under way at once."""


class ChannelCalls:
    """One channel, as one client. All methods raise errors of `aiwebhook.errors`."""

    def __init__(
        self,
        client: Client,
        *,
        channel: str,
        holder: str,
        lease_s: int,
        wanted: Mapping[str, str | None],
    ) -> None:
        """`wanted`: source, event, action, repository; None does not restrict."""
        self._client = client
        self._path = f"/v1/channels/{quote(channel, safe='')}"
        self._holder, self._wanted = holder, wanted
        self.channel, self.lease_s = channel, lease_s

    def claim(self, *, since: str | None = None, cursor: str | None = None) -> Json:
        """Take it, or renew the lease; one that is new begins at `cursor`. Raises
        Conflict (`channel_taken`).
        """
        body: Json = {"holder": self._holder, "lease_s": self.lease_s}
        given = {"since": since, "cursor": cursor}
        body |= {name: value for name, value in given.items() if value is not None}
        return self._send("POST", "claim", body=body)

    def poll(self, lease_epoch: int, *, wait_s: float = POLL_S) -> Json:
        """What comes next. Raises Conflict where another holds it."""
        call = ClientCall(
            method="GET",
            path=f"{self._path}/deliveries",
            query={**self._wanted, "lease_epoch": lease_epoch, "wait": wait_s, "limit": PAGE},
            wait_s=wait_s,
            timeout_s=NOTICED_S,
        )
        return self._client.send(call).body

    def acknowledge(
        self,
        lease_epoch: int,
        cursor: str,
        *,
        delivery_id: str | None = None,
        failure: str | None = None,
    ) -> None:
        """Everything up to `cursor` is done. Raises Conflict where another has held it since."""
        body: Json = {"lease_epoch": lease_epoch, "cursor": cursor}
        if failure is not None:
            body |= {"delivery_id": delivery_id, "failure": failure}
        self._send("POST", "ack", body=body)

    def release(self, lease_epoch: int) -> None:
        """Let another client go on at once."""
        self._send("POST", "release", body={"lease_epoch": lease_epoch})

    def _send(self, method: str, name: str, *, body: Json) -> Json:
        path = f"{self._path}/{name}"
        call = ClientCall(method=method, path=path, body=body, timeout_s=NOTICED_S)
        return self._client.send(call).body
