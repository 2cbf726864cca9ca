"""The `Authenticator` and `WaitStore` ports for a folder: one key per run of its server, no limits,
and no request is held.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from aiwebhook.domain.identity import BURST, RATE_PER_MINUTE, Scope
from aiwebhook.json_store.store_base import PROJECT_ID
from aiwebhook.ports.authenticator import KeyCheck
from aiwebhook.ports.waits import WaitOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class OneKey:
    """Who has the key may do everything that a folder can. `key_hash`: its SHA-256."""

    key_hash: bytes

    def check_key(self, *, key_hash: bytes, address: str | None) -> KeyCheck | None:
        """None for any other key."""
        del address
        if not hmac.compare_digest(key_hash, self.key_hash):
            return None
        return KeyCheck(
            key_id="key_of_folder",
            project_id=PROJECT_ID,
            scopes=(Scope.ADMIN,),
            rate_per_minute=RATE_PER_MINUTE,
            burst=BURST,
            revoked=False,
            expired=False,
            address_allowed=True,
            granted=True,
            tokens=float(BURST),
            leased=0.0,
            person_id=None,
            resource=None,
        )

    def recheck_key(self, *, key_hash: bytes, address: str | None) -> None:
        """Looking it up costs nothing."""
        del key_hash, address


class NoWaits:
    """Every request is answered at once: one works on all of them."""

    def grant_wait(self, order: WaitOrder) -> bool:
        del order
        return False

    def end_wait(self, *, wait_id: str) -> None:
        """None was granted."""

    def happened_lately(self, *, project_id: str, within_s: float) -> bool:
        """Whoever follows looks again at the longer pace."""
        del project_id, within_s
        return False


class NobodyListens:
    """Waker and EventPublisher: nothing is pushed out of a folder."""

    def wake(self, *, project_id: str, agent_name: str, delay_s: int = 0, watch_s: int = 0) -> None:
        """Nobody to be woken."""

    def publish(self, events: object) -> None:
        """Nobody subscribes."""
