"""What importing each function costs in a fresh process, next to its floor."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.coldimport import FLOOR, ROOT, import_cpu_s
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times

DOORS = {
    "session_api at its first /mcp": "session_api.mcp_route",
    "session_api at its first sign-in": "session_api.oauth.authorize, session_api.oauth.token",
}
"""What session_api imports when the doors for chat apps are used; nobody else pays for them."""


def run(lab: Lab, effort: Effort) -> Section:
    """CPU per handler, with compiled files and without."""
    del lab
    handlers = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    codes = {"bare interpreter": "", "floor": FLOOR}
    codes |= {name: f"import {name}.handler" for name in handlers}
    codes |= {name: f"{codes['session_api']}, {more}" for name, more in DOORS.items()}
    say(f"cold imports: {', '.join(codes)}")
    repeats = 3 if effort.quick else 10
    with tempfile.TemporaryDirectory(prefix="aiwebhook-bench-pyc-") as folder:
        compiled, bare = Path(folder, "compiled"), Path(folder, "bare")
        for code in codes.values():
            import_cpu_s(code, compiled, write=True)
        shutil.copytree(compiled, bare)
        _forget_packages(bare)
        cells: dict[tuple[str, bool], Callable[[], float]] = {}
        for name, code in codes.items():
            cells[name, True] = partial(import_cpu_s, code, compiled)
            cells[name, False] = partial(import_cpu_s, code, bare)
        found = shuffled_rounds(cells, repeats)
    return _section({cell: statistics.median(values) for cell, values in found.items()}, repeats)


def _section(cpu: dict[tuple[str, bool], float], repeats: int) -> Section:
    floor = cpu["floor", True]
    rows = [
        (
            name,
            _ms(cpu[name, True]),
            times(cpu[name, True] / floor),
            _ms(cpu[name, False]),
            times(cpu[name, False] / cpu[name, True]),
        )
        for name, compiled in cpu
        if compiled
    ]
    relay = cpu["relay", True] / floor
    return Section(
        title="Cold import of each function",
        how=(
            f"CPU of a fresh process that imports `<function>.handler`, median of {repeats}, "
            f"Python {sys.version.split()[0]}. Floor: psycopg with its C library, and json, hmac, "
            "hashlib, logging of the standard library. The last columns: without .pyc of anything "
            "outside it, as on a read-only file system when the archive ships none."
        ),
        tables=(Table(header=("function", "CPU", "÷ floor", "without .pyc", "÷ with"), rows=rows),),
        verdicts=(
            Verdict(
                target="relay's import ≤ 1.6× floor (2.0× accepted with reasons)",
                measured=times(relay),
                met=relay <= 1.6,
                why="" if relay <= 1.6 else _WHY,
            ),
        ),
        notes=("`python -X importtime -c 'import relay.handler'` says what takes how long.",),
    )


_WHY = (
    "pydantic (settings and one model per command) and Powertools' Logger and Metrics are on "
    "relay's path, by choice: one validation and one log format everywhere"
)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _forget_packages(pycache: Path) -> None:
    """Delete compiled files of everything but the standard library."""
    for package in pycache.rglob("site-packages"):
        shutil.rmtree(package, ignore_errors=True)
    shutil.rmtree(pycache / str(ROOT).lstrip("/"), ignore_errors=True)
