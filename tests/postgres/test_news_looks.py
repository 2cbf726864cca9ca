"""Looking for news finds what the parts that settling is made of find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from itertools import product
from typing import Any, LiteralString, cast

import psycopg
import pytest
from psycopg.rows import dict_row

from aiwebhook.postgres.statements import statement
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.postgres import clone

PARTS = files("aiwebhook.postgres").joinpath("queries", "parts")
BY_PARTS = """
WITH read_sessions AS (
    SELECT s.session_id, s.last_seq, s.status
    FROM sessions s
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s::text
),
-- include reader_state,
-- include unacknowledged,
-- include remembered
SELECT
    s.last_seq,
    (SELECT count(*) FROM unacknowledged) AS waiting,
    (SELECT count(*) FROM unacknowledged_elsewhere) AS waiting_elsewhere,
    EXISTS (SELECT FROM unacknowledged w, reader r WHERE w.seq > r.spent_seq)
    OR EXISTS (SELECT FROM unacknowledged_elsewhere w WHERE NOT w.spent) AS untold,
    coalesce((SELECT r.known FROM reader r), false) AS known,
    coalesce(s.status = 'paused', false) AS paused,
    (SELECT r.already FROM remembered r) AS remembered
FROM (SELECT) AS always
LEFT JOIN read_sessions s ON true
"""
FILL: tuple[LiteralString, ...] = (
    "INSERT INTO projects (project_id, name) VALUES ('p', 'P'), ('q', 'Q')",
    (
        "INSERT INTO sessions (project_id, session_id, status, last_seq) VALUES"
        " ('p', 'told', 'active', 9), ('p', 'new', 'paused', 7), ('p', 'quiet', 'active', 3),"
        " ('q', 'new', 'active', 5)"
    ),
    (
        "INSERT INTO events (project_id, session_id, seq, type, task_id)"
        " SELECT s.project_id, s.session_id, n, t.type, 't'"
        " FROM sessions s, generate_series(1, 5) n,"
        " LATERAL (SELECT ('{task.created,task.completed,task.input_required,task.failed,"
        "conversation.appended}'::text[])[n] AS type) t"
        " WHERE s.session_id <> 'quiet'"
    ),
    (
        "INSERT INTO readers"
        " (project_id, session_id, principal, reader, acked_seq, acked_seqs, spent_seq) VALUES"
        " ('p', 'told', 'project', 'told', 2, '{}', 4),"
        " ('p', 'told', 'project', 'voice', 1, '{3}', 2),"
        " ('p', 'told', 'project', '', 3, '{}', 0), ('p', 'new', 'project', '', 2, '{4}', 4),"
        " ('p', 'quiet', 'project', 'quiet', 0, '{}', 0),"
        " ('q', 'new', 'project', 'new', 9, '{}', 9)"
    ),
    "UPDATE unacknowledged_news SET spent = true WHERE session_id = 'told'",
    "INSERT INTO last_sessions (project_id, connection, session_id) VALUES ('p', 'chat', 'told')",
)


@pytest.fixture(scope="module")
def news(
    postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[psycopg.Connection[Any]]:
    with (
        clone(postgres_server, migrated_template, "news_looks") as dsn,
        closing(psycopg.connect(dsn, autocommit=True)) as connection,
    ):
        for each in FILL:
            connection.execute(each)
        yield connection


@pytest.mark.req("N5")
def test_a_look_finds_what_settling_would(news: psycopg.Connection[Any]) -> None:
    found: set[tuple[object, ...]] = set()
    for project, session, principal, reader, connection, limit, elsewhere in product(
        ("p", "q"),
        (None, "told", "new", "quiet", "missing"),
        ("project", "person"),
        (None, "voice", "other"),
        (None, "chat"),
        (1, 1000),
        (True, False),
    ):
        ways: dict[str, Any] = {
            "project_id": project,
            "session_id": session,
            "principal": principal,
            "reader": reader,
            "connection": connection,
            "count_limit": limit,
            "news": True,
            "own_seqs": [],
            "own_events": [],
        }
        with news.transaction(force_rollback=True), news.cursor(row_factory=dict_row) as cursor:
            if not elsewhere:
                cursor.execute("DELETE FROM unacknowledged_news WHERE NOT spent")
            look = cursor.execute(statement("look_for_news"), ways).fetchone()
            assert look == cursor.execute(by_parts(), ways).fetchone(), ways
        found.add(tuple((look or {}).values()))
    assert len(found) > 20  # or the states above do not differ


def by_parts() -> LiteralString:
    text = re.sub(
        r"^-- include (\w+)(,?)$",
        lambda each: PARTS.joinpath(f"{each[1]}.sql").read_text("utf-8").rstrip() + each[2],
        BY_PARTS,
        flags=re.MULTILINE,
    )
    return cast("LiteralString", text)
