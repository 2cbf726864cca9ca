"""What importing each function costs in a fresh process, next to its floor."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.coldimport import FLOOR, ROOT, compile_as_shipped, import_cpu_s, import_shares
from benchmarks.lab import Effort, Lab, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times
from benchmarks.targets import IMPORTS

DOORS = {
    "session_api at its first /mcp": "session_api.mcp_route",
    "session_api at its first sign-in": "session_api.oauth.authorize, session_api.oauth.token",
}
"""What session_api imports only when chat apps connect."""


def run(lab: Lab, effort: Effort) -> Section:
    """CPU per handler: as shipped, compiled plainly, and without compiled files."""
    del lab
    handlers = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    codes = {"bare interpreter": "", "floor": FLOOR}
    codes |= {name: f"import {name}.handler" for name in handlers}
    codes |= {name: f"{codes['session_api']}, {more}" for name, more in DOORS.items()}
    say(f"cold imports: {', '.join(codes)}")
    repeats = 3 if effort.quick else 6
    with tempfile.TemporaryDirectory(prefix="aiwebhook-bench-pyc-") as folder:
        plain, bare, shipped = (Path(folder, kind) for kind in ("plain", "bare", "shipped"))
        for code in codes.values():
            import_cpu_s(code, plain, write=True)
        shutil.copytree(plain, bare)
        _forget_packages(bare)
        shutil.copytree(plain, shipped)
        compile_as_shipped(shipped)
        cells: dict[tuple[str, str], Callable[[], float]] = {
            (name, pycache.name): partial(import_cpu_s, code, pycache)
            for name, code in codes.items()
            for pycache in (shipped, plain, bare)
        }
        found = shuffled_rounds(cells, repeats)
        shares = {name: import_shares(codes[name], shipped) for name in TARGETS}
    return _section({cell: min(values) for cell, values in found.items()}, shares, repeats)


def _section(
    cpu: dict[tuple[str, str], float], shares: Mapping[str, Mapping[str, float]], repeats: int
) -> Section:
    floor = cpu["floor", "shipped"]
    rows = [
        (
            name,
            _ms(cpu[name, "shipped"]),
            times(cpu[name, "shipped"] / floor),
            _ms(cpu[name, "plain"]),
            _ms(cpu[name, "bare"]),
            times(cpu[name, "bare"] / cpu[name, "shipped"]),
        )
        for name, kind in cpu
        if kind == "shipped"
    ]
    header = ("function", "as shipped", "÷ floor", "plain .pyc", "without .pyc", "÷ as shipped")
    return Section(
        title="Cold import of each function",
        how=(
            f"CPU of a fresh process that imports `<function>.handler`, the quickest of {repeats}, "
            f"Python {sys.version.split()[0]}. Floor: psycopg with its C library, and json, hmac, "
            "hashlib, logging of the standard library. As shipped: our dataclasses written out in "
            "the bytecode (ADR 0017). Plain: as Python itself compiles. Without: no .pyc outside "
            "the standard library, as on a read-only file system when the archive ships none."
        ),
        tables=(Table(header=header, rows=rows),),
        verdicts=tuple(
            _verdict(name, cpu[name, "shipped"] / floor, limit, shares[name])
            for name, limit in TARGETS.items()
        ),
        notes=("`python -X importtime -c 'import relay.handler'` says what takes how long.",),
    )


def _verdict(name: str, ratio: float, limit: float, shares: Mapping[str, float]) -> Verdict:
    told = ", ".join(f"{share:.0%} {owner}" for owner, share in shares.items() if share >= 0.02)
    return Verdict(
        row=IMPORTS,
        target=f"{name} ≤ {limit:.1f}× floor",
        measured=times(ratio),
        met=ratio <= limit,
        why="" if ratio <= limit else f"of the time that its imports take: {told}",
    )


TARGETS = {"relay": 1.6, "session_api": 2.0}


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _forget_packages(pycache: Path) -> None:
    """Delete compiled files of everything but the standard library."""
    for package in pycache.rglob("site-packages"):
        shutil.rmtree(package, ignore_errors=True)
    shutil.rmtree(pycache / str(ROOT).lstrip("/"), ignore_errors=True)
