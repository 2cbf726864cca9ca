"""Callers' IP addresses. Pure."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def caller_address(text: str | None) -> IPv4Address | IPv6Address | None:
    """The address; an IPv4 one that came mapped into IPv6 as what it is. None: it is none."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
