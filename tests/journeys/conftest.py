"""For each journey a project of its own on the one running stack, and a receiver of callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from aiwebhook.client import Client
from aiwebhook_local.stack import StackInfo
from tests.support.receiver import Receiver, running_receiver
from tests.support.task_command import SlowAnswer, post_task_command
from tests.support.tenant import Tenant, tenant


@pytest.fixture
def project(stack: StackInfo) -> Iterator[Tenant]:
    """A project that no other journey sees."""
    with tenant(stack) as made:
        yield made


@pytest.fixture
def local_project(stack: StackInfo) -> Iterator[Client]:
    """The project that GitHub delivers to, and its admin key, as `make up` prints it."""
    with Client(stack.url, api_key=stack.api_key) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def unanswered(stack: StackInfo) -> Iterator[SlowAnswer]:
    """A task command nobody works on, posted while the other journeys run: it takes 25 s."""
    with tenant(stack, "unanswered") as project, ThreadPoolExecutor(1) as pool:
        yield SlowAnswer(project=project, answer=pool.submit(post_task_command, project))
