"""The whole stack on this machine, as `make up` runs it: how fast it answers, how much it takes.

The load is open: requests are sent when they are due, whether or not earlier ones were answered, so
that a stall counts for every request that it delays.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from os import cpu_count
from pathlib import Path
from time import perf_counter

from aiwebhook_local.home import Home
from aiwebhook_local.stack import StackOptions, running_stack
from benchmarks.http_load import HttpLoad
from benchmarks.lab import Effort, Lab, percentile, say
from benchmarks.report import Section, Table, Verdict, ms, times, whole
from benchmarks.stack_cpu import PARTS, cpu_s
from benchmarks.targets import OPEN_LOOP
from tests.support.tenant import tenant

SESSIONS, RATES, CLIENTS = 100, (20, 50), 16
_WARM_UP_S = 5.0  # until each place has its process: starts are no answers
_SAID = "Ana: We keep plain Postgres. Ben: Agreed, and I will write it down by Friday. " * 14
_WARM, _EMULATED = "warm processes", "`--emulator`"


@dataclass(slots=True, kw_only=True)
class Seen:
    """Figures of one path: seconds per answer by rate, and answers per second of a closed loop."""

    waits: dict[int, list[float]] = field(default_factory=dict[int, list[float]])
    per_second: float = 0
    cpu_s: Mapping[str, float] = field(default_factory=dict[str, float])
    """CPU of one answer of the closed loop, by part of the stack."""


def run(lab: Lab, effort: Effort) -> Section:
    """Both paths, one after the other, on databases of their own."""
    del lab
    seconds = 4.0 if effort.quick else 12.0
    seen = {
        name: _path(name, emulator=name == _EMULATED, seconds=seconds)
        for name in (_WARM, _EMULATED)
    }
    warm = seen[_WARM]
    p99 = percentile(warm.waits[RATES[0]], 0.99)
    return Section(
        title="The stack on this machine",
        how=(
            f"`append_conversation` of {len(_SAID):,} bytes over HTTP to the whole local stack, "
            f"{SESSIONS} sessions: an open loop at {' and '.join(map(str, RATES))} requests a "
            f"second for {seconds:g} s each, then {CLIENTS} clients that wait for their answers. "
            "The client shares the two cores, and takes as little of them as it can."
        ),
        tables=(_table(seen), _cpu_table(seen)),
        verdicts=(
            Verdict(
                row=OPEN_LOOP,
                target=f"open loop of {RATES[0]} req/s: p99 ≤ 250 ms",
                measured=ms(p99),
                met=p99 <= 0.25,
            ),
            Verdict(
                row=OPEN_LOOP,
                target="throughput ≥ 200/s",
                measured=f"{whole(warm.per_second)}/s; "
                f"{times(warm.per_second / seen[_EMULATED].per_second)} of the emulator's",
                met=warm.per_second >= 200,
                why="" if warm.per_second >= 200 else _why(warm),
            ),
        ),
    )


def _table(seen: Mapping[str, Seen]) -> Table:
    shares = (0.5, 0.99)
    header = [f"{rate} req/s, p{share * 100:g}" for rate in RATES for share in shares]
    rows: list[Sequence[str]] = []
    for name, one in seen.items():
        waits = [ms(percentile(one.waits[rate], share)) for rate in RATES for share in shares]
        rows.append((name, *waits, f"{whole(one.per_second)}/s"))
    return Table(header=("", *header, f"{CLIENTS} clients"), rows=rows)


def _cpu_table(seen: Mapping[str, Seen]) -> Table:
    rows: list[Sequence[str]] = []
    for name, one in seen.items():
        each = [ms(one.cpu_s[part]) for part in PARTS]
        rows.append((name, *each, ms(sum(one.cpu_s.values()))))
    return Table(header=(f"CPU of one answer to {CLIENTS} clients", *PARTS, "sum"), rows=rows)


def _why(seen: Seen) -> str:
    whole_s, cpus = sum(seen.cpu_s.values()), cpu_count() or 1
    told = ", ".join(f"{ms(cpu_s)} {part}" for part, cpu_s in seen.cpu_s.items())
    return (
        f"{whole_s * seen.per_second / cpus:.0%} of {cpus} CPUs are in use, {ms(whole_s)} for each "
        f"answer: {told}"
    )


def _path(name: str, *, emulator: bool, seconds: float) -> Seen:
    say(f"local stack: {name.strip('`')}")
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="aiwebhook-bench-")))
        folder.chmod(0o755)
        options = StackOptions(home=Home(root=folder / ".local"), port=0, emulator=emulator)
        stack = held.enter_context(running_stack(options=options))
        project = held.enter_context(tenant(stack))
        return asyncio.run(_measured(stack.url, project.key, seconds))


async def _measured(url: str, key: str, seconds: float) -> Seen:
    seen, number, load = Seen(), count(), HttpLoad(url, key)

    async def post(command: str, data: Mapping[str, str]) -> float:
        session_id, started = f"bench-{next(number) % SESSIONS}", perf_counter()
        await load.post("/webhook", {"command": command, "session_id": session_id, "data": data})
        return perf_counter() - started

    async def closed(until: float) -> int:
        done = 0
        while perf_counter() < until:
            await post("append_conversation", {"content": _SAID})
            done += 1
        return done

    for _ in range(SESSIONS):
        await post("create_session", {"title": "Bench"})
    await asyncio.gather(*(closed(perf_counter() + _WARM_UP_S) for _ in range(CLIENTS)))
    for rate in RATES:
        started, asked = perf_counter(), list[asyncio.Task[float]]()
        for turn in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, started + turn / rate - perf_counter()))
            sent = post("append_conversation", {"content": _SAID})
            asked.append(asyncio.create_task(sent))
        seen.waits[rate] = await asyncio.gather(*asked)
    before, until = cpu_s(), perf_counter() + seconds
    done = sum(await asyncio.gather(*(closed(until) for _ in range(CLIENTS))))
    spent = cpu_s()
    seen.per_second = done / seconds
    seen.cpu_s = {part: (spent[part] - before[part]) / done for part in spent}
    await load.close()
    return seen
