"""Fixtures for every test."""

from __future__ import annotations

import signal

import hypothesis
import pytest

pytest_plugins = [
    "tests.support.run_folder",
    "tests.support.postgres",
    "tests.support.queue",
    "tests.support.notifier",
    "tests.support.agents_user",
    "tests.support.stack",
    "tests.support.moto",
    "tests.support.scheduler",
]

# A deadline for an example is an assertion on the wall clock: it fails on a busy machine.
# The same examples every time, too; other ones: `make test ARGS="--hypothesis-profile=search"`.
hypothesis.settings.register_profile("search", deadline=None, derandomize=False)
hypothesis.settings.register_profile("any machine", deadline=None, derandomize=True)
hypothesis.settings.load_profile("any machine")

# A shell has what it starts in the background ignore Ctrl-C, and whatever that starts: here the
# programs that tests interrupt.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

DEAR = (
    *("stack", "toy_stack"),
    *("deep_queue", "filled", "large", "long_log"),
)
"""Fixtures that take seconds and are made once: all their tests go to one process."""

LONGEST_ID = 200


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Megabytes make no name: each process would escape them, send them and send them again with
    every report, and no program can be started while they stand in PYTEST_CURRENT_TEST.
    """
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{argname} of {len(val)}"
    return None


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` shares the tests out to processes (pytest-xdist), one by one but for these, and
    for those that start CDK: its Node is started once in a process.
    """
    for item in items:
        for fixture in DEAR:
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(fixture))
        if item.get_closest_marker("synth"):
            item.add_marker(pytest.mark.xdist_group("synth"))
