"""The user that an agent runs as: one of its own where this machine has one to give."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import AgentCannotStart
from aiwebhook_runner.process.agent_process import LaunchSpec
from aiwebhook_runner.process.isolation import (
    AgentUser,
    NoFreeUser,
    OutOfReach,
    can_change_users,
    choose_user,
    hand_over,
    installed_around,
    needed_by,
    reachable_by_others,
)
from aiwebhook_runner.run.run_scope import RunScope


def take_user(
    scope: RunScope,
    commands: Iterable[tuple[str, ...]],
    *,
    all_it_reads: tuple[Path, ...] = (),
    visited: bool = False,
) -> AgentUser | None:
    """A user for this run, who owns its folders from now on; None where it stays ours, which
    the log explains.

    What the agent needs may be in folders closed to others; then it may read only the system,
    `all_it_reads` and what belongs to its programs. `visited`: git and we ourselves work in the
    run's folders as that user, so they must be in open ones. Raises AgentCannotStart.
    """
    workspace = scope.workspace
    if not can_change_users():
        scope.log.info("agent_user_shared")
        return None
    if visited and not reachable_by_others(workspace.root.parent):
        raise _closed(workspace.root.parent)
    path = scope.settings.path
    programs = needed_by(commands, search_path=path, folders=())
    reach = (workspace.root, *all_it_reads, *installed_around(programs, search_path=path))
    try:
        # The workspace is opened below, but not the folders above it.
        user = choose_user((*programs, workspace.root, *all_it_reads), reach=reach)
    except NoFreeUser as exc:
        raise AgentCannotStart(
            ErrorClass.LAUNCH,
            f"The agent gets no user of its own here: {exc}.",
            remedy="Let root write to /run, or run the worker as an ordinary user.",
        ) from exc
    except OutOfReach as exc:
        raise AgentCannotStart(
            ErrorClass.LAUNCH,
            str(exc),
            remedy="Move it to where every user may go, such as /usr/local/bin, or open the"
            " folders above it (chmod o+x).",
        ) from exc
    if user.reach:
        scope.log.info("agent_user_fenced", reach=[str(one) for one in user.reach])
    hand_over(workspace.root, (workspace.work, workspace.home, workspace.tmp), user)
    return user


def _closed(folder: Path) -> AgentCannotStart:
    return AgentCannotStart(
        ErrorClass.LAUNCH,
        f"The agents' user cannot reach {folder}.",
        remedy="Set TMPDIR, or AIWEBHOOK_WORK_DIR, to a folder where every user may go,"
        " such as /var/tmp.",
    )


def python_folders(spec: LaunchSpec) -> tuple[Path, ...]:
    """Where this interpreter finds the modules of `spec`: all that a built-in agent reads."""
    path = spec.environment.get("PYTHONPATH", "").split(os.pathsep)
    prefixes = (Path(sys.prefix), Path(sys.base_prefix).resolve())
    return (*prefixes, *(Path(folder) for folder in path if folder))
