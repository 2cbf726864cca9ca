"""Processes that begin with one memory, as functions do that Lambda restores from a snapshot.

A fork stands for a restore: both children have what the process before had read and made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.coldimport import ENVIRONMENT, PATHS

pytestmark = pytest.mark.req("O1")
_SNAPSHOT = """
import json, os, random, sys
import {function}.handler
from aiwebhook.ids import new_uuid
from snapshot_restore_py import get_after_restore

def restored(renew):
    reader, writer = os.pipe()
    if os.fork() == 0:
        random.setstate(memory)  # Python seeds it anew in a fork, and nobody does after a restore
        for hook, arguments, named in get_after_restore() if renew else ():
            hook(*arguments, **named)
        found = [random.random(), new_uuid()]
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    found = json.loads(os.read(reader, 4096))
    os.wait()
    return found

memory = random.getstate()
open_now = [os.readlink(f"/proc/self/fd/{{fd}}") for fd in os.listdir("/proc/self/fd")
            if os.path.exists(f"/proc/self/fd/{{fd}}")]
print(json.dumps({{
    "as it was": [restored(False), restored(False)],
    "renewed": [restored(True), restored(True)],
    "sockets": [each for each in open_now if each.startswith("socket:")],
    "hooks": [getattr(hook, "__qualname__", "") for hook, _, _ in get_after_restore()],
}}))
"""


def snapshot_of(function: str, **environment: str) -> dict[str, Any]:
    """What two processes restored from one snapshot of the function make, without and with what
    is done after a restore; and what the snapshot itself has open.
    """
    done = subprocess.run(
        [sys.executable, "-c", _SNAPSHOT.format(function=function)],
        check=True,
        capture_output=True,
        env={**ENVIRONMENT, **environment, "PYTHONPATH": ":".join(str(path) for path in PATHS)},
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("function", ["relay", "session_api"])
def test_what_must_differ_differs_after_a_restore(function: str) -> None:
    found = snapshot_of(function, AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    # The danger is there, and ids never were in it: they come from the operating system.
    (one, its_id), (other, others_id) = found["as it was"]
    assert one == other
    assert its_id != others_id
    (one, _), (other, _) = found["renewed"]
    assert one != other
    assert "Database.close" in found["hooks"]
    assert found["sockets"] == [], "nothing that another server may have closed meanwhile"


def test_a_function_without_snapshots_has_no_hooks() -> None:
    assert snapshot_of("relay", AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")["hooks"] == []
