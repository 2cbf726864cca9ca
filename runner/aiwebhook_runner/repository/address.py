"""Which repository is meant, whether it may be cloned, and which host gets the token."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository.failures import WorkspaceFailed
from aiwebhook_runner.repository.git import Credential

GITHUB_API = "https://api.github.com"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NETWORK = tuple("https_proxy HTTPS_PROXY no_proxy NO_PROXY SSL_CERT_FILE SSL_CERT_DIR".split())
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_UNFIT = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_UNFIT_URL = re.compile(r"[\x00-\x20\x7f\\]")
_REMEDY = "Name it as owner/name on GitHub or as an https URL without user and password."


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryAccess:
    """What the supervisor may use to reach repositories."""

    token: str = field(default="", repr=False)
    api_url: str = GITHUB_API
    """GitHub's REST API; that of an Enterprise server ends in /api/v3."""
    allow_local: bool = False
    """file:// and http on loopback: tests, the demo, a developer's worker."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Proxy and certificates, for the supervisor's own connections."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "RepositoryAccess":
        """From GITHUB_TOKEN, AIWEBHOOK_GITHUB_API_URL and AIWEBHOOK_ALLOW_LOCAL_REPOS."""
        return cls(
            token=env.get("GITHUB_TOKEN") or "",
            api_url=(env.get("AIWEBHOOK_GITHUB_API_URL") or GITHUB_API).rstrip("/"),
            allow_local=(env.get("AIWEBHOOK_ALLOW_LOCAL_REPOS") or "").lower() in ("1", "true"),
            environment={name: env[name] for name in _NETWORK if env.get(name)},
        )

    @property
    def origin(self) -> str:
        """Where repositories of that API are cloned from: the only host that gets the token."""
        parts = urlsplit(self.api_url)
        return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryAddress:
    """A repository that may be cloned."""

    url: str
    protocol: str
    slug: str | None
    """owner/name if it is on the GitHub of our API."""
    credential: Credential | None


def address_of(repo: str, access: RepositoryAccess) -> RepositoryAddress:
    """Raises WorkspaceFailed, whose message does not repeat what may contain a password."""
    if _SLUG.fullmatch(repo):
        repo = f"{access.origin}/{repo.removesuffix('.git')}.git"
    try:
        parts = urlsplit(repo)
        host = parts.hostname or ""
    except ValueError:
        raise _refused("The repository's address cannot be read.") from None
    if "@" in parts.netloc or (not parts.scheme and "@" in repo):
        raise _refused("The repository's address holds a user or password.")
    if parts.query or parts.fragment or _UNFIT_URL.search(repo):
        raise _refused("The repository's address is not a plain URL.")
    local = parts.scheme == "file" or (parts.scheme == "http" and host in LOOPBACK)
    if not (parts.scheme == "https" and host) and not (local and access.allow_local):
        raise _refused(f"Repositories are not cloned by {parts.scheme or 'such an address'}.")
    origin = f"{parts.scheme}://{parts.netloc}"
    ours = origin == access.origin
    path = parts.path.strip("/").removesuffix(".git")
    return RepositoryAddress(
        url=repo,
        protocol=parts.scheme,
        slug=path if ours and _SLUG.fullmatch(path) else None,
        credential=Credential(origin=origin, token=access.token) if ours and access.token else None,
    )


def fit_ref(ref: str) -> str:
    """The ref, if it is well-formed. Raises WorkspaceFailed."""
    if len(ref) > 255 or ref.startswith(("-", "/")) or _UNFIT.search(ref):
        raise WorkspaceFailed(
            ErrorClass.LAUNCH,
            "The ref cannot be the name of a branch, tag or commit.",
            remedy="Name an existing branch, tag, commit, or pull/<number>/head.",
            retryable=False,
        )
    return ref


def _refused(message: str) -> WorkspaceFailed:
    return WorkspaceFailed(ErrorClass.LAUNCH, message, remedy=_REMEDY, retryable=False)
