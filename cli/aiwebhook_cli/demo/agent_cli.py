"""The demo's last step: a real agent CLI mends a small repository.

Its model is a script (`python -m aiwebhook_local.scripted`), and the demo says so; with a
provider's key in the environment and AIWEBHOOK_DEMO_LIVE=1 it is the provider's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiwebhook.client import Client
from aiwebhook.domain.event import TASK_ENDED
from aiwebhook.domain.provider import KEY_OF, UPSTREAM_OF, Provider
from aiwebhook_cli.demo.failure import DemoFailed
from aiwebhook_cli.live import shown_live
from aiwebhook_cli.screen import Screen
from aiwebhook_local.home import Project
from aiwebhook_local.settings import ALLOW_LOCAL_REPOS, agent_keys, demo_is_live, developers_path

MOST_USD = 0.5
_TASK_TIMEOUT_S = 180
ORDER = (
    "The total of an invoice leaves out its first item. Mend that, and add a test that shows it."
)

FILES = {
    ".gitignore": "__pycache__/\n",
    "billing.py": 'def total(prices):\n    """The sum of all prices, in cents."""\n'
    "    return sum(prices[1:])\n",
}
_MEND = "sed 's/prices.1:./prices/' billing.py > mended && mv mended billing.py"
_TEST = """import unittest

from billing import total


class TotalTest(unittest.TestCase):
    def test_every_item_counts(self):
        self.assertEqual(total([100, 20, 3]), 123)
"""
SCENARIO = "demo"
SCRIPT = {
    SCENARIO: [
        {"shell": "cat billing.py"},
        {"write": ["test_billing.py", _TEST]},
        {"shell": "python3 -m unittest -q"},
        {"shell": f"{_MEND} && python3 -m unittest -q"},
        {"shell": "git add -A && git commit -qm 'Count every item' && git status --short"},
        {"say": "The total counts every item now. A test shows it; it failed before the change."},
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an agent gets its model from."""

    agent: str
    key: str
    upstream: str


