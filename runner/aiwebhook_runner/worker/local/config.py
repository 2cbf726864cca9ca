"""The worker's configuration file, by default ~/.config/aiwebhook/worker.toml.

An example:

    [local]
    actions = ["git", "shell"]
    directories = ["~/projects"]

    [[local.allow]]
    action = "git"
    pattern = "git (status|log|diff)( .*)?"
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from aiwebhook.errors import ConfigurationError
from aiwebhook_runner.worker.local.rules import LocalAction, LocalRule, LocalRules

_ACTIONS = ", ".join(LocalAction)


class WorkerConfigInvalid(ConfigurationError):
    """The message names the file, the key, the rule and the value."""

    code = "worker_config_invalid"


def load_rules(path: Path | None) -> LocalRules:
    """What the file allows; no file allows nothing. Raises WorkerConfigInvalid."""
    if path is None:
        return LocalRules()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise WorkerConfigInvalid(f"{path} cannot be read: {exc}") from exc
    try:
        return _rules(data)
    except _Wrong as exc:
        raise WorkerConfigInvalid(f"{path}: {exc}") from exc


class _Wrong(ValueError):
    """Key, rule and value."""


def _rules(data: Mapping[str, object]) -> LocalRules:
    _only(data, {"local"}, "")
    local = _table(data.get("local", {}), "local")
    _only(local, {"actions", "directories", "allow"}, "local.")
    allowed = local.get("allow", [])
    if not isinstance(allowed, list):
        raise _Wrong("local.allow must be tables, [[local.allow]]")
    return LocalRules(
        actions=frozenset(_action(name) for name in _texts(local, "actions")),
        directories=tuple(_directory(name) for name in _texts(local, "directories")),
        rules=tuple(_rule(_table(row, "local.allow")) for row in cast("list[object]", allowed)),
    )


def _rule(row: Mapping[str, object]) -> LocalRule:
    _only(row, {"action", "pattern", "shell"}, "local.allow.")
    action, pattern, shell = _action(row.get("action")), row.get("pattern"), row.get("shell", False)
    if not isinstance(pattern, str) or not pattern:
        raise _Wrong(f"local.allow.pattern must be a regular expression, got {pattern!r}")
    if not isinstance(shell, bool) or (shell and action is not LocalAction.SHELL):
        raise _Wrong(f'local.allow.shell may be true for action "shell" only, got {shell!r}')
    try:
        return LocalRule(action=action, pattern=re.compile(pattern), shell=shell)
    except re.error as exc:
        raise _Wrong(f"local.allow.pattern {pattern!r}: {exc}") from exc


def _directory(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_absolute():
        raise _Wrong(f"local.directories must be absolute or start with ~/, got {name!r}")
    return path.resolve()


def _action(name: object) -> LocalAction:
    if not isinstance(name, str) or name not in list(LocalAction):
        raise _Wrong(f"an action must be one of {_ACTIONS}, got {name!r}")
    return LocalAction(name)


def _table(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _Wrong(f"{name} must be a table")
    return cast("Mapping[str, object]", value)


def _texts(table: Mapping[str, object], name: str) -> list[str]:
    value = table.get(name, [])
    items = cast("list[object]", value) if isinstance(value, list) else [None]
    if not all(isinstance(item, str) for item in items):
        raise _Wrong(f"local.{name} must be a list of strings, got {value!r}")
    return cast("list[str]", items)


def _only(table: Mapping[str, object], known: set[str], place: str) -> None:
    for name in table:
        if name not in known:
            raise _Wrong(
                f"{place}{name} is not a key of this file; known: {', '.join(sorted(known))}"
            )
