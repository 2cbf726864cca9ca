"""The lab, once for all; every cell of the matrix is begun at once and awaited by its own test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from aiwebhook_local.stack import running_stack
from tests.agents.lab import Lab, Played, running_provider
from tests.agents.matrix import SITUATIONS
from tests.support.agents_user import folder_open_to_all

AT_ONCE = 5
"""Cells under way: most of a cell's time is waiting."""

Cells = Mapping[tuple[str, str], "Future[Played]"]


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A stack of its own whose gateways know the scripted provider and keys that are worthless."""
    with (
        folder_open_to_all() as folder,
        pytest.MonkeyPatch.context() as environment,
        running_provider(folder) as provider,
    ):
        for name in ("ANTHROPIC", "OPENAI", "GOOGLE"):
            environment.setenv(f"AIWEBHOOK_UPSTREAM_{name}", provider.url)
        for name in ("ANTHROPIC", "OPENAI", "GEMINI"):
            environment.setenv(f"{name}_API_KEY", f"key-of-the-lab-{name.lower()}")
        environment.setenv("AIWEBHOOK_ALLOW_LOCAL_REPOS", "true")
        environment.setenv("AIWEBHOOK_CHECKPOINT_S", "3")
        with running_stack(home=folder / ".local", port=0) as stack:
            yield Lab(stack=stack, provider=provider, folder=folder)


@pytest.fixture(scope="session")
def cells(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Cells]:
    """Those of the matrix that are selected."""
    wanted = {
        cast("tuple[str, str]", item.callspec.params["cell"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and "cells" in item.fixturenames
    }
    situations = {situation.name: situation for situation in SITUATIONS}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            (agent, name): pool.submit(lab.play, agent, situations[name])
            for agent, name in sorted(wanted)
        }
        pool.shutdown(cancel_futures=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """For repositories of one test."""
    return tmp_path
