"""The programs that a deployment needs on this machine, and how they are called."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiwebhook.errors import AiWebhookError, ConfigurationError
from aiwebhook_cli.checks import Check
from aiwebhook_cli.printing import print_hint

CDK = "aws-cdk@2.1148.1"
"""npm's `latest` is an old one."""
LEAST_NODE = 22
_TOLERATED_NODE = 18
"""The CDK CLI's own limit. What costs money every hour is not kept for an old Node."""
LAMBDA_PYTHON = "python3.13"
_COMES_WITH = {"npx": f"Node {LEAST_NODE}"}
_VERSION = re.compile(r"v(\d+)\.")


class CommandFailed(AiWebhookError):
    """A program that we started has said itself what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """Runs the programs of one clone. With `dry_run` they are shown and not started."""

    root: Path
    environ: Mapping[str, str] = field(repr=False)
    dry_run: bool = False

    def run(self, *command: str, what: str, typed: str | None = None) -> None:
        """Show the command, then run it; its output goes where ours goes. `typed` is its standard
        input, and is not shown. Raises CommandFailed."""
        print_hint(f"$ {shlex.join(command)}")
        if self.dry_run:
            return
        try:
            ended = subprocess.run(
                command, cwd=self.root, env=dict(self.environ), input=typed, text=True, check=False
            )
        except KeyboardInterrupt:
            print_hint(
                f"\n{what} was stopped. AWS finishes what it has begun;"
                " run the same command to continue."
            )
            raise
        except FileNotFoundError as exc:
            raise CommandFailed(
                f"{what} needs the program {command[0]}, which is not on the PATH.",
                code="command_failed",
                remedy=f"Install {_COMES_WITH.get(command[0], command[0])}, then run this again.",
            ) from exc
        if ended.returncode:
            raise CommandFailed(
                f"{what} failed: {shlex.join(command[:3])} … ended with {ended.returncode}.",
                code="command_failed",
            )

    def require_node(self, *, tolerant: bool = False) -> None:
        """Before anything is built, created or removed; `tolerant`: with any on which the CDK CLI
        starts. Raises ConfigurationError.
        """
        found = _node(self, _TOLERATED_NODE if tolerant else LEAST_NODE)
        if not found.ok and not self.dry_run:
            raise ConfigurationError(
                f"The CDK CLI needs Node {LEAST_NODE} or newer; here it is {found.found}.",
                remedy=found.remedy,
            )

    def cdk(self, *arguments: str, what: str) -> None:
        """The pinned CDK CLI; cdk.json names the app of this clone."""
        self.run("npx", "--yes", CDK, *arguments, what=what)

    def make(self, *targets: str, what: str) -> None:
        self.run("make", "--no-print-directory", *targets, what=what)

    def answer(self, *command: str) -> str | None:
        """What a program prints; None where there is none or it fails."""
        ended = self._asked(*command)
        return ended.stdout.strip() if ended and ended.returncode == 0 else None

    def json_of(self, module: str, *arguments: str) -> dict[str, Any]:
        """What a module of the clone prints. Raises ConfigurationError with the module's own
        sentence where it refuses."""
        ended = self._asked(self.python, "-m", module, *arguments)
        if ended is None or ended.returncode:
            said = ended.stderr.strip().rpartition("\n")[2] if ended else ""
            raise ConfigurationError(
                said or f"{module} of the clone does not start.", code="stage_settings"
            )
        return cast("dict[str, Any]", json.loads(ended.stdout))

    def _asked(self, *command: str) -> subprocess.CompletedProcess[str] | None:
        try:
            return subprocess.run(
                command,
                cwd=self.root,
                env=dict(self.environ),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None

    @property
    def python(self) -> str:
        """Of the clone's environment, in which `make .venv/.infra` installs the CDK."""
        return str(self.root / ".venv" / "bin" / "python")


def clone_of(folder: Path) -> Path:
    """The clone that a folder lies in. Raises ConfigurationError."""
    for candidate in (folder, *folder.parents):
        if (candidate / "cdk.json").is_file() and (candidate / "infra" / "app.py").is_file():
            return candidate
    raise ConfigurationError(
        "There is no clone of AI Webhook here, and the cloud commands deploy from one.",
        code="no_clone",
    )


def examine_machine(tools: Toolchain) -> tuple[Check, ...]:
    """What this machine has of what a deployment needs."""
    return (_node(tools), _lambda_python(tools), _layer(tools))


def _node(tools: Toolchain, least: int = LEAST_NODE) -> Check:
    remedy = f"Install Node {LEAST_NODE} or newer; the CDK CLI runs on it."
    found = tools.answer("node", "--version") or ""
    match = _VERSION.match(found)
    if match is None or shutil.which("npx", path=tools.environ.get("PATH")) is None:
        return Check(name="node", ok=False, found="not found", remedy=remedy)
    return Check(name="node", ok=int(match[1]) >= least, found=found, remedy=remedy)


def _lambda_python(tools: Toolchain) -> Check:
    # It may lie there and not start: pyenv has a program for each version that it knows of.
    found = tools.answer(LAMBDA_PYTHON, "-c", "import sys; print(sys.executable)")
    there = shutil.which(LAMBDA_PYTHON, path=tools.environ.get("PATH"))
    missing = f"{there} does not start" if there else "not found"
    return Check(
        name="python3.13",
        ok=True if found else None,
        found=found or f"{missing}: cold starts will take three times as long",
        remedy=f"Install {LAMBDA_PYTHON}; it compiles the code for Lambda.",
    )


def _layer(tools: Toolchain) -> Check:
    built = (tools.root / ".build" / "layers" / "vendor").is_dir()
    return Check(
        name="layers",
        ok=True if built else None,
        found="built" if built else "not built yet: 'aiwebhook cloud deploy' does it",
    )
