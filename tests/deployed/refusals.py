"""What the emulated account refused, so that a journey is known to fail for the right that its role
lacks, and need not wait for what cannot come any more.

The emulator's process writes the refusals to a file; the tests' process reads it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FILE = "refusals.jsonl"


def record_refusals_to(path: Path) -> None:
    """Append each, beginning now. Call before the emulator's checks are changed: those that
    `differences` adds go through the same function.
    """
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    evaluate: Callable[..., Any] = evaluator.evaluate
    file = path.open("a", encoding="utf-8", buffering=1)

    def evaluated(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        if result.decision != "Allow":
            names = {"role": context.principal_arn.split("/")[1:2], "action": context.action}
            file.write(json.dumps({**names, "resource": context.resource_arn}) + "\n")
        return result

    evaluator.evaluate = evaluated


@dataclass(kw_only=True)
class Refusals:
    """Of `action` on one of `resources` (patterns, as in a policy) to `role`; of those that were
    written before this object was made it knows nothing.
    """

    path: Path
    role: str
    action: str
    resources: frozenset[str]

    def __post_init__(self) -> None:
        self._read_to = self.path.stat().st_size
        self._seen = False

    def seen(self) -> bool:
        """Whether there is one."""
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            # The writer may be in the middle of a line.
            lines, end, _ = file.read().rpartition(b"\n")
        self._read_to += len(lines) + len(end)
        self._seen = self._seen or any(self._fits(json.loads(each)) for each in lines.splitlines())
        return self._seen

    def _fits(self, refusal: dict[str, Any]) -> bool:
        return (refusal["role"], refusal["action"]) == ([self.role], self.action) and any(
            fnmatchcase(refusal["resource"], pattern) for pattern in self.resources
        )
