"""Where a claim begins, and what it takes first, is written in two statements: in the claim, which
locks what it takes, and in the look before it. They must agree, or a dispatcher would be told of
tasks that no claim finds.
"""

from __future__ import annotations

import re

import pytest

from aiwebhook.postgres.statements import statement


def ready_in_a_lane(name: str) -> str:
    """From whatever the statement calls a lane: conditions and order, without limit and lock."""
    text = re.sub(
        r"\n *AND CASE\s+WHEN t\.xmax = 0 .*?\n +END\n", "\n", statement(name), flags=re.DOTALL
    )
    found = re.search(
        r"CROSS JOIN\s+LATERAL \(\s*(SELECT t\.task_id.*?ORDER BY[^\n]*)\n", text, re.DOTALL
    )
    assert found is not None
    lane = re.search(r"FROM lanes (\w+)", statement(name))
    assert lane is not None
    return re.sub(
        r"\s+", " ", found[1].replace(f" {lane[1]}.", " LANE.").replace(f"({lane[1]}.", "(LANE.")
    )


@pytest.mark.req("T2")
def test_the_look_finds_what_a_claim_takes() -> None:
    look, claim = ready_in_a_lane("reserve_launches"), ready_in_a_lane("claim_tasks")
    assert "LANE.mark_tag" in claim
    assert look == claim
