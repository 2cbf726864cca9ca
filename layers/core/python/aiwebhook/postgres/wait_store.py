"""The `WaitStore` port on Postgres."""

from __future__ import annotations

from dataclasses import asdict

from psycopg.errors import LockNotAvailable

from aiwebhook.ports.waits import WaitOrder
from aiwebhook.postgres.database import Database
from aiwebhook.postgres.flush import Call, Params


class PostgresWaitStore:
    """Rows of `granted_waits`; a grant is one round trip."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant_wait(self, order: WaitOrder) -> bool:
        """Whether the request may be held. False, too, when so many ask that this one would
        have to queue.
        """
        params = asdict(order)
        grant = Call.run("grant_wait", params)
        try:
            _, granted = self._database.together(self._lock_waits(params), grant)
        except LockNotAvailable:
            return False
        return granted == 1

    def _lock_waits(self, params: Params) -> Call[int]:
        return Call.run("lock_waits", params)

    def end_wait(self, *, wait_id: str) -> None:
        """Free the slot of a request that is no longer held."""
        self._database.run("end_wait", {"wait_id": wait_id})

    def happened_lately(self, *, project_id: str, within_s: float) -> bool:
        """Whether the project has an event at most `within_s` old; read from the end of its log."""
        params = {"project_id": project_id, "within_s": within_s}
        return self._database.value("happened_lately", params, bool) is True
