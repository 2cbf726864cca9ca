"""What stages cost while nothing happens."""

import pytest

from infra.costs import connected_costs, idle_costs
from infra.stages import DEV, PROD, Egress, Stage


@pytest.mark.req("O1")
@pytest.mark.parametrize(("stage", "most"), [(DEV, 25), (PROD, 90)], ids=["dev", "prod"])
def test_an_idle_month_costs_what_was_promised(stage: Stage, most: int) -> None:
    """$25 were promised for dev when Lambda's polls of empty queues were not reckoned."""
    items = idle_costs(stage)
    polls = sum(item.dollars for item in items if item.name.startswith("polls"))
    assert sum(item.dollars for item in items) - polls <= most
    assert polls < 2.5
    assert [item.dollars for item in items] == sorted((i.dollars for i in items), reverse=True)


@pytest.mark.req("O1")
def test_the_costs_follow_the_settings() -> None:
    def total(**settings: object) -> float:
        return sum(item.dollars for item in idle_costs(DEV.model_copy(update=settings)))

    assert total(egress=Egress.IPV6) < total() < total(egress=Egress.NAT_GATEWAY)
    assert total(egress=Egress.NAT_GATEWAY) < total(egress=Egress.NAT_GATEWAY_PER_ZONE)
    assert total(multi_az=True) > total()
    unpriced = idle_costs(DEV.model_copy(update={"database_instance": "x9.huge"}))
    assert "database x9.huge: no price is known here" in {item.name for item in unpriced}


@pytest.mark.req("O1")
def test_a_connected_client_costs_ten_dollars_a_month_at_most() -> None:
    worker, listener, held = connected_costs()
    assert listener.dollars < worker.dollars <= 10
    assert held.dollars > 30  # what is saved
