"""What a storm's agents do is the test's, whatever is killed and starts again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from aiwebhook.postgres.access_store import PostgresAccessStore
from aiwebhook.usecases.ensure_project import ensure_project
from tests.support.agents import QUICK
from tests.support.commands import open_database
from tests.support.tenant import tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnlyDatabase:
    dsn: str
    url: str = "http://127.0.0.1:9"

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        raise NotImplementedError(function, event)


@pytest.mark.req("T7")
def test_a_played_agent_stays_one_when_the_stack_starts_anew(database: str) -> None:
    with tenant(_OnlyDatabase(dsn=database)) as project:
        project.play("local", QUICK, max_concurrent=5)
        project.play("codex", QUICK)
        anew = open_database(database)
        ensure_project(PostgresAccessStore(anew), project.project_id)
        anew.connection.close()
        kinds = project.sql(
            "SELECT manifest ->> 'kind' AS kind, max_concurrent AS cap FROM agents"
            " WHERE project_id = %(project_id)s AND agent_name IN ('codex', 'local')"
            " ORDER BY agent_name = 'codex'"
        )
    assert [row["kind"] for row in kinds] == ["command", "command"]
    assert kinds[0]["cap"] == 5
