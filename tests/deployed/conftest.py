"""The releases, and one account in which the tests of a file deploy them one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.deployed.account import ROOT, EmulatedAccount, emulated_account
from tests.deployed.deployment import Deployment
from tests.deployed.releases import Release, synthesised

Report = Callable[[str], None]
_LOG_CHARACTERS = 12_000
_REPORTS = ROOT / ".build" / "cloud" / "reports"


def size() -> str:
    """`sample` in CI, else everything."""
    return os.environ.get("CLOUD", "whole")  # noqa: TID251 what `make test-cloud` was given


@pytest.fixture(scope="session")
def report(worker_id: str) -> Report:
    """Takes a line of what was measured; `make test-cloud` shows them at its end. Each process of
    pytest-xdist has a file of its own.
    """
    _REPORTS.mkdir(parents=True, exist_ok=True)
    path = _REPORTS / f"{worker_id}.txt"
    path.write_text("", "utf-8")

    def add(line: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    return add


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    """A folder for minutes. pytest's own are removed by other runs of the machine meanwhile."""
    with TemporaryDirectory(prefix="aiwebhook-cloud-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def release(room: Path) -> Release:
    """What this tree deploys."""
    return synthesised("now", room)


@pytest.fixture(scope="session")
def other_agents(room: Path) -> Release:
    """The same with other agents."""
    return synthesised("other_agents", room)


@pytest.fixture(scope="session")
def account(room: Path) -> Iterator[EmulatedAccount]:
    """One with nothing in it yet."""
    room.chmod(0o711)  # other users pass through: agents have users of their own
    with emulated_account(room / "account") as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the ends of the account's logs, which go with the account."""
    report = yield
    account: object = item.funcargs.get("account") if isinstance(item, pytest.Function) else None
    if report.failed and isinstance(account, EmulatedAccount):
        for log in sorted((account.folder / "logs").glob("*.log")):
            text = log.read_text("utf-8", errors="replace")
            report.sections.append((log.name, text[-_LOG_CHARACTERS:]))
    return report


@pytest.fixture(scope="module")
def deployment(account: EmulatedAccount) -> Deployment:
    """What a file of tests deploys, one after the other."""
    return Deployment(account=account)
