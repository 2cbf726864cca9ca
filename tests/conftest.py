"""Fixtures for every test."""

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.queue",
    "tests.support.notifier",
    "tests.support.stack",
]
