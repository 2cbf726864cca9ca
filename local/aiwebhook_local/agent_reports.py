"""Reports to the deployment which agents cannot start on this machine, before a task finds out.

On AWS that is learnt from failed launches. Here it can be checked: the runner is asked, with the
PATH of the containers and the names of the keys that they get, and its answer is posted to the
API's endpoint for whoever runs agents.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiwebhook.client.api import Client
from aiwebhook.client.retry import NO_RETRY
from aiwebhook.errors import AiWebhookError
from aiwebhook_local.settings import containers_path

_PROBE_S = 20.0
_API_S = 20.0


def probe_agents(agents: Path, keys: Mapping[str, str]) -> dict[str, dict[str, Any] | None]:
    """Agent → why it cannot start, or None. Only the names of keys are passed on. Empty when the
    runner cannot be asked: then the first run finds out.
    """
    environment = {
        "PATH": containers_path(agents),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **{name: "present" for name, value in keys.items() if value},
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "aiwebhook_runner", "probe"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_S,
            check=True,
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}


def sweep_agents() -> None:
    """End what agents of a killed stack left running: they may have left its folders, but where
    agents have users of their own, these identify them.
    """
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [sys.executable, "-m", "aiwebhook_runner", "sweep"],
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_S,
            check=False,
        )


def post_agent_reports(
    url: str, api_key: str, faults: Mapping[str, Mapping[str, Any] | None]
) -> bool:
    """False when the deployment did not accept it."""
    reports = [{"agent_name": name, **(fault or {})} for name, fault in faults.items()]
    if not reports:
        return False
    try:
        with Client(url, api_key=api_key, timeout_s=_API_S, retry=NO_RETRY) as client:
            client.post("/v1/agents/reports", {"reports": reports})
    except AiWebhookError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReports:
    """Where to report, and what to look at."""

    url: str
    api_key: str = field(repr=False)
    programs: Path
    keys: Mapping[str, str] = field(repr=False)

    def send_changes(self, keys: Mapping[str, str] | None = None) -> None:
        """Check again; `keys` None: those at the start."""
        found = probe_agents(self.programs, self.keys if keys is None else keys)
        post_agent_reports(self.url, self.api_key, found)
