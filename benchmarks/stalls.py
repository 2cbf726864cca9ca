"""Callbacks beside silent receivers, and what may delay one by a whole second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.lab import Lab, percentile
from benchmarks.report import Verdict

_NETSTAT = Path("/proc/net/netstat")
_OF_TCP = {
    "ListenOverflows": "connections met a full listen queue",
    "TCPTimeouts": "segments were sent again after a timeout",
}
_DEADLOCKS = "deadlocks"
_MOST = 1.1
_COUNT_DEADLOCKS = "select sum(deadlocks)::bigint from pg_stat_database"


def stalls(lab: Lab) -> Counter[str]:
    """Counts so far, from this machine's TCP and the lab's server."""
    found: Counter[str] = Counter()
    lines = _NETSTAT.read_text().splitlines() if _NETSTAT.exists() else []
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        for name, value in zip(names.split(), values.split(), strict=True):
            if name in _OF_TCP:
                found[_OF_TCP[name]] = int(value)
    with lab.connect("postgres") as connection:
        row = connection.execute(_COUNT_DEADLOCKS).fetchone()
    found[_DEADLOCKS] = row[0] if row else 0
    return found


def verdicts_beside_silence(
    beside: Mapping[int, Sequence[float]], stalled: Mapping[int, Counter[str]]
) -> Iterator[Verdict]:
    """Seconds of calls, and what was counted meanwhile, by the number of silent hosts."""
    alone = beside[0]
    for count, seen in beside.items():
        if not count:
            continue
        ratio = percentile(seen, 0.99) / percentile(alone, 0.99)
        medians = percentile(seen, 0.5) / percentile(alone, 0.5)
        why = (
            f"the medians are {medians:.2f}×; a p99 is one of the {len(seen) // 100} longest of "
            f"{len(seen)} calls, in a process that also sends to the silent hosts; meanwhile "
            f"{_told(stalled[count])}"
        )
        yield Verdict(
            target=f"p99 beside {count} silent hosts of another project ≤ {_MOST:g}× without",
            measured=f"{ratio:.2f}×",
            met=ratio <= _MOST,
            why="" if ratio <= _MOST else why,
        )


def _told(counts: Counter[str]) -> str:
    names = (*_OF_TCP.values(), _DEADLOCKS)
    return ", ".join(f"{counts[name]} {name}" for name in names)
