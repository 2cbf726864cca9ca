"""A cold start pays only for what every request needs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from aiwebhook.domain.database_role import DATABASE_FUNCTIONS
from benchmarks.coldimport import ENVIRONMENT, PATHS

HEAVY = (
    "boto3",
    "botocore.session",
    "botocore.client",
    "jsonschema",
    "aws_lambda_powertools.event_handler",
    "aws_xray_sdk",
    "aiwebhook.commands.store_memory",
    "aiwebhook.commands.run_task_command",
)


def told_by(code: str) -> Any:
    """What a fresh process prints as JSON."""
    path = ":".join(str(path) for path in PATHS)
    done = subprocess.run(
        [sys.executable, "-c", f"import gc, json, sys; {code}"],
        check=True,
        capture_output=True,
        env={**ENVIRONMENT, "PYTHONPATH": path},
    )
    return json.loads(done.stdout)


@pytest.mark.req("W2")
def test_importing_relay_imports_nothing_heavy() -> None:
    found = f"[m for m in {HEAVY!r} if m in sys.modules]"
    assert told_by(f"import relay.handler; print(json.dumps({found}))") == []


@pytest.mark.req("W2")
@pytest.mark.parametrize("name", DATABASE_FUNCTIONS)
def test_no_import_waits_for_the_garbage_collector(name: str) -> None:
    full = "gc.get_stats()[2]['collections']"
    code = (
        f"before = {full}; import {name}.handler;"
        f" print(json.dumps([{full} - before, gc.isenabled(), gc.get_freeze_count() > 10_000]))"
    )
    assert told_by(code) == [0, True, True]
