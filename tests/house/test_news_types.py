"""Which events are news stands in domain/event.py; statements and indexes repeat it, and must.

A partial index serves only a statement whose condition the planner sees: a parameter would hide it.
"""

from __future__ import annotations

import re

import pytest

from aiwebhook.domain.event import REPORTED
from tests.house.tree import ROOT

POSTGRES = ROOT / "layers/core/python/aiwebhook/postgres"
LIST = re.compile(r"\btype IN \(([^)]*)\)")


@pytest.mark.req("N5")
def test_every_list_of_news_types_is_that_of_the_domain() -> None:
    places = [POSTGRES / "schema.sql", *sorted((POSTGRES / "queries").rglob("*.sql"))]
    lists = [
        (place.name, set(re.findall(r"'([^']+)'", types)))
        for place in places
        for types in LIST.findall(place.read_text(encoding="utf-8"))
        if "task.completed" in types and place.name != "log_news.sql"  # there: what has ended
    ]
    assert len({name for name, _ in lists}) >= 5, "the statements are not found any more"
    assert [name for name, types in lists if types != {str(each) for each in REPORTED}] == []
