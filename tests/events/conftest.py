"""Followers of events: clients of both eras in a project of their own."""

from __future__ import annotations

import pytest

from session_api.mcp.eras import MODERN
from tests.support.api_fixtures import driver, module_database
from tests.support.follower import Follower
from tests.support.mcp import McpClient
from tests.support.session_api import ApiDriver

__all__ = ["driver", "module_database"]


@pytest.fixture
def client(driver: ApiDriver) -> McpClient:
    """A client of 2026-07-28."""
    return McpClient(driver=driver, version=MODERN)


@pytest.fixture
def follower(driver: ApiDriver) -> Follower:
    """A client with a receiver of its own."""
    return Follower(driver=driver)
