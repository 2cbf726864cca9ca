"""Tests that share a fixture of many seconds go to one process of `make test`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from xdist.scheduler import LoadGroupScheduling

from tests.support.scheduler import ForgetfulGroups


@pytest.mark.xdist_group("a group")
def test_groups_are_obeyed(request: pytest.FixtureRequest) -> None:
    """pytest-xdist hands tests out by the end of their ids; a pytest it does not know drops it."""
    node = cast("pytest.Item", request.node)
    grouped = getattr(request.config.option, "loadgroup", False)  # set by xdist in its processes
    assert not grouped or node.nodeid.endswith("@a group")


class Process:
    """A process of pytest-xdist that writes down what it is given."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.gateway = SimpleNamespace(id=f"gw{number}")
        self.given: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def handed_out(
    kind: type[LoadGroupScheduling], config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[list[int]], int]:
    """What each of two processes is given, the first twice as fast; and what is kept at the end."""
    monkeypatch.setattr(config.option, "tx", ["2*popen"])
    scheduler, processes = kind(config), [Process(0), Process(1)]
    nodes: list[Any] = [*processes]
    tests = [f"tests/test_a.py::test[{n}]" + ("@group" if n % 7 == 3 else "") for n in range(60)]
    for node in nodes:
        scheduler.add_node(node)
    for node in nodes:
        scheduler.add_node_collection(node, tests)
    scheduler.schedule()
    done = [0, 0]
    while any(done[p.number] < len(p.given) for p in processes):
        for number in (0, 0, 1):
            if done[number] < len(processes[number].given):
                done[number] += 1
                index = processes[number].given[done[number] - 1]
                scheduler.mark_test_complete(nodes[number], index)
    assert scheduler.tests_finished
    assert all(process.shutting_down for process in processes)
    return [process.given for process in processes], sum(map(len, scheduler.assigned_work.values()))


def test_tests_are_handed_out_as_xdist_does_and_forgotten_once_done(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, kept = handed_out(LoadGroupScheduling, pytestconfig, monkeypatch)
    ours, left = handed_out(ForgetfulGroups, pytestconfig, monkeypatch)
    assert ours == theirs
    assert sorted(index for given in ours for index in given) == [*range(60)]
    assert (kept > 0, left) == (True, 0)
