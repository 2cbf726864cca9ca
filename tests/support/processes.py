"""Whether a process still lives. Its end may come between any two looks at it."""

from pathlib import Path


def has_ended(pid: int) -> bool:
    """Gone, or ended and not reaped: in a container there may be nobody who does."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True
