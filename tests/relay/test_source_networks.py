"""A source may take deliveries from GitHub's networks only; a list that is too old refuses none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from aiwebhook.domain.github_networks import NETWORKS_TRUSTED_S
from aiwebhook.postgres.statements import statement
from tests.postgres.test_queue_plans import nodes_of
from tests.relay.conftest import RelayClient
from tests.relay.test_sources import Sources

pytestmark = pytest.mark.req("W6")


@pytest.fixture
def sources(relay: RelayClient) -> Sources:
    return Sources(relay)


@pytest.fixture
def githubs(sources: Sources) -> Iterator[Callable[[int], None]]:
    """Keeps GitHub's networks, as read so many days ago."""

    def keep(days: int) -> None:
        sources.relay.driver.sql(
            "INSERT INTO github_networks (networks, fetched_at, next_at)"
            " VALUES ('{192.30.252.0/22,2a0a:a440::/29}', now() - make_interval(days => %(days)s),"
            " now())",
            days=days,
        )

    sources.relay.driver.sql("DELETE FROM github_networks")
    yield keep
    sources.relay.driver.sql("DELETE FROM github_networks")


def test_githubs_networks_hold_where_the_source_says_so(
    sources: Sources, githubs: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    githubs(6)
    only = sources.make("none", rules={"networks": "github"})
    more = sources.make("none", rules={"networks": "github"}, cidrs=["198.51.100.0/24"])
    own = sources.make("none", cidrs=["198.51.100.0/24"])
    off = sources.make("none", rules={"networks": "any"})
    came = {
        address: [
            sources.send(source, b"{}", {}, address=address).status
            for source in (only, more, own, off)
        ]
        for address in ("192.30.252.9", "2a0a:a440::9", "198.51.100.1", "2001:db8::1", "")
    }
    assert came == {
        "192.30.252.9": [202, 202, 403, 202],
        "2a0a:a440::9": [202, 202, 403, 202],
        "198.51.100.1": [403, 202, 202, 202],
        "2001:db8::1": [403, 403, 403, 202],
        "": [403, 403, 403, 202],
    }
    assert "networks_stale" not in capsys.readouterr().out


@pytest.mark.parametrize("days", [8, None])
def test_an_old_list_or_none_only_warns(
    sources: Sources,
    githubs: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    days: int | None,
) -> None:
    if days is not None:
        githubs(days)
    source_id = sources.make("none", rules={"networks": "github"})
    other = sources.make("none")
    for source, address in ((source_id, "203.0.113.9"), (source_id, "192.30.252.9"), (other, "")):
        assert sources.send(source, b"{}", {}, address=address).status == 202
    assert caplog.messages.count("GitHub's networks are not known") == 2
    assert capsys.readouterr().out.count('"networks_stale":[1.0]') == 2


@pytest.mark.parametrize(("rules", "read"), [({}, 0), ({"networks": "github"}, 1)])
def test_the_list_is_read_in_the_one_trip_and_only_where_it_is_wanted(
    sources: Sources, githubs: Callable[[int], None], rules: dict[str, str], read: int
) -> None:
    githubs(1)
    source_id = sources.make("none", rules=rules)
    plan = sources.relay.driver.sql(
        "EXPLAIN (ANALYZE, FORMAT JSON) " + statement("admit_source"),
        source_id=source_id,
        address="203.0.113.9",
        trusted_s=NETWORKS_TRUSTED_S,
    )[0]["QUERY PLAN"][0]["Plan"]
    lists = [n for n in nodes_of(plan) if n.get("Relation Name") == "github_networks"]
    assert [node["Actual Loops"] for node in lists] == [read, read]
