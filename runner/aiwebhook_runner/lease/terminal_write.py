"""The terminal report of a run as it is sent: repaired, and small enough for one request."""

from collections.abc import Callable
from dataclasses import asdict
from typing import cast

from aiwebhook.domain.notes import Notes
from aiwebhook.domain.repair import fitted, json_bytes
from aiwebhook.domain.terminal_report import repair_completion, repair_failure
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.output.outcome import Completed, Failed
from aiwebhook_runner.output.transcript import Transcript

MAX_REPORT_BYTES = 4 * 1024 * 1024
"""API Gateway passes bytes on as base64, and Lambda takes 6 MB with everything around them."""
WHOLE_OUTPUT, WHOLE_MEMORIES = "output.json", "memories.json"

Keep = Callable[[str, object], bool]
"""Stores a value as an artifact of that name; False when that was not possible."""


def report_of(
    outcome: Completed | Failed,
    transcript: Transcript,
    *,
    messages_seen: int | None,
    notes: Notes,
) -> JsonObject:
    """The report without regard to its size: every field valid, with `notes`."""
    if isinstance(outcome, Completed):
        given: JsonObject = {
            "output": outcome.output,
            "say": outcome.say,
            "memories": [asdict(memory) for memory in transcript.memories],
            "forget": transcript.forget,
            "usage": outcome.usage,
            "exit_code": outcome.exit_code,
            "messages_seen": messages_seen,
        }
        repaired = repair_completion(given, notes)
    else:
        given = {
            "error_class": outcome.error_class.value,
            "message": outcome.message,
            "remedy": outcome.remedy,
            "retryable": outcome.retryable,
            "exit_code": outcome.exit_code,
            "usage": outcome.usage,
            "output": outcome.output or None,
        }
        repaired = repair_failure(given, notes)
    body = {name: value for name, value in repaired.body.items() if value not in (None, [])}
    if not body.get("usage"):
        body.pop("usage", None)
    return body


def small_enough(body: JsonObject, notes: Notes, keep: Keep) -> JsonObject:
    """The report fitted into one request, with `notes`. If too large, output and memories are
    stored whole as artifacts, and cut in the report.
    """
    room = MAX_REPORT_BYTES - NOTES_BYTES
    if json_bytes(body) > room:
        memories = body.get("memories", [])
        if memories and json_bytes(memories) > room // 2:
            body = {**body, "memories": _fewer(memories, room // 2, notes, keep)}
        output = body.get("output", {})
        rest = room - json_bytes({**body, "output": {}})
        if json_bytes(output) > rest:
            if keep(WHOLE_OUTPUT, output):
                _kept_whole(WHOLE_OUTPUT, "/output", notes)
            body = {**body, "output": fitted(output, rest, notes, "/output")}
    notes_json = notes.as_json()
    return {**body, "notes": notes_json} if notes_json else body


NOTES_BYTES = 64 * 1024


def _fewer(memories: object, room: int, notes: Notes, keep: Keep) -> list[object]:
    every = cast("list[object]", memories)
    kept: list[object] = []
    for memory in every:
        room -= json_bytes(memory) + 1
        if room < 0:
            break
        kept.append(memory)
    left = len(every) - len(kept)
    notes.add("/memories", f"were too large together; {left} of {len(every)} were not stored.")
    if keep(WHOLE_MEMORIES, every):
        _kept_whole(WHOLE_MEMORIES, "/memories", notes)
    return kept


def _kept_whole(name: str, pointer: str, notes: Notes) -> None:
    notes.add(pointer, f"is stored in full as the artifact {name}.")
