"""Two projects with the same ids in every table.

What belongs to project `b` says so in its contents. A statement that forgets its project shows
them, or changes them.
"""

from __future__ import annotations

from typing import Any, LiteralString, cast

import psycopg

from tests.properties.two_projects.doors import (
    callback_rows,
    event_rows,
    inbound_rows,
    retention_rows,
)
from tests.properties.two_projects.project import A, B, Project
from tests.properties.two_projects.records import (
    memory_rows,
    people_rows,
    project_rows,
    session_rows,
)
from tests.properties.two_projects.work import (
    agent_rows,
    attempt_rows,
    report_rows,
    state_rows,
    task_rows,
)

_ROOMS = (  # in the order of their keys
    *(project_rows, people_rows, session_rows, memory_rows, agent_rows, task_rows),
    *(state_rows, attempt_rows, report_rows, event_rows, callback_rows, inbound_rows),
    retention_rows,
)


def fill(connection: psycopg.Connection[Any]) -> None:
    """Both projects, everything alike but what it says."""
    for project in (Project(name=A), Project(name=B)):
        for statement in (row for room in _ROOMS for row in room(project)):
            connection.execute(cast(LiteralString, statement))
    # As a crash of the server leaves them, before anything was pushed.
    connection.execute("DELETE FROM outbox_witness")
    connection.execute("UPDATE outbox_progress SET pushed_before = '0'")
    set_sequences(connection)


def set_sequences(connection: psycopg.Connection[Any]) -> None:
    """Every sequence as `fill` leaves it: a rollback resets none, and answers hold its numbers."""
    connection.execute(
        "SELECT setval(sequencename::text, CASE WHEN min_value = 0 THEN 0 ELSE 5000000 END)"
        " FROM pg_sequences WHERE schemaname = 'public'"
    )
