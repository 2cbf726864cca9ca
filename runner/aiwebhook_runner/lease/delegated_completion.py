"""A delegated run's success is sent by its worker, which completes several runs in one call."""

import sys
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TextIO, TypeAlias, cast

from aiwebhook.client import Run, TransportOptions
from aiwebhook.client.problems import error_of_response
from aiwebhook_runner.jsons import JsonObject, encode
from aiwebhook_runner.lease.retry import Deadline

ANSWER_S = 5.0
"""Seconds; then the run sends its report itself: whichever comes second changes nothing."""
MOST_BYTES = 64 * 1024
"""Fifty of these fit into one request."""
Answers: TypeAlias = SimpleQueue[JsonObject]
"""{number, result}: the report's number and the server's result; null when it is unknown."""


class DelegatedRun(Run):
    """Like Run, except for how it completes."""

    def __init__(  # noqa: PLR0913 - what a Run needs, and the way to the worker
        self,
        base_url: str,
        run: JsonObject,
        options: TransportOptions,
        *,
        answers: Answers,
        check: Callable[[], None],
        worker: TextIO | None = None,
    ) -> None:
        """`answers` receives the worker's replies; `check` raises while the lease is in doubt;
        `worker` is the stream to it, by default stdout.
        """
        super().__init__(base_url, run, options)
        self._answers = answers
        self._check = check
        self._worker = worker or sys.stdout
        self._number = 0

    def report(self, end: str, report: JsonObject) -> str:
        """Through the worker where possible; otherwise directly."""
        self._number += 1
        written: JsonObject = {"type": "complete", "number": self._number, "report": report}
        line = encode(written).decode()
        if end != "complete" or len(line) > MOST_BYTES:
            return super().report(end, report)
        self._check()
        result = self._of_worker(line)
        if result is None:
            return super().report(end, report)
        problem = result.get("problem")
        if isinstance(problem, dict):
            told = cast("JsonObject", problem)
            raise error_of_response(int(str(told.get("status", 0))), {}, encode(told))
        return str(result.get("status"))

    def _of_worker(self, line: str) -> JsonObject | None:
        self._worker.write(line + "\n")
        self._worker.flush()
        deadline = Deadline(ANSWER_S)
        while True:
            try:
                answer = self._answers.get(timeout=max(deadline.left_s(), 0))
            except Empty:
                return None
            if (
                answer.get("number") == self._number
            ):  # otherwise it came too late, for another report
                result = answer.get("result")
                return cast("JsonObject", result) if isinstance(result, dict) else None
