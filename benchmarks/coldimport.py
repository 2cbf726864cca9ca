"""CPU of importing a handler in a fresh process, next to its floor (research/performance.md §2i).

    python benchmarks/coldimport.py [handler ...]

Floor = what no relay can do without: psycopg and the standard library (msgspec stands for "some
validation" where it is installed). Cells are shuffled inside each round; medians are told.
"""

from __future__ import annotations

import importlib.util
import os
import random
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROUNDS = 10
ROOT = Path(__file__).resolve().parent.parent
PATHS = (ROOT / "layers/core/python", ROOT / "functions")
ENVIRONMENT = {
    "DATABASE_SECRET_ARN": "arn",
    "APP_SECRET_ARN": "arn",
    "GITHUB_SECRET_ARN": "arn",
    "AGENT_QUEUES": "{}",
    "EVENTS_TOPIC_ARN": "arn",
    "NOTIFIER_QUEUE_URL": "https://queue.invalid/notifier",
    "ARTIFACT_BUCKET": "bucket",
    "CLUSTER_ARN": "arn",
    "TASK_DEFINITIONS": "{}",
    "SUBNET_IDS": "subnet-1",
    "SECURITY_GROUP_ID": "sg-1",
    "API_URL": "https://api.invalid",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "POWERTOOLS_METRICS_NAMESPACE": "AiWebhook",
}


def floor() -> str:
    """The least that a function with a database imports."""
    extra = "msgspec, " if importlib.util.find_spec("msgspec") else ""
    return f"import {extra}psycopg, json, hmac, hashlib, base64, re, logging"


def cpu_ms(code: str) -> float:
    """CPU of one fresh interpreter running `code`, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    paths = os.pathsep.join(str(path) for path in PATHS)
    environment = {**ENVIRONMENT, "PYTHONPATH": paths, "PATH": os.defpath}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main(names: list[str]) -> None:
    """Print one line per cell: milliseconds, and the ratio to the floor."""
    cells = {"floor": floor(), **{name: f"import {name}.handler" for name in names}}
    spent: dict[str, list[float]] = {name: [] for name in cells}
    for code in cells.values():
        cpu_ms(code)  # writes the .pyc files, which the deployed package ships
    for _ in range(ROUNDS):
        for name in random.sample(list(cells), len(cells)):
            spent[name].append(cpu_ms(cells[name]))
    base = statistics.median(spent["floor"])
    for name, values in spent.items():
        median = statistics.median(values)
        print(f"{name:12} {median:6.0f} ms   {median / base:4.2f}x")


if __name__ == "__main__":
    main(sys.argv[1:] or ["relay"])
