"""A caller of session_api: a project of its own, on one database per module."""

from __future__ import annotations

import pytest

from tests.support.api_fixtures import driver, module_database
from tests.support.oauth import Connecting
from tests.support.session_api import ApiDriver

__all__ = ["driver", "module_database"]


@pytest.fixture
def connecting(driver: ApiDriver) -> Connecting:
    """A person of the driver's project, and a client with a document that wants in."""
    return Connecting(driver=driver)
