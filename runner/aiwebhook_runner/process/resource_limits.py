"""Limits an agent's memory and disk: measured once a second, stopped when exceeded.

Measured instead of enforced by the kernel: an address-space limit (RLIMIT_AS) breaks the CLIs,
whose runtimes reserve a hundred gigabytes they never touch; and a container's memory limit kills
any process, often the supervisor, which then cannot say why.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiwebhook_runner.process.process_table import descendants, process_table

POLL_S = 1.0
POLLS_PER_DISK_WALK = 10
"""The disk is walked less often: a large checkout takes a tenth of a second."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLimits:
    """Limits in bytes; 0 means no limit."""

    memory: int = 0
    disk: int = 0

    @classmethod
    def of_compute(cls, memory_mib: int, disk_mib: int) -> "ResourceLimits":
        """Supervisor and gateway keep a share, so that they survive to report."""
        kept = min(256, memory_mib // 4)
        return cls(memory=(memory_mib - kept) * MIB, disk=disk_mib * MIB)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceExcess:
    """What was exceeded: `what` is memory or disk, both numbers are bytes."""

    what: str
    used: int
    allowed: int

    def __str__(self) -> str:
        used, allowed = self.used // MIB, self.allowed // MIB
        return f"The agent used {used} MiB of {self.what}; {allowed} MiB are allowed."


class ResourceWatch:
    """Measures once a second in a thread of its own. Calls `on_excess` at most once, then ends."""

    def __init__(
        self,
        limits: ResourceLimits,
        *,
        folders: Callable[[], Iterable[Path]],
        spare: Callable[[], frozenset[int]],
        on_excess: Callable[[ResourceExcess], None],
    ) -> None:
        """`folders` are where the run writes, single files too; `spare` returns our processes that
        do not count.
        """
        self._limits = limits
        self._folders = folders
        self._spare = spare
        self._on_excess = on_excess
        self._closed = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._poll, name="limits", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _poll(self) -> None:
        polls = 0
        while not self._closed.wait(POLL_S):
            polls += 1
            excess = self._memory() or (self._disk() if polls % POLLS_PER_DISK_WALK == 0 else None)
            if excess is not None:
                return self._on_excess(excess)
        return None

    def _memory(self) -> ResourceExcess | None:
        if not self._limits.memory:
            return None
        used = memory_below(os.getpid(), spare=self._spare())
        return self._excess("memory", used, self._limits.memory)

    def _disk(self) -> ResourceExcess | None:
        if not self._limits.disk:
            return None
        return self._excess("disk", disk_used(self._folders()), self._limits.disk)

    def _excess(self, what: str, used: int, allowed: int) -> ResourceExcess | None:
        return ResourceExcess(what=what, used=used, allowed=allowed) if used > allowed else None


def memory_below(supervisor: int, *, spare: frozenset[int] = frozenset()) -> int:
    """Resident bytes of all processes below the supervisor. Shared memory counts for each, so this
    errs towards too much; 0 where /proc does not report it.
    """
    table = [row for row in process_table() if row.pid not in spare]
    return sum(_resident(row.pid) for row in descendants(supervisor, table))


def disk_used(roots: Iterable[Path]) -> int:
    """Bytes allocated by these files and folders; a file with two names counts once, one that
    vanishes not at all.
    """
    seen: set[tuple[int, int]] = set()
    used = 0
    for path in _files(roots):
        try:
            status = os.lstat(path)
        except OSError:
            continue
        key = (status.st_dev, status.st_ino)
        if status.st_nlink == 1 or key not in seen:
            seen.add(key)
            used += status.st_blocks * 512
    return used


def _files(roots: Iterable[Path]) -> Iterator[str]:
    for root in roots:
        if root.is_dir() and not root.is_symlink():
            for parent, _names, files in os.walk(root):
                yield from (os.path.join(parent, name) for name in files)  # noqa: PTH118 - reason: half the time of Path
        else:
            yield str(root)


def _resident(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
