"""What importing each function costs in a fresh process, next to its floor."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.lab import Effort, Lab, percentile, say, shuffled_rounds
from benchmarks.report import Section, Table, Verdict, times

_ROOT = Path(__file__).parents[2]
_FLOOR = "import base64, hashlib, hmac, json, psycopg"
_QUEUES = json.dumps({"researcher": "https://queue.invalid/researcher"})
_ENVIRONMENT = {
    **dict.fromkeys(
        ("DATABASE_SECRET_ARN", "APP_SECRET_ARN", "GITHUB_SECRET_ARN", "EVENTS_TOPIC_ARN"), "arn:x"
    ),
    "AGENT_QUEUES": _QUEUES,
    "NOTIFIER_QUEUE_URL": "https://queue.invalid/notifier",
    "ARTIFACT_BUCKET": "bucket",
    "CLUSTER_ARN": "arn:cluster",
    "TASK_DEFINITIONS": json.dumps({"researcher": "researcher"}),
    "SUBNET_IDS": "subnet-1",
    "SECURITY_GROUP_ID": "sg-1",
    "API_URL": "https://api.invalid",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}
# The handler is imported as Lambda does; the CPU is that of the import alone, not of the interpreter.
_CHILD = """
import resource
def cpu():
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
start = cpu()
{statement}
print(cpu() - start)
"""


def run(lab: Lab, effort: Effort) -> Section:
    """CPU per handler, with compiled files and without."""
    del lab
    handlers = sorted(path.parent.name for path in (_ROOT / "functions").glob("*/handler.py"))
    statements = {"floor": _FLOOR} | {name: f"import {name}.handler" for name in handlers}
    say(f"cold imports: floor, {', '.join(handlers)}")
    repeats = 4 if effort.quick else 10
    with tempfile.TemporaryDirectory(prefix="aiwebhook-bench-pyc-") as folder:
        compiled, bare = Path(folder, "compiled"), Path(folder, "bare")
        for statement in statements.values():
            _import(statement, compiled, write=True)
        shutil.copytree(compiled, bare)
        _forget_packages(bare)
        cells: dict[tuple[str, str], Callable[[], float]] = {}
        for name, statement in statements.items():
            cells[name, "pyc"] = partial(_import, statement, compiled)
            cells[name, "none"] = partial(_import, statement, bare)
        found = shuffled_rounds(cells, repeats)
    medians = {cell: statistics.median(values) for cell, values in found.items()}
    floor = medians["floor", "pyc"]
    rows = [
        (
            name,
            f"{medians[name, 'pyc'] * 1000:,.0f} ms",
            f"{percentile(found[name, 'pyc'], 0.1) * 1000:,.0f} ms",
            times(medians[name, "pyc"] / floor),
            f"{medians[name, 'none'] * 1000:,.0f} ms",
            times(medians[name, "none"] / medians[name, "pyc"]),
        )
        for name in statements
    ]
    relay = medians["relay", "pyc"] / floor
    return Section(
        title="Cold import of each function",
        how=(
            f"CPU of `import <function>.handler` in a fresh process, median of {repeats}, Python "
            f"{sys.version.split()[0]}. Floor: psycopg with its C library, and json, hmac, hashlib "
            "of the standard library. The last columns: without .pyc of anything outside the "
            "standard library, as on a read-only file system when the archive ships none."
        ),
        tables=(
            Table(
                header=("function", "CPU", "best tenth", "÷ floor", "without .pyc", "÷ with"),
                rows=rows,
            ),
        ),
        verdicts=(
            Verdict(
                target="relay's import ≤ 1.6× floor (2.0× accepted with reasons)",
                measured=times(relay),
                met=relay <= 1.6,
                why="" if relay <= 1.6 else _WHY,
            ),
        ),
        notes=("Say `python -X importtime -c 'import relay.handler'` to see what takes how long.",),
    )


_WHY = "pydantic is on relay's import path: it reads the settings and one model per command"


def _import(statement: str, pycache: Path, *, write: bool = False) -> float:
    paths = ("layers/core/python", "functions")
    environment: Mapping[str, str] = {
        **_ENVIRONMENT,
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(str(_ROOT / path) for path in paths),
        "PYTHONPYCACHEPREFIX": str(pycache),
        **({} if write else {"PYTHONDONTWRITEBYTECODE": "1"}),
    }
    child = [sys.executable, "-c", _CHILD.format(statement=statement)]
    done = subprocess.run(child, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{statement!r} failed: {done.stderr[-1500:]}")
    return float(done.stdout)


def _forget_packages(pycache: Path) -> None:
    """Delete compiled files of everything but the standard library."""
    for package in pycache.rglob("site-packages"):
        shutil.rmtree(package, ignore_errors=True)
    shutil.rmtree(pycache / str(_ROOT).lstrip("/"), ignore_errors=True)
