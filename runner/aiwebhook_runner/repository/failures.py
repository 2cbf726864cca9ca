"""Why a workspace could not be prepared or collected, in words for people."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository.git import NOT_STARTED, GitFailed


class WorkspaceFailed(Exception):
    """The task fails with this class, message and remedy; `retryable` None: by its class."""

    def __init__(
        self,
        error_class: ErrorClass,
        message: str,
        *,
        remedy: str | None = None,
        retryable: bool | None = None,
        cause: str = "",
    ) -> None:
        super().__init__(message)
        self.cause = cause or message
        """The reason alone, in the host's own words where it gave some."""
        self.error_class = error_class
        self.remedy = remedy
        self.retryable = retryable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """Lower-case text of git, curl or a host, and what it means. The first match counts, so the
    more specific ones come first.
    """

    words: tuple[str, ...]
    error_class: ErrorClass
    meaning: str
    remedy: str
    retryable: bool | None = None


_TOKEN = "Give the runner a GITHUB_TOKEN that may read (and for a branch, write) this repository."  # noqa: S105 - a sentence about tokens, not one
_TRY_MANUALLY = "Try the same with git by hand, from where the runner is."
_ROOM = "Look at the disk of the runner: room, and who may write."
_OF_HOST = (
    _Sign(
        words=("push protection", "contain secrets", "gh009", "secret detected", "secret scanning"),
        error_class=ErrorClass.REFUSED,
        meaning="the host found a secret in the change",
        remedy="Take the secret out and revoke it if it is real, or allow it on the host.",
    ),
    _Sign(
        words=(
            "gh001",
            "large files detected",
            "file size limit",
            "maximum allowed size",
            "blobs which exceed",
            "too large",
            "error: 413",
        ),
        error_class=ErrorClass.REFUSED,
        meaning="the host takes no files this large",
        remedy="Make the file smaller, leave it out, or store it with Git LFS.",
    ),
    _Sign(
        words=("quota", "size limit", "storage limit", "no space left", "over its limit"),
        error_class=ErrorClass.REFUSED,
        meaning="the host has no room left for this repository",
        remedy="Free space on the host, or raise its limit for this repository.",
    ),
    _Sign(
        words=("archived", "read-only", "read only", "has been locked", "is disabled"),
        error_class=ErrorClass.REFUSED,
        meaning="the repository can only be read",
        remedy="Unarchive or unlock the repository on its host.",
    ),
    _Sign(
        words=("without `workflow", "update workflow"),
        error_class=ErrorClass.AUTH,
        meaning="the token may not change workflows",
        remedy="Give GITHUB_TOKEN the right to write workflows.",
    ),
    _Sign(
        words=("saml", "single sign-on", "sso"),
        error_class=ErrorClass.AUTH,
        meaning="the organization wants the token to be authorized for single sign-on",
        remedy="Authorize the GITHUB_TOKEN for the organization's single sign-on.",
    ),
    _Sign(
        words=("ip allow list", "ip address"),
        error_class=ErrorClass.AUTH,
        meaning="the host does not allow the runner's address",
        remedy="Add the runner's address to the organization's IP allow list.",
    ),
    _Sign(
        words=("dco", "signed-off-by", "signed off", "sign-off", "signoff"),
        error_class=ErrorClass.REFUSED,
        meaning="the host wants every commit to be signed off",
        remedy="Apply the patch in your own clone and commit it with `git commit --signoff`.",
    ),
    _Sign(
        words=("verified signature", "unsigned", "must be signed", "gpg"),
        error_class=ErrorClass.REFUSED,
        meaning="the host wants every commit to be signed",
        remedy="Apply the patch in your own clone and commit it with `git commit --gpg-sign`.",
    ),
    _Sign(
        words=("gh007", "private email", "committer", "author email", "author's"),
        error_class=ErrorClass.REFUSED,
        meaning="the host does not accept the commits' author",
        remedy="Allow agent@aiwebhook.invalid there, or apply the patch and commit it as yourself.",
    ),
    _Sign(
        words=("permission to", "denied to", "write access", "not allowed to push", "not granted"),
        error_class=ErrorClass.AUTH,
        meaning="the token is not allowed to do this",
        remedy=_TOKEN,
    ),
    _Sign(
        words=("directory file conflict", "cannot lock ref", "failed to lock", "cannot create"),
        error_class=ErrorClass.REFUSED,
        meaning="another branch is in the way",
        remedy="Rename or delete that branch on the host, then retry the task.",
    ),
    _Sign(
        words=("non-fast-forward", "fetch first", "stale info"),
        error_class=ErrorClass.REFUSED,
        meaning="somebody else pushed to this branch in the meantime",
        remedy="Merge or delete that branch, then retry the task.",
    ),
    _Sign(
        words=("unpacker error", "internal server error", "maintenance", "try again later"),
        error_class=ErrorClass.SERVER,
        meaning="the server failed",
        remedy="Retry the task later.",
    ),
    _Sign(
        words=("protected branch", "hook declined", "gh006", "gh013", "rule violation"),
        error_class=ErrorClass.REFUSED,
        meaning="the repository's rules do not allow this push",
        remedy="Allow branches aiwebhook/* in the repository's rules.",
    ),
    _Sign(
        words=("[remote rejected]",),
        error_class=ErrorClass.REFUSED,
        meaning="the host refused it",
        remedy="Do what the host asks for, then retry the task.",
    ),
)
"""Matched against the host's message and the status of its answer."""
_OF_GIT = (
    _Sign(
        words=(NOT_STARTED,),
        error_class=ErrorClass.LAUNCH,
        meaning="git cannot be started",
        remedy="Install git 2.36 or newer where the runner finds it on its PATH.",
        retryable=False,
    ),
    _Sign(
        words=("could not read username", "could not read password", "authentication failed"),
        error_class=ErrorClass.AUTH,
        meaning="the server asks for credentials it accepts, or there is no such repository",
        remedy=_TOKEN,
    ),
    _Sign(
        words=("error: 401", "error: 403"),
        error_class=ErrorClass.AUTH,
        meaning="the token is not allowed to do this",
        remedy=_TOKEN,
    ),
    _Sign(
        words=("error: 404", "not found", "does not exist", "not appear to be a git"),
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
        words=(
            "could not resolve host",
            "failed to connect",
            "couldn't connect",
            "connection refused",
            "connection reset",
            "empty reply",
            "early eof",
            "hung up",
            "operation too slow",
            "timed out",
            "ssl",
            "unable to access",
        ),
        error_class=ErrorClass.NETWORK,
        meaning="the connection could not be made, or broke",
        remedy="Check that the runner can reach the repository's host.",
    ),
)
_STATUS = re.compile(r"\[remote rejected\]|error: \d{3}\b")


