"""An endpoint is deleted at the moment when an event for it is written: the write sees it there,
waits for the deletion, and goes again without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from tests.support.commands import CommandDriver

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
ARTIFACT: Mapping[str, Any] = {"name": "Plan", "type": "document", "content": "# The plan"}
CREATION = {"command": "add_artifact", "data": ARTIFACT}


@pytest.mark.req("N1")
@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("add_artifact", ARTIFACT),
        ("batch", {"commands": [CREATION] * 2}),
        ("batch", {"commands": [CREATION], "atomic": True}),
    ],
    ids=["alone", "batch", "atomic"],
)
def test_the_write_is_done_and_tells_the_others(
    driver: CommandDriver, command: str, data: dict[str, Any]
) -> None:
    session = driver.session()
    for url in ("https://example.com/stays", "https://example.com/goes"):
        driver.sql(
            "INSERT INTO endpoints (project_id, url) VALUES (%(project_id)s, %(url)s)", url=url
        )
    with (
        closing(psycopg.connect(driver.dsn)) as other,
        closing(psycopg.connect(driver.dsn, autocommit=True)) as observer,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute(
            "DELETE FROM endpoints WHERE project_id = %s AND url LIKE '%%/goes'",
            [driver.project_id],
        )
        reply = pool.submit(driver.send, command, session, dict(data))
        while observer.execute(WAITS).fetchone() == (0,) and not reply.done():
            observer.execute("SELECT pg_sleep(0.01)")
        assert not reply.done()
        other.commit()
        assert reply.result().status == "success"
    told = driver.sql("SELECT DISTINCT url FROM deliveries WHERE project_id = %(project_id)s")
    assert told == [{"url": "https://example.com/stays"}]
