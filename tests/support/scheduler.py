"""How `make test` hands its tests to its processes: as pytest-xdist does, and in less time."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController


class ForgetfulGroups(LoadGroupScheduling):
    """Forgets a group once its tests are done. xdist keeps them all, and counts after each test
    what is left in any: with thousands of tests that takes seconds of a core that runs tests.
    """

    def mark_test_complete(
        self,
        node: WorkerController,
        item_index: int,
        duration: float = 0,  # noqa: ARG002 - xdist's signature
    ) -> None:
        test = self.registered_collections[node][item_index]
        groups = self.assigned_work[node]
        group = groups[self._split_scope(test)]
        group[test] = True
        if all(group.values()):
            del groups[self._split_scope(test)]
        self._reschedule(node)


@pytest.hookimpl(tryfirst=True, optionalhook=True)  # xdist may be switched off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    if getattr(config.option, "dist", None) == "loadgroup":
        return ForgetfulGroups(config, log)
    return None
