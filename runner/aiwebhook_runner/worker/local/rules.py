"""Whether the worker's own configuration allows an action: pure, except for looking at folders.

Only what is named is allowed: an action, a directory (symlinks are followed before it is compared),
and a pattern that matches the whole command. An argv is matched as the shell would quote it and run
without a shell; a rule with `shell = true` matches a line as it stands, and only such a line is
given to /bin/sh.
"""

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SHELL = "/bin/sh"


class LocalAction(StrEnum):
    """The actions of a task_command (docs/wire.md) that run here."""

    GIT = "git"
    """An argv that starts with git."""
    SHELL = "shell"
    """An argv, or a line."""


class NotAllowed(Exception):
    """The message says what is not allowed, `remedy` what to add to the configuration."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRule:
    """One [[local.allow]] of the worker's configuration."""

    action: LocalAction
    pattern: re.Pattern[str]
    shell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRules:
    """The [local] table; the default allows nothing. Directories are absolute, without links."""

    actions: frozenset[LocalAction] = frozenset()
    directories: tuple[Path, ...] = ()
    rules: tuple[LocalRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRequest:
    """The action, command and directory that a task asks for."""

    action: LocalAction
    command: str | tuple[str, ...]
    directory: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCommand:
    """An allowed command: argv and a real, absolute directory."""

    argv: tuple[str, ...]
    directory: Path


def permit(request: LocalRequest, rules: LocalRules) -> LocalCommand:
    """The command to run, if a rule allows it. Raises NotAllowed."""
    if request.action not in rules.actions:
        raise NotAllowed(
            f"This worker does not allow the action {request.action}.",
            remedy=f'Add "{request.action}" to local.actions in the worker\'s configuration.',
        )
    directory = _directory(request.directory, rules)
    argv = _argv(request, rules)
    if request.action is LocalAction.GIT:
        _stay_inside(argv, directory, rules)
    return LocalCommand(argv=argv, directory=directory)


def _directory(named: str, rules: LocalRules) -> Path:
    """The real path of `named`, which may be relative to the first allowed
    directory. Raises NotAllowed.
    """
    if rules.directories:
        try:
            path = Path(named).expanduser() if named.startswith("~/") else Path(named)
            real = (rules.directories[0] / path).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            real = None
        if real is not None and real.is_dir() and _inside(real, rules):
            return real
    # The same message whether or not it exists: a task must not be able to probe for folders.
    raise NotAllowed(
        f"{named!r:.200} is not a directory that this worker allows.",
        remedy="Add it, or one above it, to local.directories in the worker's configuration.",
    )


def _inside(path: Path, rules: LocalRules) -> bool:
    return any(path.is_relative_to(allowed) for allowed in rules.directories)


def _argv(request: LocalRequest, rules: LocalRules) -> tuple[str, ...]:
    """The argv to run: the command's own words, or a shell with the line where a rule says so."""
    command = request.command
    _refuse_control_characters(command)
    if isinstance(command, str):
        line, argv = command, _argv_of(command)
    else:
        line, argv = None, command
    if argv and argv[0] and _matches(shlex.join(argv), request.action, rules, as_line=False):
        if request.action is LocalAction.GIT and (argv[0] != "git" or len(argv) < 2):
            raise _no_pattern(request.action)
        return argv
    if line is not None and _matches(line, request.action, rules, as_line=True):
        return (SHELL, "-c", line)
    raise _no_pattern(request.action)


def _argv_of(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError:
        return ()  # only a shell could interpret it


def _matches(text: str, action: LocalAction, rules: LocalRules, *, as_line: bool) -> bool:
    return any(
        rule.action is action and rule.shell is as_line and rule.pattern.fullmatch(text)
        for rule in rules.rules
    )


def _refuse_control_characters(command: str | tuple[str, ...]) -> None:
    """A newline would start a second command that the pattern's author did not have in mind, and
    NUL would end the argument for the kernel.
    """
    text = command if isinstance(command, str) else "".join(command)
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise NotAllowed(
            "The command has control characters, such as a new line.",
            remedy="Send one line, or one command after the other.",
        )


def _stay_inside(argv: tuple[str, ...], directory: Path, rules: LocalRules) -> None:
    """Refuse git arguments that leave the allowed directories: paths, and options before the
    command, such as -C, -c or --git-dir.
    """
    if argv[1].startswith("-"):
        raise NotAllowed(
            f"git options before the command are not allowed, got {argv[1]!r:.100}.",
            remedy="Name the directory in working_dir, and put options behind the command.",
        )
    for argument in argv[1:]:
        for part in (argument, argument.partition("=")[2], argument[2:]):
            if not _inside(_resolved(part, directory), rules):
                raise NotAllowed(
                    f"{argument!r:.200} leads out of the allowed directories.",
                    remedy="Name paths below the working directory.",
                )


def _resolved(text: str, directory: Path) -> Path:
    """The real path that `text` means in the directory; the directory itself if it is no path."""
    try:
        return (directory / text).resolve()
    except (OSError, RuntimeError, ValueError):
        return directory


def _no_pattern(action: LocalAction) -> NotAllowed:
    return NotAllowed(
        f"No pattern of this worker allows that {action} command.",
        remedy=f'Add a [[local.allow]] with action = "{action}" and a pattern that matches all '
        "of it to the worker's configuration.",
    )
