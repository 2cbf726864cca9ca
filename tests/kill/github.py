"""GitHub: signs what it delivers, sends it again, and once in a while names two things alike."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
import uuid

from aiwebhook.client import Json
from tests.kill.ledger import Ledger, Write
from tests.kill.patient import posted, repeat


class Github:
    """Deliveries of one hook. `data` of a write: its GUID, and whether that is another's, too."""

    def __init__(self, url: str, secret: str, ledger: Ledger, rng: random.Random) -> None:
        self._url = f"{url}/webhook"
        self._secret = secret
        self._ledger = ledger
        self._rng = rng
        self._numbers = itertools.count(1)
        self._kept: list[Write] = []

    def step(self) -> None:
        """One delivery: new, or under the GUID of another, or one that was acknowledged before."""
        choice = self._rng.random()
        if self._kept and choice < 0.3:
            self._again(self._rng.choice(self._kept))
        elif self._kept and choice < 0.4:
            self._kept.append(
                self._deliver(self._rng.choice(self._kept).data["guid"], conflict=True)
            )
        else:
            guid = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
            self._kept.append(self._deliver(guid, conflict=False))

    def _deliver(self, guid: str, *, conflict: bool) -> Write:
        marker = f"delivery-{next(self._numbers)}"
        write = Write(
            kind="delivery",
            command="push",
            session_id="",
            marker=marker,
            data={"guid": guid, "conflict": conflict},
        )
        self._ledger.writes.append(write)

        def once() -> None:
            write.tries += 1
            write.told = self._post(write)

        repeat(self._ledger, once)
        return write

    def _again(self, write: Write) -> None:
        """GitHub's "Redeliver": the first answer, and nothing is kept."""
        told: list[Json] = []
        repeat(self._ledger, lambda: told.append(self._post(write)))
        self._ledger.replays += 1
        wanted = {**(write.told or {}), "duplicate": True}
        if told != [wanted]:
            self._ledger.unexpected.append(f"{write.marker} again: {told[0]}, not {wanted}")

    def _post(self, write: Write) -> Json:
        body = json.dumps({"marker": write.marker, "n": 1.0}).encode()
        digest = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": write.command,
            "X-GitHub-Delivery": write.data["guid"],
            "X-GitHub-Hook-ID": "4711",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        return posted(self._url, content=body, headers=headers)
