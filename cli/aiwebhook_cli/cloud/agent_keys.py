"""The agents' keys, as somebody types or pipes them, and what shows that one is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

import typer

from aiwebhook.domain.provider import GITHUB_TOKEN, KEY_OF, NO_KEY, Provider
from aiwebhook.errors import Invalid
from aiwebhook_cli.arguments import piped_text
from aiwebhook_cli.printing import print_hint

_LEAST_KEY = 8
_BEGINNINGS = {
    "sk-ant-": KEY_OF[Provider.ANTHROPIC],
    "sk-proj-": KEY_OF[Provider.OPENAI],
    "sk-svcacct-": KEY_OF[Provider.OPENAI],
    "AIza": KEY_OF[Provider.GOOGLE],
    "ghp_": GITHUB_TOKEN,
    "gho_": GITHUB_TOKEN,
    "github_pat_": GITHUB_TOKEN,
}
"""By which one can tell whose a key is. Many have none, and are taken as they are."""


def given_keys(names: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Name and value of those to be changed, one after the other where they are asked for. Raises
    Invalid or BadParameter, before the first one where they come from a pipe.
    """
    if sys.stdin.isatty():
        return _asked(names)
    return _piped(names, piped_text("NAME=value lines").split("\n")).items()


def _asked(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        while value := _prompt(name):
            try:
                checked = _checked(name, value)
            except Invalid as error:
                print_hint(f"{error.detail} {error.remedy}")
            else:
                yield name, checked
                break


def _prompt(name: str) -> str:
    said: str = typer.prompt(name, default="", hide_input=True, show_default=False)
    return said.strip()


def _piped(names: Sequence[str], lines: Iterable[str]) -> dict[str, str]:
    """An empty value keeps what is there; lines of other names may come from the same file. What is
    no such line may be the rest of a key.
    """
    named: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if name.strip() in names and equals:
            named[name.strip()] = value.strip()
        elif name and not equals and not name.startswith("#"):
            raise Invalid(
                f"Line {number} of standard input is not NAME=value.",
                code="key_form",
                remedy=f"One line for each key, {names[0]}=… for instance.",
            )
    if not named:
        raise Invalid(
            "Standard input has no NAME=value line for a key.",
            code="key_form",
            remedy=f"For instance {names[0]}=…; in a terminal the keys are asked for.",
        )
    return {name: _checked(name, value) for name, value in named.items() if value}


def _checked(name: str, value: str) -> str:
    """Keys are one word; half of one, or JSON around it, shows here and not at the first run."""
    if value == NO_KEY:
        return value
    if len(value) < _LEAST_KEY or value.split() != [value] or value[0] in "{['\"":
        raise Invalid(f"This is not a key for {name}.", code="key_form")
    if not (value.isascii() and value.isprintable()):
        raise Invalid(f"The value for {name} holds characters that no key has.", code="key_form")
    for beginning, owner in _BEGINNINGS.items():
        if value.startswith(beginning) and owner != name:
            raise Invalid(
                f"A key that begins with {beginning} is one for {owner}, not {name}.",
                code="key_form",
            )
    return value
