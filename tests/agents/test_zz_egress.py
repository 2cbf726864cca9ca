"""Last, when all agents have run: nothing wanted to leave loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agents.lab import Lab
from tests.agents.settings import EGRESS_LOG

pytestmark = [pytest.mark.agents, pytest.mark.req("T5")]

HARMLESS = frozenset[str]()
"""Names that a CLI asks for whatever we switch off; it goes on without an answer."""


@pytest.mark.skipif(EGRESS_LOG is None, reason="no network namespace: see loopback_only.py")
def test_no_agent_wanted_to_reach_anything_but_its_gateway(lab: Lab) -> None:
    assert EGRESS_LOG is not None
    lines = [json.loads(line) for line in Path(EGRESS_LOG).read_text().splitlines()]
    names = {line["name"] for line in lines if line["kind"] == "name"}
    assert names - HARMLESS == set()
