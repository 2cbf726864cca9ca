"""How commands end. docs/cli.md has the table for people."""

from __future__ import annotations

from enum import IntEnum

from aiwebhook.errors import AiWebhookError


class ExitCode(IntEnum):
    """Exit codes of `aiwebhook` (docs/cli.md)."""

    DONE = 0
    """It is done; or the reader of a pipe, such as `head`, has seen enough."""
    FAILED = 1
    """It was tried and did not succeed: refused, not found, no answer, the task failed."""
    USAGE = 2
    """The command line itself is wrong; nothing was sent."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Interrupted(AiWebhookError):
    """Ctrl-C while something was under way that goes on without us."""

    code = "interrupted"
