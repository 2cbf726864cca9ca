"""What stages cost while nothing happens."""

import pytest

from infra.costs import idle_costs
from infra.stages import DEV, PROD, Stage


@pytest.mark.req("O1")
@pytest.mark.parametrize(("stage", "most"), [(DEV, 25), (PROD, 90)], ids=["dev", "prod"])
def test_an_idle_month_costs_what_was_promised(stage: Stage, most: int) -> None:
    items = idle_costs(stage)
    assert sum(item.dollars for item in items) <= most
    assert [item.dollars for item in items] == sorted((i.dollars for i in items), reverse=True)
