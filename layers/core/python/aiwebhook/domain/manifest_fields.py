"""Reads typed fields from untyped data and collects every broken rule instead of the first.

A person who writes a manifest wants all mistakes at once, each with field, rule and value.
A reader returns a harmless stand-in where a rule is broken; the caller must look at `problems`
before it uses what was read.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar, cast

Choice = TypeVar("Choice", bound=StrEnum)

_MISSING = object()


class ManifestFields:
    """One table of a manifest; inner tables share the list of problems."""

    def __init__(
        self, data: Mapping[str, object], *, prefix: str = "", problems: list[str] | None = None
    ) -> None:
        self._data = data
        self._prefix = prefix
        self._read: set[str] = set()
        self.problems: list[str] = [] if problems is None else problems

    def problem(self, name: str, rule: str, value: object) -> None:
        """Note one broken rule, as "field rule, got value"."""
        self.problems.append(f"{self._prefix}{name} {rule}, got {_shown(value)}")

    def text(self, name: str, *, pattern: str = r"(?s)\s*\S.*") -> str:
        """A required string; without a pattern it must not be blank."""
        value = self._take(name)
        if value is _MISSING:
            self.problems.append(f"{self._prefix}{name} is missing")
            return ""
        if not isinstance(value, str):
            self.problem(name, "must be a string", value)
            return ""
        if not re.fullmatch(pattern, value):
            blank_rule = pattern.startswith("(?s)")
            self.problem(
                name, "must not be blank" if blank_rule else f"must match {pattern}", value
            )
        return value

    def optional_text(self, name: str, *, pattern: str = r"(?s).*") -> str:
        """A string; "" when absent. Anything else is a problem."""
        value = self._take(name)
        if value is _MISSING:
            return ""
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.problem(name, f"must be a string that matches {pattern}", value)
            return ""
        return value

    def texts(self, name: str, *, pattern: str = r"(?s).+") -> tuple[str, ...]:
        """A list of strings; empty when absent. Anything else is a problem."""
        value = self._take(name)
        if value is _MISSING:
            return ()
        strings = _strings(value)
        if strings is None:
            self.problem(name, "must be a list of strings", value)
            return ()
        for item in strings:
            if not re.fullmatch(pattern, item):
                self.problem(name, f"must have items that match {pattern}", item)
        return strings

    def one_of(self, name: str, choices: type[Choice]) -> Choice:
        """A required member of an enumeration."""
        value = self._take(name)
        if value is _MISSING:
            self.problems.append(f"{self._prefix}{name} is missing")
        elif value in [choice.value for choice in choices]:
            return choices(cast("str", value))
        else:
            self.problem(name, f"must be one of {_names(choices)}", value)
        return next(iter(choices))

    def optional_one_of(self, name: str, default: Choice) -> Choice:
        """A member of the default's enumeration."""
        return self.one_of(name, type(default)) if name in self._data else default

    def many_of(self, name: str, choices: type[Choice]) -> tuple[Choice, ...]:
        """An optional list of members of an enumeration."""
        known = [choice.value for choice in choices]
        found: list[Choice] = []
        for item in self.texts(name):
            if item in known:
                found.append(choices(item))
            else:
                self.problem(name, f"must have items from {_names(choices)}", item)
        return tuple(found)

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean; the default when absent. Anything else is a problem."""
        value = self._take(name)
        if value is _MISSING:
            return default
        if not isinstance(value, bool):
            self.problem(name, "must be true or false", value)
            return default
        return value

    def whole(self, name: str, *, default: int, low: int, high: int) -> int:
        """An optional whole number from low to high; `true` is not a number here."""
        value = self._take(name)
        if value is _MISSING:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(name, f"must be a whole number from {low} to {high}", value)
            return default
        return value

    def number(self, name: str, *, default: float, low: float, high: float) -> float:
        """An optional number from low to high."""
        value = self._take(name)
        if value is _MISSING:
            return default
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            self.problem(name, f"must be a number from {low:g} to {high:g}", value)
            return default
        return float(value)

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def mapping(self, name: str) -> Mapping[str, object]:
        """A free-form table; empty when absent. Anything else is a problem."""
        value = self._take(name)
        if value is _MISSING:
            return {}
        if not isinstance(value, dict):
            self.problem(name, "must be a table", value)
            return {}
        return cast("dict[str, object]", value)

    def table(self, name: str) -> "ManifestFields":
        """An optional inner table, read with the same methods."""
        prefix = f"{self._prefix}{name}."
        return ManifestFields(self.mapping(name), prefix=prefix, problems=self.problems)

    def refuse(self, name: str, rule: str) -> None:
        """Note a problem when the field is there although the rule forbids it."""
        value = self._take(name)
        if value is not _MISSING and value != []:
            self.problem(name, f"is {rule}", value)

    def refuse_unread(self) -> None:
        """Note every field that nobody read: it would be silently ignored, a typo unseen."""
        for name in sorted(set(self._data) - self._read):
            self.problem(name, "is not a field of a manifest", self._data[name])

    def _take(self, name: str) -> object:
        self._read.add(name)
        return self._data.get(name, _MISSING)


def _strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    strings = tuple(item for item in items if isinstance(item, str))
    return strings if len(strings) == len(items) else None


def _names(choices: type[StrEnum]) -> str:
    return ", ".join(f'"{choice.value}"' for choice in choices)


def _shown(value: object) -> str:
    """The value as a reader of TOML or JSON would write it, cut to a readable length."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
