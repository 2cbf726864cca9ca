"""The version of this clone, as its resources are tagged."""

from __future__ import annotations

import tomllib

from infra import ROOT

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
