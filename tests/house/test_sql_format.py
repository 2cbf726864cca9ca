"""The SQL formatter sees whole statements; what it completed comes off again."""

from __future__ import annotations

from importlib import util
from types import ModuleType

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.req("T4")


@pytest.fixture(scope="module")
def format_sql() -> ModuleType:
    spec = util.spec_from_file_location("format_sql", ROOT / "layers/format_sql.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_completes_a_file_for_the_formatter_comes_off_again(format_sql: ModuleType) -> None:
    queries = ROOT / "layers/core/python/aiwebhook/postgres/queries"
    for path in sorted(queries.rglob("*.sql")):
        part = path.parent.name == "parts"
        text = path.read_text("utf-8")
        whole = format_sql.complete(text, part=part)
        assert "-- include" not in whole, path.name
        assert format_sql.restore(whole, part=part) == text, path.name


def test_a_fault_that_only_a_person_can_mend_fails(format_sql: ModuleType) -> None:
    sources = {
        "queries/broken.sql": "SELECT a FROM WHERE b\n",
        "queries/long.sql": "-- " + "x" * 98,
    }
    _, faults = format_sql.formatted(sources)
    assert {fault.partition(":")[0] for fault in faults} == sources.keys()
