"""`python -m aiwebhook_runner worker AGENT`: a container that waits for tasks of one agent, as the
service of warm workers starts it.
"""

import socket
import sys
from collections.abc import Callable, Mapping
from threading import Event

from aiwebhook.domain.provider import NO_KEY
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.exits import RunExitCode
from aiwebhook_runner.worker.options import WorkerOptions
from aiwebhook_runner.worker.run import run_worker
from aiwebhook_runner.worker.settings import own_target

DRAIN_S = 90.0
"""Of the 120 s that ECS gives a container to stop."""
AGAIN_S = 60.0
"""A container that cannot work waits so long before it ends, and ECS starts another, which reads
the key anew. At once would look like a release that does not stay up."""


def run_warm(
    agent: str,
    env: Mapping[str, str] | None = None,
    *,
    pause: Callable[[float], object] | None = None,
) -> RunExitCode:
    """Work until told to stop. Address and key come from AIWEBHOOK_URL and AIWEBHOOK_API_KEY."""
    url, key = own_target(env)
    pause = pause or Event().wait
    if not url or key in ("", NO_KEY):
        sys.stderr.write("There is no AIWEBHOOK_URL or AIWEBHOOK_API_KEY yet: 'cloud deploy'.\n")
        pause(AGAIN_S)
        return RunExitCode.MISUSED
    try:
        run_worker(
            WorkerOptions(
                url=url,
                key=key,
                name=f"warm {agent} {socket.gethostname()}",
                concurrency={agent: 1},
                drain_s=DRAIN_S,
                json=True,
            )
        )
    except AiWebhookError as error:
        sys.stderr.write(f"{error.detail} {error.remedy}\n")
        pause(AGAIN_S)
        return RunExitCode.REFUSED
    return RunExitCode.RECORDED
