"""What agents of killed supervisors left running."""

import os
import subprocess
import sys

import pytest

from aiwebhook_runner.process import isolation
from aiwebhook_runner.process.abandoned_users import end_abandoned
from aiwebhook_runner.process.isolation import AgentUser

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may become another user"
)


def detached(user: AgentUser) -> subprocess.Popen[bytes]:
    """A process of the agent's in a session of its own."""
    return subprocess.Popen(
        ["/bin/sleep", "60"],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        start_new_session=True,
    )


@pytest.mark.req("T4")
def test_the_next_run_with_the_number_ends_what_still_runs_under_it() -> None:
    user = isolation.choose_user([])
    left = detached(user)
    os.close(user.hold)  # as when the supervisor is killed
    taken: list[AgentUser] = []
    while user.uid not in {each.uid for each in taken} and left.poll() is None:
        taken.append(isolation.choose_user([]))  # a test beside this one may have freed others
    for each in taken:
        os.close(each.hold)
    assert left.wait(timeout=30) == -9


@pytest.mark.req("T4")
def test_a_sweep_ends_what_nobody_holds_and_spares_the_runs_of_the_living() -> None:
    held, lost = isolation.choose_user([]), isolation.choose_user([])
    working, left = detached(held), detached(lost)
    os.close(lost.hold)
    assert end_abandoned() >= 1
    assert left.wait(timeout=30) == -9
    assert working.poll() is None
    os.close(held.hold)
    end_abandoned()
    assert working.wait(timeout=30) == -9
