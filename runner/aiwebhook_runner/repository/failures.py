"""Why a workspace could not be made or brought home, told to people."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository.git import NOT_STARTED, GitFailed


class WorkspaceFailed(Exception):
    """The task fails with this class, message and remedy; `retryable` None: the class decides."""

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        remedy: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.remedy = remedy
        self.retryable = retryable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """Words of git or curl, and what they mean."""

    words: tuple[str, ...]
    error_class: ErrorClass
    meaning: str
    remedy: str
    retryable: bool | None = None


_TOKEN = "Give the runner a GITHUB_TOKEN that may read (and for a branch, write) this repository."  # noqa: S105 - a sentence about tokens, not one
_BY_HAND = "Try the same with git by hand, from where the runner is."
_ROOM = "Look at the disk of the runner: room, and who may write."
_SIGNS = (
    _Sign(
        words=(NOT_STARTED,),
        error_class=ErrorClass.LAUNCH,
        meaning="git cannot be started",
        remedy="Install git 2.36 or newer where the runner finds it on its PATH.",
        retryable=False,
    ),
    _Sign(
        words=("could not read Username", "could not read Password", "Authentication failed"),
        error_class=ErrorClass.AUTH,
        meaning="the server asks for credentials it accepts, or there is no such repository",
        remedy=_TOKEN,
    ),
    _Sign(
        words=("error: 401", "error: 403", "Permission to", "denied to"),
        error_class=ErrorClass.AUTH,
        meaning="the token is not allowed to do this",
        remedy=_TOKEN,
    ),
    _Sign(
        words=(
            "error: 404",
            "epository not found",
            "not found",
            "does not exist",
            "not appear to be a git",
        ),
        error_class=ErrorClass.LAUNCH,
        meaning="there is no such repository, or the token may not see it",
        remedy="Check the repository's name; a private one needs a GITHUB_TOKEN that may read it.",
        retryable=False,
    ),
    _Sign(
        words=("error: 429",),
        error_class=ErrorClass.RATE_LIMIT,
        meaning="the server wants us to slow down",
        remedy="Nothing to do now; it is tried again later.",
    ),
    _Sign(
        words=("error: 5",),
        error_class=ErrorClass.SERVER,
        meaning="the server failed",
        remedy="Nothing to do now; it is tried again later.",
    ),
    _Sign(
        words=("protected branch", "pre-receive hook declined", "GH006", "GH013"),
        error_class=ErrorClass.REFUSED,
        meaning="the repository's rules do not allow this push",
        remedy="Allow branches aiwebhook/* in the repository's rules, or apply changes.patch.",
    ),
    _Sign(
        words=(
            "Could not resolve host",
            "Failed to connect",
            "Couldn't connect",
            "Connection refused",
            "Connection reset",
            "Empty reply",
            "early EOF",
            "hung up",
            "Operation too slow",
            "timed out",
            "SSL",
            "unable to access",
        ),
        error_class=ErrorClass.NETWORK,
        meaning="the connection could not be made, or broke",
        remedy="Check that the runner can reach the repository's host.",
    ),
)


@contextmanager
def told_as(doing: str) -> Generator[None]:
    """What git and the disk say becomes WorkspaceFailed."""
    try:
        yield
    except GitFailed as exc:
        raise failure_of(exc, doing=doing) from exc
    except OSError as exc:
        message = f"{doing} failed: {exc.strerror or type(exc).__name__}."
        raise WorkspaceFailed(ErrorClass.LAUNCH, message, remedy=_ROOM, retryable=True) from exc


def failure_of(failed: GitFailed, *, doing: str) -> WorkspaceFailed:
    """`doing` begins the sentence: "Cloning https://… failed"."""
    if failed.reason == "timeout":
        return WorkspaceFailed(
            ErrorClass.TIMEOUT,
            f"{doing} took too long.",
            remedy="Use a smaller repository, or a runner nearer to it.",
            retryable=True,
        )
    if failed.reason == "too_large":
        return WorkspaceFailed(
            ErrorClass.LAUNCH,
            f"{doing} needs more space than a run may use.",
            remedy="Use a smaller repository, or a ref with less in it.",
            retryable=False,
        )
    for sign in _SIGNS:
        if any(words in failed.said for words in sign.words):
            return WorkspaceFailed(
                sign.error_class,
                f"{doing} failed: {sign.meaning}.",
                remedy=sign.remedy,
                retryable=sign.retryable,
            )
    lines = failed.said.strip().splitlines() or ["no reason given"]
    # What follows "fatal:" may be advice on several lines.
    why = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
    message = f"{doing} failed: {why[:300]}"
    return WorkspaceFailed(ErrorClass.LAUNCH, message, remedy=_BY_HAND, retryable=True)
