"""Where this tree is, for processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHONPATH = os.pathsep.join(
    str(ROOT / part) for part in ("layers/core/python", "runner", "agents", "local")
)
"""Of the runner and the gateway; this tree's, also where the environment's installation is of
another one, or of none."""
