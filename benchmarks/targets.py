"""The bench's targets, in order, and the cell that measures each."""

from __future__ import annotations

from collections.abc import Mapping

ACCEPT = "accept (append_conversation of 1.1 kB through relay), p50 by one bare commit"
BUFFERS = "buffers of a claim: dead entries, vacuumed, held snapshot, by fresh"
CALLBACK = "terminal write → callback over the whole local stack"
CHAOS_AND_PRESSURE = "chaos / pressure"
FIFTY = "claim of fifty + complete of fifty by procrastinate"
IMPORTS = "import of relay / session_api by the floor"
LIFE = "round trips / commits of a life"
LIFE_WAL = "WAL of a life (800 B of input)"
OPEN_LOOP = "local stack, 100 sessions: open loop / throughput"
SUPERVISOR = "supervisor added"
TASK_WAL = "WAL of claim + complete"

CELL_OF: Mapping[str, str] = {
    LIFE: "life",
    LIFE_WAL: "life",
    TASK_WAL: "wal",
    BUFFERS: "claim-buffers",
    FIFTY: "workers",
    ACCEPT: "accept",
    IMPORTS: "cold-import",
    SUPERVISOR: "agent-overhead",
    OPEN_LOOP: "local-stack",
    CALLBACK: "callback",
    CHAOS_AND_PRESSURE: "resilience",
}
"""In order of publication. A verdict names its row here; one that names none is only watched."""
