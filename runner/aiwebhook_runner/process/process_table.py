"""Which processes descend from which, and a sweep that leaves none of them.

On Linux the supervisor is a subreaper (hardening.py), so a process that detaches itself (setsid,
double fork) still descends from it. Elsewhere an orphaned child goes to init and cannot be found;
only the tree and the agent's process group are swept.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SWEEP_ROUNDS = 100
ROUND_PAUSE_S = 0.01
STAT_BYTES = 256
"""How much of /proc/<pid>/stat is read: the fields we need follow a name of at most 64 bytes."""
_PAUSE = threading.Event()
"""Never set, so waiting on it is a sleep: the kernel needs a moment to end killed processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """One process as the system reports it."""

    pid: int
    parent: int
    group: int
    zombie: bool


def process_table() -> list[ProcessRow]:
    """Every process of the machine (or of the container)."""
    if Path("/proc/self/stat").exists():
        return _from_proc()
    return _from_ps()


def descendants(root: int, table: list[ProcessRow]) -> list[ProcessRow]:
    """All processes below root, parents before children, without root."""
    children: dict[int, list[ProcessRow]] = {}
    for row in table:
        children.setdefault(row.parent, []).append(row)
    found: list[ProcessRow] = []
    waiting = [root]
    while waiting:
        below = children.pop(waiting.pop(), [])
        found += below
        waiting += [row.pid for row in below]
    return found


def kill_all_below(supervisor: int, *, group: int, spare: frozenset[int] = frozenset()) -> int:
    """SIGKILL everything below the supervisor and in the group until nothing lives; reap it.
    `spare` are the supervisor's own children (the LLM gateway), which stay.

    Frozen before killed: a process that forks while we read the table would otherwise leave a child
    behind each round. Returns how many processes were found alive. Gives up after one second,
    because a process in uninterruptible sleep must not delay the task's result.
    """
    killed: set[int] = set()
    for _ in range(SWEEP_ROUNDS):
        living = _living(supervisor, group, spare)
        if not living:
            break
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal_number)
        killed |= set(living)
        _PAUSE.wait(ROUND_PAUSE_S)
    return len(killed)


def _living(supervisor: int, group: int, spare: frozenset[int]) -> list[int]:
    table = [row for row in process_table() if row.pid not in spare]
    ours = descendants(supervisor, table)
    reap_processes(
        row.pid for row in ours if row.zombie and row.parent == supervisor and row.pid != group
    )
    living = {row.pid for row in ours if not row.zombie}
    # Outside Linux an orphan may have left the tree but not the group.
    living |= {row.pid for row in table if row.group == group and not row.zombie}
    return sorted(living - {supervisor})


def zombies_of(supervisor: int) -> frozenset[int]:
    """Dead children that nobody has reaped yet."""
    return frozenset(row.pid for row in process_table() if row.zombie and row.parent == supervisor)


def reap_processes(pids: Iterable[int]) -> None:
    """Reap these children."""
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _from_proc() -> list[ProcessRow]:
    rows: list[ProcessRow] = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - reason: as below
        if not name.isdecimal():
            continue
        with contextlib.suppress(OSError, ValueError):
            # The name in brackets may itself contain brackets and blanks; the rest does not.
            state, parent, group, _ = _stat_of(name).rpartition(b")")[2].split(None, 3)
            zombie = state in (b"Z", b"X")
            rows.append(
                ProcessRow(pid=int(name), parent=int(parent), group=int(group), zombie=zombie)
            )
    return rows


def _stat_of(pid: str) -> bytes:
    """By system calls alone: pathlib takes four times as long, and the end of a run waits for this
    once for each process of the machine.
    """
    file = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, STAT_BYTES)
    finally:
        os.close(file)


def _from_ps() -> list[ProcessRow]:
    command = ["ps", "-axo", "pid=,ppid=,pgid=,stat="]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows: list[ProcessRow] = []
    for line in text.splitlines():
        pid, parent, group, state = line.split(None, 3)
        zombie = state.startswith("Z")
        rows.append(ProcessRow(pid=int(pid), parent=int(parent), group=int(group), zombie=zombie))
    return rows
