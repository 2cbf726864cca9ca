"""A cold start pays only for what every request needs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

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


@pytest.mark.req("W2")
def test_importing_relay_imports_nothing_heavy() -> None:
    found = f"[m for m in {HEAVY!r} if m in sys.modules]"
    code = f"import sys, json, relay.handler; print(json.dumps({found}))"
    path = ":".join(str(path) for path in PATHS)
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        env={**ENVIRONMENT, "PYTHONPATH": path},
    )
    assert json.loads(done.stdout) == []
