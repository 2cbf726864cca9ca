"""The pool of function processes, where calls and a new version of the code meet."""

import importlib
from collections.abc import Generator
from typing import Any

import pytest

from aiwebhook_local.function_processes import acquire_of_this_code

_runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
CONFIG = {"FunctionArn": "arn:aws:lambda:eu-central-1:000000000000:function:any"}


@pytest.fixture(autouse=True)
def pool() -> Generator[None]:
    """Nobody else's."""
    yield
    _runtime.reset()


@pytest.mark.req("O5")
def test_a_process_made_for_a_call_that_overlapped_an_update_serves_no_later_call() -> None:
    """The call has read the code, then the code is replaced, then the call asks for a process."""
    _runtime.invalidate_worker("any", qualifier="$LATEST")  # of the update
    overlapped, _ = acquire_of_this_code("any", CONFIG, b"before", qualifier="$LATEST")
    _runtime.release_worker(overlapped)

    worker, reason = acquire_of_this_code("any", CONFIG, b"after", qualifier="$LATEST")

    assert (worker.code_zip, reason) == (b"after", "spawn")
    _runtime.release_worker(worker)
    assert acquire_of_this_code("any", CONFIG, b"after", qualifier="$LATEST") == (worker, "reused")
