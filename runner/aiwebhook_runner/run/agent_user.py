"""The user that an agent of any kind runs as: its own where this machine gives one."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import LaunchRefused
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.process.isolation import (
    AgentUser,
    NoFreeUser,
    choose_user,
    hand_over,
    needed_by,
    reachable_by_others,
)
from aiwebhook_runner.run.run_scope import RunScope


def take_user(
    scope: RunScope, commands: Iterable[tuple[str, ...]], *, all_it_reads: tuple[Path, ...] = ()
) -> AgentUser | None:
    """A user for this run, who owns its folders from now on; None where it stays our own, which
    the log explains. The agent must be able to reach `commands` and `all_it_reads`: if that is
    known, it may lie in folders that are closed to others. Raises LaunchRefused."""
    workspace = scope.workspace
    needed = needed_by(
        commands,
        search_path=scope.settings.path,
        folders=(workspace.root, *all_it_reads),  # the first is opened below, its parents are not
    )
    try:
        user = choose_user(needed, reach=all_it_reads and (workspace.root, *all_it_reads))
    except NoFreeUser as exc:
        raise LaunchRefused(
            ErrorClass.LAUNCH,
            f"The agent gets no user of its own here: {exc}.",
            remedy="Let root write to /run, or run the worker as an ordinary user.",
        ) from exc
    if user is None:
        closed = [str(path) for path in needed if not reachable_by_others(path)]
        scope.log.info("agent_user_shared", unreachable=closed)
    hand_over(workspace.root, (workspace.work, workspace.home, workspace.tmp), user)
    return user


def python_folders(spec: LaunchSpec) -> tuple[Path, ...]:
    """Where this interpreter finds the modules of `spec`: all that a built-in agent reads."""
    path = spec.environment.get("PYTHONPATH", "").split(os.pathsep)
    prefixes = (Path(sys.prefix), Path(sys.base_prefix).resolve())
    return (*prefixes, *(Path(folder) for folder in path if folder))
