"""Which era a request belongs to, and whether its headers agree with its body. Pure.

2026-07-28 is stateless: each request names its version and the client's capabilities in `_meta`,
and repeats method and name in headers. Before it, a client begins with `initialize`, and later
requests name the version in a header; without one, it is 2025-03-26.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from session_api.mcp.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    UNSUPPORTED_VERSION,
    Message,
    RpcError,
)

Json = dict[str, Any]
MODERN = "2026-07-28"
INITIALIZED = ("2025-11-25", "2025-06-18", "2025-03-26")
SUPPORTED = (MODERN, *INITIALIZED)
WITHOUT_HEADER = "2025-03-26"
"""The version of a request that names none."""

MCP_PREFIX = "io.modelcontextprotocol/"
TASKS = f"{MCP_PREFIX}tasks"
VERSION_HEADER = "mcp-protocol-version"
_VERSION, _CAPABILITIES = f"{MCP_PREFIX}protocolVersion", f"{MCP_PREFIX}clientCapabilities"
_NAMED_BY: Mapping[str, str] = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
    "tasks/get": "taskId",
    "tasks/update": "taskId",
    "tasks/cancel": "taskId",
}
"""The parameter that the header Mcp-Name repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpClient:
    """The client, as far as one request identifies it."""

    version: str
    modern: bool
    meta: Json = field(default_factory=dict[str, Any])
    capabilities: Json = field(default_factory=dict[str, Any])

    @property
    def extensions(self) -> frozenset[str]:
        """The extensions it declares."""
        declared = self.capabilities.get("extensions")
        return frozenset(cast("Json", declared)) if isinstance(declared, dict) else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class McpHeaders:
    """The headers of a request, in lower case; `repeated` names those sent more than once."""

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def one(self, name: str) -> str | None:
        """The value, trimmed and decoded; None if it is missing. Raises RpcError if
        there are two.
        """
        if name in self.repeated:
            raise _mismatch(name, "was sent more than once")
        value = self.values.get(name)
        return None if value is None else _decoded(name, value.strip(" \t"))


def client_of(headers: McpHeaders, message: Message) -> McpClient:
    """The client of a request. Raises RpcError if headers and body contradict each other or the
    version is not supported.
    """
    meta: Json = message.params.get("_meta") or {}
    header = headers.one(VERSION_HEADER)
    if _VERSION in meta or header == MODERN:
        return _modern(headers, meta)
    if header is not None and header not in INITIALIZED:
        raise _unsupported(header)
    asked = message.params.get("protocolVersion")
    if message.method == "initialize" and header not in (None, asked):
        raise _mismatch(VERSION_HEADER, "differs from protocolVersion in the body")
    return McpClient(version=header or WITHOUT_HEADER, modern=False, meta=meta)


def _modern(headers: McpHeaders, meta: Json) -> McpClient:
    version, capabilities = meta.get(_VERSION), meta.get(_CAPABILITIES)
    if not isinstance(version, str) or not isinstance(capabilities, dict):
        raise RpcError(
            INVALID_PARAMS, f"Invalid params: _meta must have {_VERSION} and {_CAPABILITIES}."
        )
    if headers.one(VERSION_HEADER) != version:
        raise _mismatch(VERSION_HEADER, f"differs from {_VERSION} in the body")
    if version != MODERN:
        raise _unsupported(version)
    return McpClient(
        version=version, modern=True, meta=meta, capabilities=cast("Json", capabilities)
    )


def check_names(headers: McpHeaders, message: Message) -> None:
    """2026-07-28: Mcp-Method and Mcp-Name must agree with the body. Raises RpcError."""
    if headers.one("mcp-method") != message.method:
        raise _mismatch("mcp-method", "differs from method in the body, or is missing")
    named = _NAMED_BY.get(message.method)
    if named is not None and headers.one("mcp-name") != message.params.get(named):
        raise _mismatch("mcp-name", f"differs from {named} in the body, or is missing")


def check_arguments(headers: McpHeaders, mirrored: Mapping[str, str], arguments: Json) -> None:
    """Arguments that a tool mirrors in Mcp-Param-* headers (`mirrored`: argument → header) must be
    the same in both. Raises RpcError.
    """
    for argument, header in mirrored.items():
        sent = headers.one(f"mcp-param-{header.lower()}")
        given = arguments.get(argument)
        if (sent is None) != (given is None) or not (sent is None or _same(sent, given)):
            raise _mismatch(f"mcp-param-{header}", f"differs from {argument} in the body")


def _same(sent: str, given: object) -> bool:
    if isinstance(given, bool):
        return sent == str(given).lower()
    if isinstance(given, int | float):
        try:
            return float(sent) == given
        except ValueError:
            return False
    return sent == given


def _decoded(name: str, value: str) -> str:
    """`=?base64?…?=` is how a header encodes what is not plain ASCII."""
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, ValueError) as exc:
        raise _mismatch(name, "is not valid base64") from exc


def _mismatch(name: str, why: str) -> RpcError:
    shown = "-".join(part.upper() if part == "mcp" else part.title() for part in name.split("-"))
    return RpcError(HEADER_MISMATCH, f"Header mismatch: {shown} {why}.")


def _unsupported(version: str) -> RpcError:
    return RpcError(
        UNSUPPORTED_VERSION,
        "Unsupported protocol version.",
        data={"supported": list(SUPPORTED), "requested": version[:100]},
    )
