"""The releases, and one account in which the tests of a file deploy them one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.deployed.account import ROOT, emulated_account
from tests.deployed.deployment import Deployment
from tests.deployed.releases import Release, synthesised

Report = Callable[[str], None]
_REPORT = ROOT / ".build" / "cloud" / "report.txt"


@pytest.fixture(scope="session")
def report() -> Report:
    """Takes a line of what was measured; `make test-cloud` shows them at its end."""
    _REPORT.parent.mkdir(parents=True, exist_ok=True)
    _REPORT.write_text("", "utf-8")

    def add(line: str) -> None:
        with _REPORT.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    return add


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """This tree's release, and one with other agents."""
    folder = tmp_path_factory.mktemp("releases")
    return synthesised(folder, folder / "staging")


@pytest.fixture(scope="session")
def release(synthesis: tuple[Release, Release]) -> Release:
    """What this tree deploys."""
    return synthesis[0]


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An account with nothing in it yet."""
    with emulated_account(tmp_path_factory.mktemp("account")) as account:
        yield Deployment(account=account)
