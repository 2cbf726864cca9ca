"""Restricts a process and all its descendants by the kernel (Landlock).

spawn.py imports this without our packages: only ctypes and os may be imported.
"""

import ctypes
import os

CREATE_RULESET = 444
ADD_RULE = 445
RESTRICT_SELF = 446
"""Numbers of system calls; the same on every architecture."""
PR_SET_KEEPCAPS = 8
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
_PATH_BENEATH = 1
_MAKE_BLOCK_DEVICE = 1 << 11
_SCOPES = 0b11
"""Abstract sockets and signals."""
_SCOPES_SINCE = 6
"""The version of Linux 6.12."""
_READ = 0b1101
"""Execute a file, read it, list a folder."""
_READ_FILE = 0b101
_USE_FILE = 0b111
_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF}
"""Rights over files by version; newer ones add none that matters here."""
_OF_FILES = 0x4007
"""Those that a rule for a file may name: execute, write, read, truncate."""

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc")
MEASURES = ("/sys/devices/system/cpu", "/sys/fs/cgroup")
"""Where a runtime (Java, Node, Go) reads how many processors and how much memory it has."""
RESOLVER = "/etc/resolv.conf"
"""Often a link to below /run."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def version() -> int:
    """The kernel's Landlock version; 0 or less where there is none."""
    system = ctypes.CDLL(None).syscall
    return int(system(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def fence_processes(*, signals: bool) -> None:
    """No process within can read or trace one outside, even as root or the same user; and with
    `signals`, neither signal one nor connect to an abstract socket. Without Landlock only the other
    guards (hardening.py) remain.
    """
    found = version()
    if found <= 0:
        return
    # A ruleset must handle some right to exist: of files only making disk devices.
    scoped = _SCOPES if signals and found >= _SCOPES_SINCE else 0
    _restrict(_ruleset(0 if scoped else _MAKE_BLOCK_DEVICE, scoped))


def fence_files(own: str, *readable: str) -> None:
    """Only the folder `own` (to write) and the system and `readable` (to read) exist within. For a
    process that may otherwise read more than its user. Raises OSError.
    """
    every = _RIGHTS[min(version(), max(_RIGHTS))]
    ruleset = _ruleset(every, 0)
    _allow(ruleset, own, every)
    for path in (*SYSTEM, *MEASURES, RESOLVER, *readable):
        _allow(ruleset, path, _READ)
    for path in DEVICES:
        _allow(ruleset, path, _USE_FILE)
    for path in _open_parts("/etc"):
        _allow(ruleset, path, _READ)
    _restrict(ruleset)


def can_fence_files() -> bool:
    """Whether this kernel can, and this process has the capability that the agent needs to keep."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - reason: pathlib costs 10 ms of each start
            permitted = next(line for line in status if line.startswith("CapPrm:"))
    except (OSError, StopIteration):
        return False
    wanted = 1 << CAP_DAC_READ_SEARCH | 1 << CAP_DAC_OVERRIDE
    return version() > 0 and bool(int(permitted.split()[1], 16) & wanted)


def keep_reading() -> None:
    """Before this process changes its user: keep the capabilities that `read_everything` needs."""
    ctypes.CDLL(None).prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)


def read_everything() -> None:
    """After changing the user: of root's rights, keep only passing through closed folders, also for
    the program that this process becomes. Only behind `fence_files`. Raises OSError.
    """
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    # A container has only the second, which also allows writing: there the fence forbids it.
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        bit = 1 << capability
        sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
        if library.capset(header, sets) == 0:
            _checked(library.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
            return
    raise OSError(ctypes.get_errno(), "no right to pass through closed folders")


def _ruleset(files: int, scoped: int) -> int:
    rights = (ctypes.c_uint64 * 3)(files, 0, scoped)
    size = ctypes.c_size_t(24 if scoped else 8)
    return _checked(ctypes.CDLL(None).syscall(CREATE_RULESET, rights, size, ctypes.c_uint(0)))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - reason: pathlib costs 10 ms of each start
            rights &= _OF_FILES
        packed = rights.to_bytes(8, "little") + opened.to_bytes(4, "little")
        rule = ctypes.create_string_buffer(packed, len(packed))
        kind, no_flags = ctypes.c_uint(_PATH_BENEATH), ctypes.c_uint(0)
        _checked(ctypes.CDLL(None).syscall(ADD_RULE, ctypes.c_int(ruleset), kind, rule, no_flags))
    finally:
        os.close(opened)


def _open_parts(folder: str) -> list[str]:
    """Paths below `folder` that everybody may read; only the folder itself, if that covers
    everything in it.
    """
    if os.stat(folder).st_mode & 0o005 != 0o005:  # noqa: PTH116 - reason: as above
        return []
    parts: list[str] = []
    whole = True
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            below = _open_parts(entry.path)
            whole = whole and below == [entry.path]
            parts += below
        elif entry.is_file(follow_symlinks=False):
            is_open = bool(entry.stat().st_mode & 0o004)
            whole = whole and is_open
            parts += [entry.path] if is_open else []
    return [folder] if whole else parts


def _restrict(ruleset: int) -> None:
    library = ctypes.CDLL(None)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _checked(library.syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0)))
    os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError("the kernel refuses to fence the agent in")
    return result
