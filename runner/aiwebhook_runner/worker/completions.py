"""Completes runs that end at the same time together."""

import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import cast

from aiwebhook.client import Client
from aiwebhook.client.runs import MOST_REPORTS
from aiwebhook.errors import AiWebhookError
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.worker.child import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    child: Child
    number: object
    report: JsonObject


class CompletionLoop:
    """One thread. It never waits for more: what ends while a call is under way goes with the next
    one. A run that gets no answer sends its report itself.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ended: SimpleQueue[_Ended] = SimpleQueue()

    def start(self) -> None:
        """Runs until the process exits: a run being completed keeps the worker alive."""
        threading.Thread(target=self._run, name="completions", daemon=True).start()

    def hear(self, child: Child, line: JsonObject) -> None:
        """A line printed by this run; only its report matters here."""
        report = line.get("report")
        if line.get("type") == "complete" and isinstance(report, dict):
            whole = cast("JsonObject", report)
            self._ended.put(_Ended(child=child, number=line.get("number"), report=whole))

    def tick(self) -> None:
        """Complete what has ended; waits for the first."""
        ended = [self._ended.get()]
        while len(ended) < MOST_REPORTS:
            try:
                ended.append(self._ended.get_nowait())
            except Empty:
                break
        try:
            answers = self._client.complete_runs(
                [(each.child.run.lease_token, each.report) for each in ended]
            )
        except AiWebhookError:
            answers = []
        for place, each in enumerate(ended):
            each.child.answer(each.number, answers[place] if place < len(answers) else None)

    def _run(self) -> None:
        while True:
            self.tick()
