"""Where callbacks may go: a grammar for URLs and a list of networks, ours and explicit.

Python's own `ipaddress.is_global` lets multicast, NAT64, 6to4 and others through, differently by
version, and `getaddrinfo` takes "127.1", "0x7f000001" or "①②⑦.⓪.⓪.①" for addresses. So a URL must
name a domain in plain ASCII, and every address the name resolves to is checked against this list,
when it is connected to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal

MAX_CALLBACK_URL = 2048
LAMBDA_RUNTIME_PORT = 9001  # the Lambda Runtime API listens on 127.0.0.1:9001

_BLOCKED_V4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT, cloud metadata"),
    ("127.0.0.0/8", "loopback"),
    ("168.63.129.16/32", "cloud metadata"),
    ("169.254.0.0/16", "link-local, cloud metadata"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "AMT"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved, broadcast"),
)
# Only 2000::/3 is routed at all; these parts of it are not, or lead to an IPv4 address.
_BLOCKED_V6: tuple[tuple[str, str], ...] = (
    ("2001::/23", "protocol assignments, Teredo"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3ffe::/16", "6bone"),
    ("3fff::/20", "documentation"),
)
_V4 = tuple((IPv4Network(cidr), why) for cidr, why in _BLOCKED_V4)
_V6 = tuple((IPv6Network(cidr), why) for cidr, why in _BLOCKED_V6)
_V6_GLOBAL = IPv6Network("2000::/3")
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_URL = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!$%&'()*+,\-./0-9:;=@A-Z_a-z~]*)?(?P<query>\?[!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*)?"
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressTarget:
    """Where to connect once the host's addresses are checked. `authority` is the Host header."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRefused:
    """The address is not allowed. Final: retrying changes nothing."""

    reason: str


def parse_target(url: str, *, allow_loopback: bool = False) -> EgressTarget | EgressRefused:
    """Read a callback URL: https to a domain name on port 443.

    `allow_loopback` adds http(s)://127.0.0.1, localhost and [::1] on any port (the
    local stack only).
    """
    if len(url) > MAX_CALLBACK_URL:
        return EgressRefused(reason=f"the URL is longer than {MAX_CALLBACK_URL} characters")
    match = _URL.fullmatch(url)
    if match is None:
        return EgressRefused(
            reason="not a plain https URL (ASCII, no user, no fragment, no backslash)"
        )
    host = match["host"].lower()
    scheme = "https" if match["scheme"].lower() == "https" else "http"
    port = int(match["port"] or (443 if scheme == "https" else 80))
    refusal = _loopback_fault(host, port, allow_loopback=allow_loopback)
    if host not in _LOOPBACK_HOSTS:
        refusal = _public_fault(scheme, host, port)
    if refusal is not None:
        return EgressRefused(reason=refusal)
    return EgressTarget(
        scheme=scheme,
        host=host.strip("[]"),
        port=port,
        path=(match["path"] or "/") + (match["query"] or ""),
        authority=host if match["port"] is None else f"{host}:{port}",
    )


def check_address(address: str, port: int, *, allow_loopback: bool = False) -> str | None:
    """None if we may connect to this address, else the reason why not.

    `address` is a resolver's answer. `allow_loopback` admits loopback, except the port of the
    Lambda Runtime API.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return f"{address} has a zone"
        if allow_loopback and ip == IPv6Address("::1"):
            return _runtime_fault(port)
        return _v6_fault(ip)
    if allow_loopback and ip == IPv4Address("127.0.0.1"):
        return _runtime_fault(port)
    return next((f"{address} is {why} ({net})" for net, why in _V4 if ip in net), None)


def _v6_fault(ip: IPv6Address) -> str | None:
    if ip not in _V6_GLOBAL:
        return f"{ip} is outside global unicast ({_V6_GLOBAL})"
    return next((f"{ip} is {why} ({net})" for net, why in _V6 if ip in net), None)


def _runtime_fault(port: int) -> str | None:
    return "the Lambda Runtime API listens there" if port == LAMBDA_RUNTIME_PORT else None


def _loopback_fault(host: str, port: int, *, allow_loopback: bool) -> str | None:
    if not allow_loopback:
        return f"{host} is this machine itself"
    return _runtime_fault(port)


def _public_fault(scheme: str, host: str, port: int) -> str | None:
    labels = host.split(".")
    if scheme != "https":
        return "only https is allowed"
    if port != 443:
        return f"only port 443 is allowed, got {port}"
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return "the host must be a full domain name"
    if _NUMBER.fullmatch(labels[-1]):
        return "the host must be a domain name, not an address"
    return None
