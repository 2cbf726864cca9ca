"""Why runs fail, and for which reasons another try may help."""

from enum import StrEnum


class ErrorClass(StrEnum):
    """Why a run failed. The runner finds some of them itself; an agent may name any."""

    AUTH = "auth"
    """A key is missing or was not accepted."""
    MODEL = "model"
    """The model does not exist or is not allowed."""
    RATE_LIMIT = "rate_limit"
    """Too many requests."""
    OVERLOADED = "overloaded"
    """The provider is at its limit."""
    SERVER = "server"
    """The provider failed."""
    NETWORK = "network"
    """The provider could not be reached."""
    CONTEXT = "context"
    """The input is too long for the model, or could not be read."""
    MAX_TURNS = "max_turns"
    """It used up the turns it was given."""
    TRUNCATED = "truncated"
    """The answer was cut off."""
    REFUSED = "refused"
    """The model refused, or this agent cannot be run here."""
    CANCELLED = "cancelled"
    """Somebody asked for it."""
    TIMEOUT = "timeout"
    """It ran longer than the task allows."""
    OOM = "oom"
    """Killed by SIGKILL, and not by us: nearly always the kernel, out of memory."""
    KILLED = "killed"
    """Ended by another signal that we did not send."""
    BAD_OUTPUT = "bad_output"
    """It broke the protocol or a limit, so what it said cannot be trusted to be whole."""
    NO_RESULT = "no_result"
    """It ended without saying a result."""
    BUDGET = "budget"
    """It used up the money it was given."""
    LOST = "lost"
    """The run vanished; only the reaper says this."""


RETRYABLE = frozenset(
    {
        ErrorClass.RATE_LIMIT,
        ErrorClass.OVERLOADED,
        ErrorClass.SERVER,
        ErrorClass.NETWORK,
        ErrorClass.TIMEOUT,
        ErrorClass.OOM,
        ErrorClass.KILLED,
        ErrorClass.NO_RESULT,
    }
)
"""Another try may end better. Not bad_output: the same program would break the same rule."""
