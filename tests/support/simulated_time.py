"""Time passes for one project: everything of it grows older, in every table.

The product decides by the database's clock, which a test cannot move; so it moves what lies there.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

_COLUMNS = """
SELECT c.table_name, array_agg(c.column_name::text)
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public'
    AND t.table_type = 'BASE TABLE'
    AND c.data_type = 'timestamp with time zone'
    AND c.is_generated = 'NEVER'
    AND EXISTS (
        SELECT FROM information_schema.columns p
        WHERE p.table_schema = 'public'
            AND p.table_name = c.table_name
            AND p.column_name = 'project_id'
    )
GROUP BY c.table_name
"""

# An id has the time in it that the row was written: it stays what it was.
_PINNED = (
    (
        "UPDATE events SET event_id = event_name(event_id, created_at, event_no)"
        " WHERE project_id = %(project_id)s"
    ),
    (
        "UPDATE task_attempts SET attempt_id = attempt_name(attempt_id, claimed_at, lease_epoch)"
        " WHERE project_id = %(project_id)s"
    ),
)


class SimulatedTime:
    """Of one project. `passed_s`: how much has passed."""

    def __init__(self, dsn: str, project_id: str) -> None:
        self.passed_s = 0.0
        self._dsn = dsn
        self._project_id = project_id
        with psycopg.connect(dsn) as connection:
            self._tables: list[tuple[str, list[str]]] = connection.execute(_COLUMNS).fetchall()
        assert "deliveries" in dict(self._tables)

    def passes(self, seconds: float) -> None:
        """So much."""
        self.passed_s += seconds
        with psycopg.connect(self._dsn) as connection:
            for pinned in _PINNED:
                connection.execute(pinned, {"project_id": self._project_id})
            for table, columns in self._tables:
                older = [
                    sql.SQL("{0} = {0} - make_interval(secs => %(s)s)").format(sql.Identifier(name))
                    for name in columns
                ]
                statement = sql.SQL("UPDATE {} SET {} WHERE project_id = %(project_id)s")
                connection.execute(
                    statement.format(sql.Identifier(table), sql.SQL(", ").join(older)),
                    {"s": seconds, "project_id": self._project_id},
                )
