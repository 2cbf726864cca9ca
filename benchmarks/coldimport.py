"""CPU of a fresh interpreter that imports something, as a Lambda's cold start does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATHS = (ROOT / "layers/core/python", ROOT / "functions")
ENVIRONMENT = {
    "DATABASE_LOGIN": "/any/login",
    "APP_SECRET_ARN": "arn",
    "GITHUB_SECRET_ARN": "arn",
    "AGENT_QUEUES": "{}",
    "EVENTS_TOPIC_ARN": "arn",
    "NOTIFIER_QUEUE_URL": "https://queue.invalid/notifier",
    "ARTIFACT_BUCKET": "bucket",
    "MAX_WAITS": "12",
    "CLUSTER_ARN": "arn",
    "TASK_DEFINITIONS": "{}",
    "SUBNET_IDS": "subnet-1",
    "SECURITY_GROUP_ID": "sg-1",
    "SPOT_AGENTS": "",
    "API_URL": "https://api.invalid",
    "PUBLIC_URL": "https://public.invalid",
    "CALLBACK_SHARE": "2",
    "OUTBOUND_FUNCTION": "outbound",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "POWERTOOLS_METRICS_NAMESPACE": "AiWebhook",
}
# The least that a function with a database imports.
FLOOR = "import psycopg, json, hmac, hashlib, base64, re, logging"
_SPENT = """
import resource
spent = resource.getrusage(resource.RUSAGE_SELF)
print(spent.ru_utime + spent.ru_stime)
"""


SHIPPED = (
    *("layers/core/python/aiwebhook", "functions"),
    *("runner/aiwebhook_runner", "runner/aiwebhook_gateway"),
)
IN_IMAGE = ("layers/core/python/aiwebhook", "runner/aiwebhook_runner")
"""The modules of it that a run of a command-line agent imports."""


def compile_as_shipped(pycache: Path) -> None:
    """Write our modules' bytecode, as shipped, below this PYTHONPYCACHEPREFIX."""
    folders = [str(ROOT / folder) for folder in SHIPPED]
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(PATHS[0]),
        "PYTHONPYCACHEPREFIX": str(pycache),
    }
    compiler = [sys.executable, "-m", "aiwebhook.bytecode", *folders]
    subprocess.run(compiler, env=environment, check=True)


def lay_out_as_image(folder: Path) -> None:
    """Our packages in one folder, their bytecode beside them, as runner/Dockerfile has them."""
    packages = [folder / Path(source).name for source in IN_IMAGE]
    for source, package in zip(IN_IMAGE, packages, strict=True):
        shutil.copytree(ROOT / source, package, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PATH": os.defpath, "PYTHONPATH": str(folder)}
    compiler = [sys.executable, "-m", "aiwebhook.bytecode", *map(str, packages)]
    subprocess.run(compiler, env=environment, check=True)


def import_cpu_s(code: str, pycache: Path, *, write: bool = False) -> float:
    """CPU of one fresh interpreter running `code`, user and system, its own start included.

    Compiled files are read from `pycache` (and written there with `write`). RuntimeError when
    the code fails.
    """
    return float(_fresh(["-c", code + _SPENT], pycache, write=write).stdout)


def import_shares(code: str, pycache: Path) -> Mapping[str, float]:
    """The shares of packages in the time that `code` spends importing, largest first."""
    told = _fresh(["-X", "importtime", "-c", code], pycache).stderr
    spent: Counter[str] = Counter()
    for own_us, module in _IMPORTED.findall(told):
        top = module.partition(".")[0]
        spent[_OWNERS.get(top, _STDLIB if top in sys.stdlib_module_names else _OTHERS)] += int(
            own_us
        )
    return {owner: us / spent.total() for owner, us in spent.most_common()}


_IMPORTED = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", re.MULTILINE)
_STDLIB, _OTHERS = "Python's own library", "others"
_OURS = "ours"
_OWNERS = {
    **dict.fromkeys(("aiwebhook", *(path.name for path in (ROOT / "functions").iterdir())), _OURS),
    **dict.fromkeys(("psycopg", "psycopg_c", "psycopg_binary"), "psycopg"),
    **dict.fromkeys(("pydantic", "pydantic_core", "pydantic_settings"), "pydantic"),
    "aws_lambda_powertools": "Powertools",
}


def _fresh(
    arguments: list[str], pycache: Path, *, write: bool = False
) -> subprocess.CompletedProcess[str]:
    environment = {
        **ENVIRONMENT,
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(str(path) for path in PATHS),
        "PYTHONPYCACHEPREFIX": str(pycache),
    }
    if not write:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    child = [sys.executable, *arguments]
    done = subprocess.run(child, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments} failed: {done.stderr[-1500:]}")
    return done
