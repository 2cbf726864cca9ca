"""On one machine only one worker of a deployment may have a name: two would take each other's
leases for their own, and each would report its own room as the room of both.
"""

import contextlib
import fcntl
import hashlib
from collections.abc import Generator
from pathlib import Path

from aiwebhook.errors import AiWebhookError


class WorkerAlreadyRuns(AiWebhookError):
    """Another worker of this name serves this deployment from this machine."""

    code = "worker_already_runs"


@contextlib.contextmanager
def taken(folder: Path, *, url: str, name: str) -> Generator[None]:
    """Holds this name while the context lasts; the kernel releases it when the process dies,
    however it dies. Raises WorkerAlreadyRuns. Where the folder is not writable there is no lock: a
    worker needs no home.
    """
    key = hashlib.sha256(f"{url}\0{name}".encode()).hexdigest()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context((folder / f"{key[:32]}.lock").open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"A worker named {name} already runs on this machine for {url}."
                raise WorkerAlreadyRuns(message) from None
        yield
