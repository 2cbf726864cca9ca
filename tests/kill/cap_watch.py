"""Looks all the time whether an agent runs more than it may, or a task has two live leases."""

from __future__ import annotations

import contextlib
import threading
from typing import Self

import psycopg

_LOOK = """
    SELECT a.project_id || '/' || a.agent_name || ': ' || count(*) || ' of ' || a.max_concurrent
    FROM agents a
    JOIN tasks t USING (project_id, agent_name)
    WHERE t.status IN ('claimed', 'running')
    GROUP BY a.project_id, a.agent_name, a.max_concurrent
    HAVING count(*) > a.max_concurrent
    UNION ALL
    SELECT project_id || '/' || task_id || ': ' || count(*) || ' open attempts'
    FROM task_attempts
    WHERE finished_at IS NULL
    GROUP BY project_id, task_id
    HAVING count(*) > 1
"""


class CapWatch:
    """Ten looks a second in a thread, until the block ends."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cap watch", daemon=True)
        self.looks = 0
        self.exceeded: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            with (
                contextlib.suppress(psycopg.OperationalError),  # Postgres is being killed, too
                psycopg.connect(self._dsn, autocommit=True) as connection,
            ):
                while not self._stop.wait(0.1):
                    self.exceeded += [row[0] for row in connection.execute(_LOOK)]
                    self.looks += 1
