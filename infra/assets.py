"""The code of functions and layers: folders packed as they lie, without Docker or a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import AssetHashType, IgnoreMode
from aws_cdk import aws_lambda as lambda_

from infra import ROOT

CORE_LAYER = "layers/core"
VENDOR_LAYER = "layers/vendor"
_VENDOR_BUILD = ROOT / ".build/layers/vendor"
_PLACEHOLDER = ROOT / "infra/placeholder_layer"
_COMPILED = ["**/__pycache__", "*.pyc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The code assets of the app.

    With `named`, an asset's hash is made from its folder's name instead of its content, so that the
    committed templates change only when the infrastructure does. A deployment needs the content.
    """

    named: bool = False

    @property
    def vendor_is_built(self) -> bool:
        """False means: the vendor layer is a placeholder, good for looking at templates only."""
        return _VENDOR_BUILD.is_dir()

    def function(self, name: str) -> lambda_.Code:
        """Pack functions/<name> alone, under the package name that it has in tests.

        Raises FileNotFoundError when there is no handler to deploy.
        """
        handler = ROOT / "functions" / name / "handler.py"
        if not self.named and not handler.is_file():
            raise FileNotFoundError(f"{handler} is missing: there is nothing to deploy as {name}")
        exclude = ["*", f"!{name}", f"!{name}/**", *_COMPILED]
        return self._code(f"functions/{name}", ROOT / "functions", exclude)

    def core_layer(self) -> lambda_.Code:
        """Pack layers/core: its `python/` folder is the prefix that Lambda asks for."""
        return self._code(CORE_LAYER, ROOT / CORE_LAYER, _COMPILED)

    def vendor_layer(self) -> lambda_.Code:
        """Pack the third-party wheels built by `make layers`, or a placeholder for them."""
        folder = _VENDOR_BUILD if self.vendor_is_built else _PLACEHOLDER
        return self._code(VENDOR_LAYER, folder, [])

    def _code(self, name: str, folder: Path, exclude: list[str]) -> lambda_.Code:
        return lambda_.Code.from_asset(
            str(folder),
            exclude=exclude,
            ignore_mode=IgnoreMode.GIT,
            asset_hash=name if self.named else None,
            asset_hash_type=AssetHashType.CUSTOM if self.named else None,
            display_name=name,
        )
