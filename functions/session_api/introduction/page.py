"""The page at /: what this is, and the three ways to connect. No scripts, no external resources."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files


def page(url: str) -> str:
    """The page of the deployment at this URL."""
    text = _file("page.html").replace("{url}", escape(url, quote=True))
    return text.replace("{style}", _file("page.css"))


def policy() -> str:
    """The Content-Security-Policy that allows its style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_file("page.css").encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _file(name: str) -> str:
    return files("session_api.introduction").joinpath(name).read_text(encoding="utf-8")
