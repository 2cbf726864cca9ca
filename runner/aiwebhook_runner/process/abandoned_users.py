"""Ends what agents of killed supervisors left running: the lock of their user number is free again,
and whoever holds it may end everything that runs as that user.

A supervisor that ends by itself leaves nothing (process_table.py); SIGKILL, which it cannot handle,
leaves what had detached itself from the agent.
"""

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

FIRST_UID = 61_000
UIDS = 1_000
"""A range of its own, above those of people and services and below the containers' sub-uids. No
entry in /etc/passwd is needed: the agent gets HOME and USER from its environment.
"""

LOCKS = Path("/run/aiwebhook-users")
"""The same for all supervisors of the machine, whatever their TMPDIR; only root can create it."""

_ROUNDS = 100
_ROUND_PAUSE_S = 0.01
_PAUSE = threading.Event()
"""Never set, so waiting on it is a sleep: the kernel needs a moment to end killed processes."""


def hold_number(locks: Path, number: int) -> int | None:
    """The descriptor of the number's lock; None when a supervisor has it. Raises OSError."""
    hold = os.open(locks / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(hold)
        return None
    return hold


def end_abandoned(locks: Path = LOCKS) -> int:
    """Kill what runs as a user whose lock nobody holds; returns how many processes. For root."""
    killed = 0
    for number in sorted({uid for _, uid in _agents_processes()}):
        with contextlib.suppress(OSError):
            hold = hold_number(locks, number)
            if hold is not None:
                try:
                    killed += kill_all_of(number)
                finally:
                    os.close(hold)
    return killed


def kill_all_of(number: int) -> int:
    """SIGKILL everything that runs as this user, whose lock the caller holds; returns how
    many processes. Gives up after a second: a process in uninterruptible sleep must not delay
    the next run.
    """
    killed: set[int] = set()
    for _ in range(_ROUNDS):
        living = [pid for pid, uid in _agents_processes() if uid == number]
        if not living:
            break
        # Frozen before killed: a process that forks while we look would leave a child behind each
        # round.
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal_number)
        killed |= set(living)
        _PAUSE.wait(_ROUND_PAUSE_S)
    return len(killed)


def _agents_processes() -> Iterator[tuple[int, int]]:
    """Process and user of everything alive that runs as one of our users. Not by the owner of
    /proc/<pid>, which is root where a process has closed itself to others.
    """
    for name in os.listdir("/proc"):  # noqa: PTH208 - as many as the machine has processes
        if not name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            uid, zombie = _status_of(name)
            if FIRST_UID <= uid < FIRST_UID + UIDS and not zombie:
                yield int(name), uid


def _status_of(pid: str) -> tuple[int, bool]:
    file = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
    try:
        head = os.read(file, 1024)
    finally:
        os.close(file)
    uid = head.split(b"\nUid:", 1)[1].split(None, 1)[0]
    return int(uid), b"\nState:\tZ" in head
