"""The stack as a process that may be killed: `python -m tests.kill.stack_process HOME PORT STATE
[AUTHORITY]`; AUTHORITY: a file of certificates that it trusts.

It does what `aiwebhook local up` does: starts Postgres again when that ends, and ends with the
front. Into the file STATE it writes what a test needs to command it (`storm_stack.Running`).
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from pathlib import Path

from aiwebhook_local.processes import ProcessIdentity
from aiwebhook_local.stack import StackInfo, running_stack
from aiwebhook_local.trusted_authority import trust
from aiwebhook_local.waiting import wait_until

# Seconds. A run that is killed before it reports in, while nobody hears that its container stopped,
# holds its lease so long; the product's setting for it, 300 by default, would be most of the test.
LAUNCH_TIMEOUT_S = 45


def main(home: Path, port: int, state: Path, authority: Path | None) -> int:
    """Until SIGTERM or the end of the front."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with running_stack(home=home, port=port) as stack:
        set_launch_timeout(stack)
        if authority is not None:
            trust(stack.aws, authority)
        _write(state, stack)
        front = ProcessIdentity.of(stack.pids["front"])

        def front_ended() -> bool:
            if not stack.postgres.running:
                stack.postgres.start()
                _write(state, stack)
            return not front.alive

        wait_until(front_ended, timeout_s=math.inf, period_s=0.1)
    return 1


def set_launch_timeout(stack: StackInfo) -> None:
    """By the dispatcher's own setting, as an operator would."""
    client, name = stack.aws.client("lambda"), stack.functions["dispatcher"]
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {**variables, "LAUNCH_TIMEOUT_S": str(LAUNCH_TIMEOUT_S)}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": changed})


def _write(state: Path, stack: StackInfo) -> None:
    running = {
        "supervisor": os.getpid(),
        "front": stack.pids["front"],
        "postgres": stack.postgres.pid,
        "url": stack.url,
        "dsn": stack.dsn,
        "session_token": stack.aws.session_token,
        "github_secret": stack.github_secret,
        "functions": stack.functions,
    }
    whole = state.with_suffix(".new")
    whole.touch(mode=0o600)
    whole.write_text(json.dumps(running))
    whole.replace(state)


if __name__ == "__main__":
    home, port, state, *authority = sys.argv[1:]
    sys.exit(main(Path(home), int(port), Path(state), Path(authority[0]) if authority else None))
