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
    """Agent → why it cannot start, or None. The runner learns only the names of the keys. Empty if
    the runner's probe fails; then the first run reports what is wrong.
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
    """End what agents of a killed stack left running. Such a process may have left the stack's
    folders, but can still be found by its user where agents have users of their own.
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
    """Post the reports; False if there are none or the deployment did not accept them."""
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
    """Reports agents' faults to one deployment; `programs` is the folder of the agents' CLIs."""

    url: str
    api_key: str = field(repr=False)
    programs: Path
    keys: Mapping[str, str] = field(repr=False)

    def send_changes(self, keys: Mapping[str, str] | None = None) -> None:
        """Probe the agents again and report what changed. `keys` None means those at the start."""
        found = probe_agents(self.programs, self.keys if keys is None else keys)
        post_agent_reports(self.url, self.api_key, found)
