"""Tests that share a fixture of many seconds go to one process of `make test`."""

from __future__ import annotations

from typing import cast

import pytest


@pytest.mark.xdist_group("a group")
def test_groups_are_obeyed(request: pytest.FixtureRequest) -> None:
    """pytest-xdist hands tests out by the end of their ids; a pytest it does not know drops it."""
    node = cast("pytest.Item", request.node)
    grouped = getattr(request.config.option, "loadgroup", False)  # set by xdist in its processes
    assert not grouped or node.nodeid.endswith("@a group")
