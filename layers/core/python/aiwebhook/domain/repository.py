"""Which repository a task works on, as somebody may name it. Pure: values in, one sentence out.

Whether it exists, and may be read, the run finds out; whether it may be a folder or a server of
the runner's own machine, the runner decides (it refuses both unless it was told otherwise).
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

MAX_REPOSITORY_URL = 2048
MAX_REF = 255
_OWNER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
_URL = re.compile(r"(https?|file)://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+#=@-]*")
_WHAT = "must be an https URL without credentials, or owner/name of a GitHub repository"


def repository_fault(repo: str) -> str | None:
    """Why this names no repository; None when it does."""
    if "://" not in repo:
        return None if _OWNER_NAME.fullmatch(repo) else _WHAT
    if len(repo) > MAX_REPOSITORY_URL or not _URL.fullmatch(repo):
        return _WHAT
    try:
        url = urlsplit(repo)
        port = url.port
    except ValueError:
        return _WHAT
    return _WHAT if port == 0 else _url_fault(url)


def ref_fault(ref: str) -> str | None:
    """Why git would not take this for a branch, tag or commit (git check-ref-format); None when it
    would. Nothing that passes can be read as an option.
    """
    parts = ref.split("/")
    well_formed = (
        len(ref) <= MAX_REF
        and _REF.fullmatch(ref)
        and ".." not in ref
        and all(part and not part.startswith(".") for part in parts)
        and not any(part.endswith((".", ".lock")) for part in parts)
    )
    return None if well_formed else "must be a branch, a tag or a commit, such as main or v1.2"


def _url_fault(url: SplitResult) -> str | None:
    if url.scheme == "file":
        return _file_fault(url)
    host = url.hostname or ""
    allowed = url.scheme == "https" or _is_loopback(host)
    rules = (
        ("@" in url.netloc, "must not carry credentials; the runner has its own token"),
        (bool(url.query or url.fragment), "must be a URL without query and fragment"),
        (not allowed or not _is_host(host), _WHAT),
        (not url.path.strip("/"), "must name a repository, not a host alone"),
    )
    return next((fault for broken, fault in rules if broken), None)


def _file_fault(url: SplitResult) -> str | None:
    # "file://tmp/x" names the host tmp: the third slash is what people forget.
    plain = not (url.netloc or url.query or url.fragment)
    well_formed = plain and len(url.path) > 1 and ".." not in url.path.split("/")
    return None if well_formed else "must be a file URL with an absolute path: file:///path"


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
