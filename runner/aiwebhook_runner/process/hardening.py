"""Keeps the supervisor's credentials out of the agent's reach. Only Linux does this; elsewhere the
scrubbed environment protects them. How secrets arrive unseen: aiwebhook.sealed.

The agent runs as a child of the supervisor, usually as the same user. Such a process may read its
parent's memory and initial environment through /proc, unless the kernel is told otherwise.
"""

import ctypes
import sys

from aiwebhook.sealed import close_to_others

PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

CAPABILITIES_TO_READ_OTHERS = {
    "SYS_MODULE": 16,
    "SYS_RAWIO": 17,
    "SYS_PTRACE": 19,
    "SYS_ADMIN": 21,
    "PERFMON": 38,
    "BPF": 39,
}
"""Each lets root look into another process (from linux/capability.h; PERFMON since Linux 6.14, and
SYS_ADMIN stands for PERFMON and BPF). A container has none of them unless asked for."""


def harden_supervisor() -> None:
    """Call once at start, in the main thread, before any other thread exists: the capability and
    privilege settings belong to a thread and are inherited by those started later.
    """
    if sys.platform != "linux":
        return
    # Not dumpable: /proc/<pid>/environ, mem and ptrace are closed to the same user, and to root
    # without certain capabilities, which children lose here. A refusal (no CAP_SETPCAP) is fine:
    # who may not drop a capability does not have it to pass on.
    close_to_others()
    for capability in CAPABILITIES_TO_READ_OTHERS.values():
        _prctl(PR_CAPBSET_DROP, capability)
    # No setuid program may give the agent more rights than the supervisor has.
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    # Orphans of the agent come to us instead of init, so that none escapes the sweep.
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return library.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0
