"""What the tests of agents take from the environment."""

from __future__ import annotations

import os

EGRESS_LOG: str | None = os.environ.get("AIWEBHOOK_EGRESS_LOG")
"""Where loopback_only.py writes what wanted to leave; None when nobody watches."""

SAMPLE: bool = os.environ.get("AGENTS") == "sample"
"""Half of the matrix, for CI: each situation with two of the four agents."""
