"""Releases to deploy: synthesised once, and changed where a test wants another one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STAGE = "dev"
SERVICE = f"AiWebhook-{STAGE}-service"
DATA = f"AiWebhook-{STAGE}-data"
_VERSION = re.compile(r"(MigrationMigrateFunctionCurrentVersion[0-9A-F]{8})([0-9a-f]{32})")
_PATHS = ("layers/core/python", "functions", "runner", "agents", "cli", "local", ".")
_CORE = "layers/core"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A cloud assembly: what `cdk deploy --app` takes."""

    folder: Path

    def template(self, stack: str = SERVICE) -> dict[str, Any]:
        """A stack's template."""
        return json.loads((self.folder / f"{stack}.template.json").read_text("utf-8"))

    def changed(
        self,
        folder: Path,
        *,
        core: Callable[[Path], None] | None = None,
        service: Callable[[dict[str, Any]], None] | None = None,
    ) -> Release:
        """A release with another core layer (`core` gets the folder of the package) or another
        service stack. The identity of what changed is new, as a synthesis would make it."""
        shutil.copytree(self.folder, folder)
        release = Release(folder=folder)
        if core is not None:
            release._change_core(core)
        if service is not None:
            release._change_service(service)
        release._rename_changed_templates()
        return release

    def _change_core(self, change: Callable[[Path], None]) -> None:
        asset = self._asset(_CORE)
        change(self.folder / f"asset.{asset}" / "python" / "aiwebhook")
        self._replace(asset, _digest(asset, str(self.folder)))
        # The CDK puts a digest of the function and its layers into the name of its version, and a
        # new version is what starts the Trigger.
        self._replace_with(
            _VERSION, lambda found: found[1] + _digest(found[2], str(self.folder))[:32]
        )

    def _change_service(self, change: Callable[[dict[str, Any]], None]) -> None:
        template = self.template()
        change(template)
        path = self.folder / f"{SERVICE}.template.json"
        path.write_text(json.dumps(template), "utf-8")

    def _rename_changed_templates(self) -> None:
        """What was uploaded under a name is not uploaded again."""
        for path in self.folder.glob("*.assets.json"):
            for name, asset in json.loads(path.read_text("utf-8"))["files"].items():
                if asset["source"]["path"].endswith(".template.json"):
                    text = (self.folder / asset["source"]["path"]).read_bytes()
                    self._replace(name, hashlib.sha256(text).hexdigest())

    def _asset(self, name: str) -> str:
        assets = json.loads((self.folder / f"{SERVICE}.assets.json").read_text("utf-8"))["files"]
        return next(key for key, asset in assets.items() if asset.get("displayName") == name)

    def _replace(self, old: str, new: str) -> None:
        folder = self.folder / f"asset.{old}"
        if folder.exists():
            folder.rename(self.folder / f"asset.{new}")
        self._replace_with(re.compile(re.escape(old)), lambda _found: new)

    def _replace_with(
        self, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]
    ) -> None:
        for path in self.folder.glob("*.json"):
            text = path.read_text("utf-8")
            changed = pattern.sub(change, text)
            if changed != text:
                path.write_text(changed, "utf-8")


def synthesised(name: str, room: Path) -> Release:
    """In `room`: `now`, this tree's release, or `other_agents`, one without the agent gemini and
    with opencode under another name.
    """
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},  # noqa: TID251 of a program that is started
        "PYTHONPATH": os.pathsep.join(str(ROOT / path) for path in _PATHS),
    }
    command = [sys.executable, "-m", "tests.deployed.releases", name, str(room)]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, timeout=300)
    return Release(folder=room / name)


def _always(agents: tuple[Any, ...]) -> Callable[[], tuple[Any, ...]]:
    return lambda: agents


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _synthesise(name: str, room: Path) -> None:
    from dataclasses import replace  # noqa: PLC0415 the tests themselves need no CDK

    from infra import app as apps  # noqa: PLC0415 as above
    from infra.assets import Assets  # noqa: PLC0415 as above
    from infra.stage_file import choose_stages, read_stages  # noqa: PLC0415 as above

    own = apps.queued_agents()
    renamed = [
        replace(agent, name="pair") if agent.name == "opencode" else agent
        for agent in own
        if agent.name != "gemini"
    ]
    apps.queued_agents = _always({"now": own, "other_agents": tuple(renamed)}[name])
    apps.build_app(
        assets=Assets(staging=room / "staging" / name, interpreter=sys.executable),
        outdir=str(room / name),
        stages=choose_stages(STAGE, read_stages()),
    ).synth()


if __name__ == "__main__":
    _synthesise(sys.argv[1], Path(sys.argv[2]))
