"""Which version this is. An import of its own: it costs 15 ms."""

from __future__ import annotations

from importlib import metadata


def version_sentence() -> str:
    try:
        return f"aiwebhook {metadata.version('aiwebhook')}\n"
    except metadata.PackageNotFoundError:
        return "aiwebhook, from a checkout that is not installed\n"
