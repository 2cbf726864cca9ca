"""What a function renews after Lambda SnapStart has restored it from a snapshot.

Every process that is restored begins with the same memory. Ids, keys and tokens come from the
operating system and differ; what `random` says next would be the same in all of them. What expires
or is open elsewhere belongs to the process before: connections are closed here, secrets and logins
are read at the first request, and credentials are asked for again (aws/container_credentials.py).
Time needs nothing: clocks are read when they are needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module


def from_snapshots(environ: Mapping[str, str] | None = None) -> bool:
    """Whether this process is, or will be, restored from a snapshot."""
    env = os.environ if environ is None else environ  # noqa: TID251  reason: the name is Lambda's
    return env.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


def after_restore(*renew: Callable[[], object]) -> None:
    """Call these, in their order, in each restored process before its first request.
    Elsewhere nothing happens.
    """
    if not from_snapshots():
        return
    hooks = import_module("snapshot_restore_py")  # of Lambda's runtime, and only there
    for each in (import_module("random").seed, *renew):
        hooks.register_after_restore(each)
