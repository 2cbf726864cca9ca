"""What of a repository a CLI would execute, or take its settings from, whatever its switches say.

An adapter names such paths as `hostile_paths`; the runner takes them out of the work tree for the
time of a turn. Here is the lock behind that door.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import AgentCannotStart


def refuse_hostile(title: str, work: Path, paths: Iterable[str]) -> None:
    """Raises AgentCannotStart when one of the paths is there, even as a link that leads nowhere."""
    for path in paths:
        if os.path.lexists(work / path):
            raise AgentCannotStart(
                ErrorClass.REFUSED,
                f"The repository has {path}, which {title} would obey or execute at its start.",
                remedy=f"Give the task to another agent, or name a ref without {path}.",
            )
