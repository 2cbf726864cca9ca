"""A client that never gives up: a write is repeated under its key until it is answered for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import httpx

from aiwebhook import errors
from aiwebhook.client import Client, Json
from aiwebhook.client.problems import error_of_response
from tests.kill.ledger import Ledger, Write

_TIMEOUT_S = 20
_PAUSE_S = 0.2
_IN_FLIGHT = "idempotency_in_flight"
# What a killed process, front or database may answer with; else it is a fault of the product.
_TRY_AGAIN = (errors.Unavailable, errors.RateLimited)

Send = Callable[[Write, str], Json]
"""One try under a key; the whole answer."""


class Patient:
    """One client of one project. `number` tells its keys and markers from those of others."""

    def __init__(self, ledger: Ledger, client: Client, key: str, number: int) -> None:
        self.ledger = ledger
        self.client = client
        self.number = number
        self.count = 0
        self._key = key

    def write(
        self,
        kind: str,
        command: str,
        session_id: str,
        data: Callable[[str], Json],
        send: Send | None = None,
    ) -> Write:
        """Until it is acknowledged."""
        write = self._begin(kind, command, session_id, data)
        self._repeat(write, send or self._command)
        return write

    def ask(self, kind: str, command: str, session_id: str, data: Callable[[str], Json]) -> Write:
        """Until it is acknowledged, or the state of things refuses it."""
        write = self._begin(kind, command, session_id, data)
        try:
            self._repeat(write, self._command)
        except errors.Conflict as error:
            write.refused = error.code
        return write

    def tried(self, command: str, session_id: str, data: Json, stopped: Callable[[], bool]) -> None:
        """Until it is done or refused, or nobody wants it any more; not in the ledger."""
        self.count += 1
        key = f"{session_id}-{self.count}"
        pause = threading.Event()
        while not stopped():
            try:
                self.client.command(command, session_id, data, key=key)
            except _TRY_AGAIN as error:
                self.ledger.refusals[error.code] += 1
            except (errors.Conflict, errors.NotFound) as error:
                if error.code != _IN_FLIGHT:
                    return
            else:
                return
            pause.wait(_PAUSE_S)

    def resource(self, path: str) -> Send:
        """Through session_api, as a resource."""

        def send(write: Write, key: str) -> Json:
            body = {**write.data, "session_id": write.session_id}
            return {"data": self.client.post(path, body, key=key)["data"]}

        return send

    def message(self, write: Write, _key: str) -> Json:
        """The data as a whole message to the relay, without a key: what it says must do for one."""
        headers = {"authorization": f"Bearer {self._key}"}
        return posted(f"{self.client.base_url}/webhook", json=write.data, headers=headers)

    def _command(self, write: Write, key: str) -> Json:
        return self.client.command(write.command, write.session_id, write.data, key=key)

    def _begin(
        self, kind: str, command: str, session_id: str, data: Callable[[str], Json]
    ) -> Write:
        self.count += 1
        marker = f"{kind}-{self.number}-{self.count}"
        write = Write(
            kind=kind, command=command, session_id=session_id, marker=marker, data=data(marker)
        )
        self.ledger.writes.append(write)
        return write

    def _repeat(self, write: Write, send: Send) -> None:
        def once() -> None:
            write.tries += 1
            write.told = send(write, f"key-{write.marker}")

        repeat(self.ledger, once)


def repeat(ledger: Ledger, once: Callable[[], None]) -> None:
    """Call it until it ends without an error that asks for another try."""
    pause = threading.Event()
    while True:
        try:
            once()
        except _TRY_AGAIN as error:
            ledger.refusals[error.code] += 1
        except errors.Conflict as error:
            if error.code != _IN_FLIGHT:
                raise
            ledger.refusals[error.code] += 1
        else:
            return
        pause.wait(_PAUSE_S)


def posted(
    url: str, *, headers: Mapping[str, str], json: Json | None = None, content: bytes | None = None
) -> Json:
    """One try of somebody who has no client of ours; raises the errors of the client."""
    try:
        reply = httpx.post(url, json=json, content=content, headers=headers, timeout=_TIMEOUT_S)
    except httpx.TransportError as error:
        raise errors.Unavailable(str(error), code="unreachable") from error
    if not reply.is_success:
        raise error_of_response(reply.status_code, reply.headers, reply.content)
    return reply.json()