@contextmanager
def described_as(doing: str) -> Generator[None]:
    """Turns errors of git and the disk into WorkspaceFailed."""
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
    from aiwebhook_runner.repository.host_message import host_message  # noqa: PLC0415 - reason: few runs fail

    words = host_message(failed.stderr)
    of_host = f"{words} {' '.join(_STATUS.findall(failed.stderr))}"
    sign = _first(_OF_HOST, of_host) or _first(_OF_GIT, failed.stderr)
    if sign is None:
        message = f"{doing} failed: {words or _why(failed.stderr)}"
        return WorkspaceFailed(ErrorClass.LAUNCH, message, remedy=_TRY_MANUALLY, retryable=True)
    host = f" The host said: {words}" if words else ""
    return WorkspaceFailed(
        sign.error_class,
        f"{doing} failed: {sign.meaning}.{host}",
        remedy=sign.remedy,
        retryable=sign.retryable,
        cause=words or sign.meaning,
    )


def remedy_for(words: str) -> str | None:
    """What to do about a host's refusal, by its text."""
    sign = _first(_OF_HOST, words)
    return sign.remedy if sign else None


def _first(signs: tuple[_Sign, ...], stderr: str) -> _Sign | None:
    stderr = stderr.lower()
    return next((sign for sign in signs if any(_in(words, stderr) for words in sign.words)), None)


def _in(words: str, stderr: str) -> bool:
    """Whether the words occur, but not inside a longer word: "dco" is not in "hardcoded"."""
    return re.search(r"(?<![a-z0-9])" + re.escape(words), stderr) is not None


def _why(stderr: str) -> str:
    from aiwebhook_runner.repository.host_message import one_safe_line  # noqa: PLC0415 - reason: few runs fail

    lines = stderr.strip().splitlines() or ["no reason given"]
    # Text after "fatal:" may be advice on several lines.
    why = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
    return one_safe_line(why)
