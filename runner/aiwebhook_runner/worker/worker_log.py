"""What a worker logs while it runs: one line per change, for people or for programs."""

import sys
from typing import Protocol, TextIO

from aiwebhook.clock import Clock, utc_now
from aiwebhook.json_log import JsonLog


class WorkerLog(Protocol):
    """The worker's output, one line per change. Safe between threads."""

    def write(self, change: str, sentence: str, **facts: object) -> None:
        """`change` names its kind, `sentence` is for people, `facts` for programs."""
        ...


class PlainWorkerLog:
    """Sentences with the time of day."""

    def __init__(self, stream: TextIO | None = None, now: Clock = utc_now) -> None:
        self._stream = stream or sys.stdout
        self._now = now

    def write(self, change: str, sentence: str, **facts: object) -> None:
        del change, facts
        text = "".join(c if c.isprintable() else "�" for c in sentence)
        # One write for the whole line, so that two threads do not mix theirs.
        self._stream.write(f"{self._now().astimezone():%H:%M:%S}  {text}\n")
        self._stream.flush()


class JsonWorkerLog:
    """JSON lines, as the runner's own log."""

    def __init__(self, worker: str, stream: TextIO | None = None) -> None:
        self._log = JsonLog(stream=stream, service="worker", worker=worker)

    def write(self, change: str, sentence: str, **facts: object) -> None:
        self._log.info(change, text=sentence, **facts)
