"""What the runner's exit code tells its launcher."""

from enum import IntEnum


class RunExitCode(IntEnum):
    """0 means that this run's outcome is recorded, and nothing is left to do. 1 is Python's own: a
    defect of the runner, with its traceback on stderr.
    """

    RECORDED = 0
    """The outcome (completed, failed or cancelled) was accepted by the Runs API."""
    MISUSED = 2
    """Wrong arguments or environment; no run was started."""
    REFUSED = 3
    """The Runs API refused the start (wrong code, the attempt is over) or the outcome itself."""
    LEASE_LOST = 4
    """Another attempt owns the task, or it has ended; the agent was killed, nothing was written."""
    RELEASED = 5
    """The runner was asked to stop and handed the task back; it runs again elsewhere."""
    API_SILENT = 6
    """The Runs API did not answer for too long; the reaper will find the lease expired."""
