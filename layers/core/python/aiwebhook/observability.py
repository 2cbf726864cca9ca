"""Logs and metrics: JSON lines by Powertools, one correlation id through every hop, never a payload.

Messages are constants, facts are keys. A fact is a short text or a number: bodies, contents and secrets do
not fit, and errors are logged by type and place, because their messages may quote what was sent.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger

Fact = str | int | float | bool | None
MAX_FACT = 200


@dataclass(slots=True, kw_only=True)
class _Process:
    """This process's logger and metrics, set once by `configure`."""

    logger: Logger | None = None
    namespace: str = "AiWebhook"
    service: str = "aiwebhook"
    correlation_id: str | None = None


_process = _Process()


def configure(*, service: str, level: str, namespace: str) -> None:
    """Name the process. Called once, by its wiring."""
    _process.logger = Logger(service=service, level=level)
    _process.service, _process.namespace = service, namespace


def begin(*, correlation_id: str, **facts: Fact) -> None:
    """A new request, message or run: these facts stand on every line until the next `begin`."""
    logger = _logger()
    logger.clear_state()
    logger.append_keys(correlation_id=correlation_id, **_safe(facts))
    _process.correlation_id = correlation_id


def correlation_id() -> str | None:
    """Of the request under way: what we send on carries it."""
    return _process.correlation_id


def info(message: str, **facts: Fact) -> None:
    """A line that says what happened."""
    _logger().info(message, extra=_safe(facts))


def warning(message: str, **facts: Fact) -> None:
    """A line about something that a person may want to look at."""
    _logger().warning(message, extra=_safe(facts))


def exception(message: str, error: BaseException, **facts: Fact) -> None:
    """An error nobody expected: its type, and the frames it came through, without its message."""
    _logger().error(message, extra=_safe({**facts, "error": type(error).__name__, **_place(error)}))


def command_done(command: str, outcome: str, *, ms: float) -> None:
    """The one line per command, and its metrics."""
    info("command", command=command, outcome=outcome, ms=round(ms, 1))
    count("commands", 1, command=command, outcome=outcome)
    count("command_ms", round(ms, 1), unit="Milliseconds", command=command, outcome=outcome)


def count(name: str, value: float, *, unit: str = "Count", **dimensions: str) -> None:
    """One EMF metric line. Powertools Metrics is imported at the first one: a cold start that fails
    early, or serves a health check, does not pay for it."""
    from aws_lambda_powertools.metrics import single_metric

    with single_metric(
        name=name,
        unit=unit,
        value=value,
        namespace=_process.namespace,
        default_dimensions={"service": _process.service},
    ) as metric:
        for dimension, text in dimensions.items():
            metric.add_dimension(name=dimension, value=text[:MAX_FACT] or "none")


def _logger() -> Logger:
    if _process.logger is None:
        _process.logger = Logger(service=_process.service, level=logging.INFO)
    return _process.logger


def _safe(facts: dict[str, Fact]) -> dict[str, Any]:
    return {k: v[:MAX_FACT] if isinstance(v, str) else v for k, v in facts.items()}


def _place(error: BaseException) -> dict[str, Any]:
    import traceback  # only for errors

    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__
    return {"at": where, "cause": None if cause is None else type(cause).__name__}
