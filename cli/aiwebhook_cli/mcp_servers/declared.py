"""Servers as `.mcp.json` declares them, the file that Claude Code and others read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiwebhook.errors import Invalid

Json = dict[str, Any]
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredServer:
    """A program to start (`words`), or an address to call. `missing` names variables that
    have no value.
    """

    name: str
    words: Sequence[str] = ()
    url: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    missing: Sequence[str] = ()


def declared_servers(path: Path, variables: Mapping[str, str]) -> list[DeclaredServer]:
    """In their order. Raises Invalid for what cannot be read, or is no such file."""
    try:
        document: object = json.loads(path.read_bytes())
    except OSError as exc:
        raise Invalid(f"{path} cannot be read: {exc.strerror}.", code="usage") from exc
    except ValueError as exc:
        raise Invalid(f"{path} is not JSON: {exc}.", code="usage") from exc
    servers = cast("Json", document).get("mcpServers") if isinstance(document, dict) else None
    if not isinstance(servers, dict):
        raise Invalid(f"{path} has no object 'mcpServers'.", code="usage")
    return [_declared(name, each, variables) for name, each in cast("Json", servers).items()]


def _declared(name: str, given: object, variables: Mapping[str, str]) -> DeclaredServer:
    entry = cast("Json", given) if isinstance(given, dict) else {}
    missing: list[str] = []

    def expanded(text: object) -> str:
        def value(found: re.Match[str]) -> str:
            value = variables.get(found[1]) or found[2]
            if value is None:
                missing.append(found[1])
            return value or ""

        return _VARIABLE.sub(value, str(text))

    words = [expanded(each) for each in (entry.get("command"), *entry.get("args", ())) if each]
    url = entry.get("url")
    if not words and not url:
        raise Invalid(f"Server '{name}' has neither 'command' nor 'url'.", code="usage")
    return DeclaredServer(
        name=name,
        words=words,
        url=expanded(url) if url else None,
        environ={key: expanded(each) for key, each in entry.get("env", {}).items()},
        headers={key: expanded(each) for key, each in entry.get("headers", {}).items()},
        missing=missing,
    )
