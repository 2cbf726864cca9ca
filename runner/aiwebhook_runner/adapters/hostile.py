"""Paths of a repository that a CLI would execute or read settings from, whatever its switches say.

An adapter names such paths as `hostile_paths`; the runner moves them out of the work tree for the
duration of a turn. This check is the second line of defence.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters.contract import AgentCannotStart


def refuse_hostile(title: str, work: Path, paths: Iterable[str]) -> None:
    """Raises AgentCannotStart if one of the paths exists, even as a broken link."""
    for path in paths:
        if os.path.lexists(work / path):
            raise AgentCannotStart(
                ErrorClass.REFUSED,
                f"The repository has {path}, which {title} would obey or execute at its start.",
                remedy=f"Give the task to another agent, or name a ref without {path}.",
            )
