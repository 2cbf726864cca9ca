"""The releases, and one account in which the tests of a file deploy them one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.deployed.account import ROOT, EmulatedAccount, emulated_account
from tests.deployed.deployment import Deployment
from tests.deployed.releases import Release, synthesised

Report = Callable[[str], None]
_REPORT = ROOT / ".build" / "cloud" / "report.txt"


def size() -> str:
    """`sample` in CI, else everything."""
    return os.environ.get("CLOUD", "whole")  # noqa: TID251 what `make test-cloud` was given


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
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAccount]:
    """One with nothing in it yet."""
    with emulated_account(tmp_path_factory.mktemp("account")) as made:
        yield made


@pytest.fixture(scope="module")
def deployment(account: EmulatedAccount) -> Deployment:
    """What a file of tests deploys, one after the other."""
    return Deployment(account=account)
