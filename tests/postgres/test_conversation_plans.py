"""A page of a long conversation costs what a page of a short one does, from either end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from aiwebhook_local.postgres import EmbeddedPostgres
from tests.postgres.test_queue_plans import buffers_of, nodes_of, plan_of
from tests.support.postgres import clone
from tests.support.queue import QueueDriver

CHUNKS = 20_000


@pytest.fixture(scope="module")
def long_talk(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[QueueDriver]:
    with clone(postgres_server, migrated_template, "long_talk") as dsn:
        queue = QueueDriver(dsn)
        with closing(queue.database):
            queue.session("s")
            queue.sql(
                "INSERT INTO conversation_chunks (project_id, session_id, chunk_id, seq, content,"
                " size, format) SELECT %(project_id)s, 's', 'c' || n, n, 'words', 5, 'dialogue'"
                " FROM generate_series(1, %(chunks)s) n",
                chunks=CHUNKS,
            )
            queue.sql("VACUUM ANALYZE conversation_chunks")
            yield queue


@pytest.mark.req("S2")
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_page_reads_one_range_of_the_index(
    long_talk: QueueDriver, mode: str, *, newest_first: bool
) -> None:
    long_talk.sql("SELECT set_config('plan_cache_mode', %(mode)s, false)", mode=mode)
    page = {"session_id": "s", "from_seq": CHUNKS // 2, "newest_first": newest_first, "limit": 21}
    plan = plan_of(long_talk, "page_conversation", page)
    ran = [node for node in nodes_of(plan) if node["Actual Rows"]]
    assert "conversation_chunks_order" in [node.get("Index Name") for node in ran]
    assert not [node for node in ran if node["Node Type"] in ("Seq Scan", "Sort")]
    assert buffers_of(plan) <= 30, buffers_of(plan)


@pytest.mark.req("S1")
def test_catching_up_reads_the_end_of_the_conversation_only(long_talk: QueueDriver) -> None:
    plan = plan_of(long_talk, "catch_up", {"session_id": "s"})
    assert buffers_of(plan) <= 60, buffers_of(plan)
