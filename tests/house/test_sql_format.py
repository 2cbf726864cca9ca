"""The SQL formatter sees whole statements; what it completed comes off again."""

from __future__ import annotations

import pytest

from formatting import sql
from tests.house.tree import ROOT

pytestmark = pytest.mark.req("T4")


def test_what_completes_a_file_for_the_formatter_comes_off_again() -> None:
    queries = ROOT / "layers/core/python/aiwebhook/postgres/queries"
    for path in sorted(queries.rglob("*.sql")):
        part = path.parent.name == "parts"
        text = path.read_text("utf-8")
        whole = sql.complete(text, part=part)
        assert "-- include" not in whole, path.name
        assert sql.restore(whole, part=part) == text, path.name


def test_a_fault_that_only_a_person_can_mend_fails() -> None:
    sources = {
        "queries/broken.sql": "SELECT a FROM WHERE b\n",
        "queries/long.sql": "-- " + "x" * 98,
    }
    _, faults = sql.formatted(sources)
    assert {fault.partition(":")[0] for fault in faults} == sources.keys()