# In the order in which they are installed when nothing is: Codex does the step in a second.
PROVIDERS = tuple(
    Source(agent=agent, key=KEY_OF[provider], upstream=UPSTREAM_OF[provider])
    for agent, provider in (
        ("codex", Provider.OPENAI),
        ("gemini", Provider.GOOGLE),
        ("claude_code", Provider.ANTHROPIC),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the step will use; chosen before the stack starts, whose tasks must know of it."""

    provider: Source
    live: bool
    port: int
    """Where the scripted provider will listen."""
    key: str = field(repr=False)

    @property
    def task_variables(self) -> dict[str, str]:
        """For every task of the stack."""
        local = {ALLOW_LOCAL_REPOS: "true"}
        return local if self.live else {**local, self.provider.upstream: _url(self.port)}


class Skipped(Exception):
    """The step cannot be shown here; the message is one honest sentence."""


def plan(project: Project, *, port: int) -> Plan:
    """Choose agent and model: live where asked for and a key is there, else scripted."""
    keys = agent_keys()
    with_key = [provider for provider in PROVIDERS if provider.key in keys]
    if demo_is_live() and with_key:
        chosen = _installed_first(project, with_key)
        return Plan(provider=chosen, live=True, port=port, key=keys[chosen.key])
    chosen = _installed_first(project, PROVIDERS)
    return Plan(provider=chosen, live=False, port=port, key="no-key-for-a-scripted-model")


def install(project: Project, plan: Plan, console: Screen) -> None:
    """Put the CLI into .build/agents, unless it is there. Raises Skipped."""
    script = project.root / "runner" / "image" / "install_agents.py"
    prefix = project.agents.parent
    with (
        console.status(f"looking for the CLI of {plan.provider.agent} …") as status,
        subprocess.Popen(
            [sys.executable, str(script), str(prefix), plan.provider.agent],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        last = ""
        for line in process.stderr:
            last = line.strip()
            status.update(f"{last} (once; kept in .build/agents) …")
    if process.returncode != 0:
        raise Skipped(last.removeprefix("install_agents: ") or "the agent's CLI was not installed.")


@contextlib.contextmanager
def scripted_provider(plan: Plan, folder: Path) -> Generator[None]:
    """The fake model, listening, until the block ends."""
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT), encoding="utf-8")
    command = [sys.executable, "-m", "aiwebhook_local.scripted", "--with-parent"]
    with subprocess.Popen(
        [*command, "--port", str(plan.port), "--script", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            "PATH": developers_path(),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
    ) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise DemoFailed("The scripted provider did not start.")
        try:
            yield
        finally:
            process.terminate()


def make_repository(folder: Path) -> Path:
    """A repository of one commit, with the fault in it. Raises Skipped when git is missing."""
    git = shutil.which("git", path=developers_path())
    if git is None:
        raise Skipped("git is not on the PATH, and the agent works on a clone.")
    path = folder / "billing"
    path.mkdir()
    for name, text in FILES.items():
        (path / name).write_text(text, encoding="utf-8")
    identity = ["-c", "user.name=demo", "-c", "user.email=demo@localhost"]
    for arguments in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "Add up"]):
        subprocess.run(
            [git, *identity, *arguments],
            cwd=path,
            env={"PATH": developers_path(), "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    return path


def heading(plan: Plan) -> str:
    """What is real and what is not, in Rich's markup."""
    if plan.live:
        return (
            f"\n[bold]A real agent CLI: {plan.provider.agent}[/]  [black on yellow] LIVE [/]"
            f" the provider's own model; it may cost up to ${MOST_USD:.2f}."
        )
    return (
        f"\n[bold]A real agent CLI: {plan.provider.agent}[/]  [black on yellow] FAKE MODEL [/]"
        " what it says is a script, and its prices are a fiction; the CLI, its tools, git, the"
        " gateway and its counting are real."
    )


def work(client: Client, plan: Plan, repository: Path, console: Screen) -> dict[str, Any]:
    """Delegate, show every event, return the ended task. Raises DemoFailed."""
    marker = "" if plan.live else f" [[scenario:{SCENARIO}]]"
    session_id = client.create_session(title="Mend the billing")["session_id"]
    task = client.delegate_task(
        session_id,
        agent_name=plan.provider.agent,
        description=ORDER + marker,
        repo=repository.as_uri(),
        timeout_s=_TASK_TIMEOUT_S,
        max_attempts=1,
        max_cost_usd=MOST_USD,
    )
    with shown_live(screen=console) as show:
        for event in client.follow_events(session_id):
            if event["task_id"] == task["task_id"]:
                show(event)
                if event["type"] in TASK_ENDED:
                    break
    ended = client.task(task["task_id"])
    if ended["status"] != "completed":
        error: Mapping[str, Any] = ended.get("error") or {}
        raise DemoFailed(
            f"{plan.provider.agent} {ended['status']}: {error.get('message', '')}"
            f" {error.get('remedy', '')}".strip()
        )
    return ended


def patch_of(client: Client, task: Mapping[str, Any]) -> str:
    """The changes, as a diff. Raises DemoFailed."""
    found = client.artifacts(str(task["session_id"]), task_id=task["task_id"])["artifacts"]
    patches = [artifact for artifact in found if artifact["type"] == "patch"]
    if not patches:
        raise DemoFailed(f"{task['agent_name']} changed nothing in the repository.")
    return str(client.artifact(patches[0]["artifact_id"])["content"])


def _installed_first(project: Project, providers: tuple[Source, ...] | list[Source]) -> Source:
    commands = {"codex": "codex", "gemini": "gemini", "claude_code": "claude"}
    there = [p for p in providers if (project.agents / commands[p.agent]).exists()]
    return (there or list(providers))[0]


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"
