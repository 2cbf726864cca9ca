"""The code of functions and layers: folders packed as they lie, without Docker.

Ours are compiled on the way (docs/adr/0004): Lambda's disk is read-only, and without .pyc files a
cold start compiles every module again, and makes every dataclass (docs/adr/0017).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from infra import ROOT
from layers.build_vendor import PYTHON, lambda_interpreter

CORE_LAYER = "layers/core"
VENDOR_LAYER = "layers/vendor"
_VENDOR_BUILD = ROOT / ".build/layers/vendor"
_PLACEHOLDER = ROOT / "infra/placeholder_layer"
_NOT_SOURCE = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The code assets of the app.

    With `named`, an asset's hash is made from its folder's name instead of its content, so that the
    committed templates change only when the infrastructure does. A deployment needs the content:
    copied to `staging` at every synthesis, so that it is never an old one, and compiled by
    `interpreter`, a Python of Lambda's version (None when this machine has none).
    """

    named: bool = False
    staging: Path = ROOT / ".build/assets"
    interpreter: str | None = field(default_factory=lambda_interpreter)

    @property
    def vendor_is_built(self) -> bool:
        """False means: the vendor layer is a placeholder, good for looking at templates only."""
        return _VENDOR_BUILD.is_dir()

    @property
    def slow_start(self) -> str | None:
        """Why cold starts will be slow, for the one who deploys; None when they will not."""
        if self.named or self.interpreter is not None:
            return None
        return f"python{PYTHON} was not found: without .pyc files, imports take three times as long"

    def function(self, name: str) -> lambda_.Code:
        """Pack functions/<name> alone, under the package name that it has in tests.

        Raises FileNotFoundError when there is no handler to deploy.
        """
        source = ROOT / "functions" / name
        if self.named:
            return self._code(f"functions/{name}", source)
        if not (source / "handler.py").is_file():
            raise FileNotFoundError(f"{source} has no handler.py: there is nothing to deploy")
        folder = self._staged(source, f"functions/{name}", name, runs_at="/var/task")
        return self._code(f"functions/{name}", folder)

    def core_layer(self) -> lambda_.Code:
        """Pack layers/core: its `python/` folder is the prefix that Lambda asks for."""
        source = ROOT / CORE_LAYER
        if self.named:
            return self._code(CORE_LAYER, source)
        folder = self._staged(source / "python", CORE_LAYER, "python", runs_at="/opt")
        return self._code(CORE_LAYER, folder)

    def vendor_layer(self) -> lambda_.Code:
        """Pack the third-party wheels built by `make layers`, or a placeholder for them."""
        return self._code(VENDOR_LAYER, _VENDOR_BUILD if self.vendor_is_built else _PLACEHOLDER)

    def _staged(self, source: Path, name: str, prefix: str, *, runs_at: str) -> Path:
        """A fresh folder with `source` as `prefix` in it, compiled for `runs_at`."""
        folder = self.staging / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder / prefix, ignore=_NOT_SOURCE)
        if self.interpreter is not None:
            _compile(folder, self.interpreter, runs_at=runs_at)
        return folder

    def _code(self, name: str, folder: Path) -> lambda_.Code:
        return lambda_.Code.from_asset(
            str(folder),
            asset_hash=name if self.named else None,
            asset_hash_type=AssetHashType.CUSTOM if self.named else None,
            display_name=name,
        )


def _compile(folder: Path, interpreter: str, *, runs_at: str) -> None:
    """By the Python that will run it; equal sources give equal bytes."""
    command = [interpreter, "-m", "aiwebhook.bytecode", "--runs-at", runs_at, str(folder)]
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT / CORE_LAYER / "python"),
        "PYTHONHASHSEED": "0",
    }
    subprocess.run(command, check=True, env=environment)
