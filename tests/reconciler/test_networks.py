"""GitHub's networks are read once a day where a source wants them; a failure changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from aiwebhook.domain.github_networks import read_networks
from aiwebhook.usecases.refresh_networks import refresh_networks
from tests.reconciler.conftest import Reconciler
from tests.support.github_api import Refusal

pytestmark = pytest.mark.req("W6")
HOOKS = ["192.30.252.0/22", "2a0a:a440::/29"]


@pytest.fixture
def wanting(reconciler: Reconciler) -> Iterator[Reconciler]:
    """A source of this deployment takes nothing from elsewhere."""
    reconciler.driver.sql("DELETE FROM github_networks")
    choose(reconciler, '{"networks": "github"}')
    yield reconciler
    choose(reconciler, "{}")
    reconciler.driver.sql("DELETE FROM github_networks")


def choose(reconciler: Reconciler, rules: str) -> None:
    reconciler.driver.sql(
        "UPDATE sources SET rules = %(rules)s::jsonb WHERE project_id = %(project_id)s", rules=rules
    )


def kept(reconciler: Reconciler) -> list[dict[str, Any]]:
    return reconciler.driver.sql(
        "SELECT networks::text[] AS networks, fetched_at > now() - interval '1 minute' AS fresh,"
        " round(extract(epoch FROM next_at - now()) / 3600)::integer AS due_in_h"
        " FROM github_networks"
    )


def let_pass(reconciler: Reconciler, days: int) -> None:
    reconciler.driver.sql(
        "UPDATE github_networks SET next_at = next_at - make_interval(days => %(days)s),"
        " fetched_at = fetched_at - make_interval(days => %(days)s)",
        days=days,
    )


def test_nobody_is_asked_where_no_source_wants_it(reconciler: Reconciler) -> None:
    assert refresh_networks(reconciler.services) is None
    choose(reconciler, '{"networks": "any"}')
    assert refresh_networks(reconciler.services) is None
    assert (reconciler.github.requests, kept(reconciler)) == ([], [])


def test_a_disabled_source_wants_nothing(wanting: Reconciler) -> None:
    wanting.driver.sql("UPDATE sources SET status = 'disabled' WHERE project_id = %(project_id)s")
    assert refresh_networks(wanting.services) is None


def test_the_list_is_read_once_a_day_and_replaces_the_one_before(wanting: Reconciler) -> None:
    assert refresh_networks(wanting.services) is True
    assert refresh_networks(wanting.services) is None
    assert kept(wanting) == [{"networks": HOOKS, "fresh": True, "due_in_h": 24}]

    wanting.github.networks = ["140.82.112.0/20"]
    let_pass(wanting, days=1)
    assert refresh_networks(wanting.services) is True
    assert kept(wanting)[0]["networks"] == ["140.82.112.0/20"]
    assert wanting.github.requests == ["GET /meta"] * 2
    assert wanting.github.authorizations == ["", ""]


@pytest.mark.parametrize("how", ["down", "limited", "empty", "no networks", "unreachable"])
def test_a_failure_keeps_the_list_and_is_tried_again_in_an_hour(
    wanting: Reconciler, how: str
) -> None:
    refresh_networks(wanting.services)
    let_pass(wanting, days=3)
    github = wanting.github
    if how == "down":
        github.down = True
    elif how == "limited":
        github.refusals = [Refusal(status=403, headers={"X-RateLimit-Remaining": "0"})]
    elif how == "empty":
        github.networks = []
    elif how == "no networks":
        github.networks = ["192.0.2.0/24", "anywhere"]
    else:
        wanting.services = replace(wanting.services, github_api="http://127.0.0.1:1")

    assert refresh_networks(wanting.services) is False
    assert kept(wanting) == [{"networks": HOOKS, "fresh": False, "due_in_h": 1}]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"hooks": null}',
        b'{"hooks": "192.0.2.0/24"}',
        b'{"hooks": [1]}',
        b'{"hooks": ["192.0.2.1/24"]}',
        b'{"hooks": ["fe80::%eth0/64"]}',
    ],
)
def test_anything_but_a_list_of_networks_is_none(body: bytes) -> None:
    assert read_networks(body) is None
