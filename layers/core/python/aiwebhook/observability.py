"""Logs and metrics: JSON lines by Powertools, one correlation id through every hop,
never a payload.

Messages are constants, facts are keys. A fact is a short text or a number: bodies, contents and
secrets do not fit, and errors are logged by type and place, because their messages may quote
what was sent.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from aws_lambda_powertools.logging import Logger

LogValue = str | int | float | bool | None
MAX_FACT = 200
_CALLER = 3  # frames from Powertools' method to whoever called us: what `location` names


@dataclass(slots=True, kw_only=True)
class Process:
    """This process's logger and metrics, set once by `configure`."""

    namespace: str = "AiWebhook"
    service: str = "aiwebhook"
    logger: Logger = field(default_factory=lambda: Logger(service="aiwebhook", level=logging.INFO))
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


_process = Process()


def configure(*, service: str, level: str, namespace: str, stream: TextIO | None = None) -> None:
    """Name the process. Called once; `stream` is where lines go, else stdout.

    It may come after `begin`: some wiring waits for the first request.
    """
    _process.logger = Logger(
        service=service, level=level, stream=stream, use_rfc3339=True, utc=True
    )
    _process.service, _process.namespace = service, namespace


def begin(**facts: LogValue) -> None:
    """A new request or batch: these facts stand on every line until the next `begin`. They go with
    each line: Powertools keeps keys of its own by making its formatter anew.

    The fact `correlation_id` is given to those we call, too.
    """
    _process.facts = _safe(facts)


def add_facts(**facts: LogValue) -> None:
    """More facts of the request under way."""
    _process.facts |= _safe(facts)


def correlation_id() -> str | None:
    """Of the request under way: what we send on carries it."""
    return _process.facts.get("correlation_id")


def info(message: str, **facts: LogValue) -> None:
    """A line that says what happened."""
    _process.logger.info(message, extra=_process.facts | _safe(facts), stacklevel=_CALLER)


def warning(message: str, **facts: LogValue) -> None:
    """A line about something that a person may want to look at."""
    _process.logger.warning(message, extra=_process.facts | _safe(facts), stacklevel=_CALLER)


def exception(message: str, error: BaseException, **facts: LogValue) -> None:
    """An error nobody expected: its type, and the frames it came through, without its message."""
    extra = _process.facts | _safe({**facts, "error": type(error).__name__, **_place(error)})
    _process.logger.error(message, extra=extra, stacklevel=_CALLER)


def command_done(command: str, outcome: str, *, ms: float) -> None:
    """The one line per command, and its metrics."""
    info("command", command=command, outcome=outcome, ms=round(ms, 1))
    measure({"commands": 1}, ms={"command_ms": ms}, command=command, outcome=outcome)


def count(name: str, value: float = 1, **dimensions: str) -> None:
    """One counted thing, as an EMF metric line."""
    measure({name: value}, ms=None, **dimensions)


def measure(
    counts: Mapping[str, float], *, ms: Mapping[str, float] | None = None, **dimensions: str
) -> None:
    """Counts and durations of one occurrence, as one EMF metric line (ADR 0023: not by Powertools,
    whose object for it takes four times as long).

    Dimensions must have few values: each combination is a metric that is paid for.
    """
    named = {name: text[:MAX_FACT] or "none" for name, text in dimensions.items()}
    named["service"] = _process.service
    units = {**dict.fromkeys(counts, "Count"), **dict.fromkeys(ms or (), "Milliseconds")}
    values = {name: [round(float(value), 1)] for name, value in {**counts, **(ms or {})}.items()}
    metrics = {
        "Namespace": _process.namespace,
        "Dimensions": [list(named)],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }
    about = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [metrics]}
    sys.stdout.write(json.dumps({"_aws": about, **named, **values}, separators=(",", ":")) + "\n")


def _safe(facts: dict[str, LogValue]) -> dict[str, Any]:
    return {k: v[:MAX_FACT] if isinstance(v, str) else v for k, v in facts.items()}


def _place(error: BaseException) -> dict[str, Any]:
    import traceback  # noqa: PLC0415 — only for errors

    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__
    return {"at": where, "cause": None if cause is None else type(cause).__name__}
