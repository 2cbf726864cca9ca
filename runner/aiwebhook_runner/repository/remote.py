"""Requests to the server that has a repository: its refs, its commits, a push."""

from dataclasses import dataclass, replace
from pathlib import Path

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.repository.address import RepositoryAddress, fit_ref
from aiwebhook_runner.repository.failures import WorkspaceFailed, failure_of
from aiwebhook_runner.repository.git import EMAIL, Git, GitFailed, bytes_below
from aiwebhook_runner.repository.layout import BASE, THEIRS
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

EVERYTHING = ("+refs/heads/*:refs/aiwebhook/heads/*", "+refs/tags/*:refs/aiwebhook/tags/*")
SHA = 40
SHORTEST_SHA = 7
_HEX = frozenset("0123456789abcdef")
_SLOW = ("http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "fetch.unpackLimit=1")
# Parts of servers' messages: no shallow clones, a rejected push, no fetching of single commits.
_NO_DEPTH = ("shallow",)
_REJECTED = ("[remote rejected]",)
_NO_COMMIT = ("not our ref", "unadvertised object", "remote ref", "does not allow", *_NO_DEPTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a ref means on the server."""

    source: str
    """A full ref name or a commit; empty when everything must be fetched to find it."""
    branch: str | None
    """The branch that a pull request would go to: the ref itself, or the default branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The branch on the host that holds the commit."""

    branch: str
    blocked_by: str | None = None
    """The branch that prevented the requested name."""


class Remote:
    """Talks to the server from the supervisor's own repository. Every
    method raises WorkspaceFailed.
    """

    def __init__(self, address: RepositoryAddress, git: Git, limits: WorkspaceLimits) -> None:
        self._address = address
        self._limits = limits
        self._git = replace(
            git,
            config=(*git.config, *_SLOW),
            environment={**git.environment, "GIT_ALLOW_PROTOCOL": address.protocol},
            credential=address.credential,
        )

    def resolve(self, ref: str) -> Wanted | None:
        """Look up `ref`: a branch takes precedence over a tag, and a tag over a commit; "" is the
        default branch. None if the repository is empty and no ref was given.
        """
        fit_ref(ref)
        refs = self._refs("HEAD", *_names(ref))
        default = refs.pop("default", None)
        if not ref:
            if "HEAD" not in refs:
                return None
            return Wanted(source="HEAD", branch=default)
        for name in _names(ref):
            if name in refs:
                is_branch = name.startswith("refs/heads/")
                branch = name.removeprefix("refs/heads/") if is_branch else default
                return Wanted(source=name, branch=branch)
        if SHORTEST_SHA <= len(ref) <= SHA and set(ref.lower()) <= _HEX:
            return Wanted(source=ref if len(ref) == SHA else "", branch=default)
        raise _no_such_ref(ref, self._address.url)

    def fetch(self, wanted: Wanted, ref: str, *, into: Path) -> str:
        """Fetch the commit, with as little history as the server allows, and make it `BASE` in the
        repository; returns it.
        """
        if not wanted.source or not self._fetch_one(wanted.source, into):
            self._fetch(*EVERYTHING, into=into)
            self._set_base(ref)
        try:
            return self._git.text("rev-parse", "--verify", f"{BASE}^{{commit}}")
        except GitFailed as exc:
            raise _no_such_ref(ref, self._address.url) from exc

    def push(self, commit: str, branch: str, *, base: str) -> Pushed:
        """Push the commit to the branch, never overwriting commits of others. If the host has a
        branch whose name rules this one out, push to a branch of another name.
        """
        try:
            self._push(commit, branch, base)
        except WorkspaceFailed as exc:
            blocker = self._blocker(branch) if _has_message(exc, _REJECTED) else None
            if blocker is None:
                raise
            other = branch.replace("/", "-")
            self._push(commit, other, base)
            return Pushed(branch=other, blocked_by=blocker)
        return Pushed(branch=branch)

    def _push(self, commit: str, branch: str, base: str) -> None:
        git = self._git
        try:
            git.text("push", "--porcelain", self._address.url, f"{commit}:refs/heads/{branch}")
        except GitFailed as exc:
            if "[rejected]" not in exc.stderr:
                raise failure_of(exc, doing=f"Pushing the branch {branch}") from exc
            self._replace_own(commit, branch, base)

    def _blocker(self, branch: str) -> str | None:
        """A branch of the host that excludes this name: refs are paths, so git cannot have both
        `a` and `a/b`.
        """
        parts = branch.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts))]
        patterns = [f"refs/heads/{name}" for name in (*above, f"{branch}/*")]
        listed = self._list("--heads", *patterns)
        names = [line.partition("\trefs/heads/")[2] for line in listed.splitlines()]
        blocking = (name for name in names if name in above or name.startswith(f"{branch}/"))
        return next(blocking, None)

    def _replace_own(self, commit: str, branch: str, base: str) -> None:
        """Overwrite the branch if only an earlier attempt of this task has committed to it."""
        git, url, name = self._git, self._address.url, f"refs/heads/{branch}"
        depth = f"--depth={self._limits.depth}"
        try:
            git.text("fetch", "-q", "--no-tags", depth, url, f"+{name}:{THEIRS}")
            theirs = git.text("rev-parse", "--verify", THEIRS)
            committers = git.text("log", "--format=%ce", THEIRS, "--not", base).splitlines()
            if any(committer != EMAIL for committer in committers):
                raise WorkspaceFailed(
                    ErrorClass.REFUSED,
                    f"The branch {branch} exists and holds commits of somebody else.",
                    remedy="Merge or delete that branch, then apply changes.patch or retry.",
                )
            lease = f"--force-with-lease={name}:{theirs}"
            git.text("push", "--porcelain", lease, url, f"{commit}:{name}")
        except GitFailed as exc:
            raise failure_of(exc, doing=f"Pushing the branch {branch}") from exc

    def _refs(self, *names: str) -> dict[str, str]:
        """Name → commit, of those that exist; `default` is the name of the default branch."""
        listed = self._list("--symref", *names)
        found: dict[str, str] = {}
        for line in listed.splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: ") and name == "HEAD":
                found["default"] = value.removeprefix("ref: refs/heads/")
            elif name in names:  # the server matches the end of names; we mean whole ones
                found[name] = value
        return found

    def _list(self, option: str, *patterns: str) -> str:
        try:
            return self._git.text("ls-remote", option, self._address.url, *patterns)
        except GitFailed as exc:
            raise failure_of(exc, doing=self._cloning) from exc

    def _fetch_one(self, source: str, into: Path) -> bool:
        """False when this server does not serve single commits."""
        refspec = f"+{source}:{BASE}"
        try:
            self._fetch(f"--depth={self._limits.depth}", refspec, into=into)
        except WorkspaceFailed as exc:
            if not _has_message(exc, _NO_COMMIT):
                raise
        else:
            return True
        if len(source) == SHA:
            return False
        self._fetch(refspec, into=into)
        return True

    def _fetch(self, *arguments: str, into: Path) -> None:
        def too_large() -> bool:
            return bytes_below(into) > self._limits.max_repository_bytes

        depth = [word for word in arguments if word.startswith("--")]
        refspecs = [word for word in arguments if not word.startswith("--")]
        plain = ("-q", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        try:
            self._git.watched(
                "fetch", *plain, *depth, self._address.url, *refspecs, too_large=too_large
            )
        except GitFailed as exc:
            raise failure_of(exc, doing=self._cloning) from exc

    def _set_base(self, ref: str) -> None:
        try:
            commit = self._git.text("rev-parse", "--verify", f"{ref}^{{commit}}")
            self._git.text("update-ref", BASE, commit)
        except GitFailed as exc:
            raise _no_such_ref(ref, self._address.url) from exc

    @property
    def _cloning(self) -> str:
        return f"Cloning {self._address.url}"


def _names(ref: str) -> list[str]:
    """The refs that a person may mean by `ref`, the likeliest first."""
    if not ref:
        return []
    pull = [f"refs/{ref}"] if ref.startswith("pull/") else []
    exact = [ref] if ref.startswith("refs/") else []
    return [*exact, f"refs/heads/{ref}", f"refs/tags/{ref}", *pull]


def _has_message(failed: WorkspaceFailed, words: tuple[str, ...]) -> bool:
    cause = failed.__cause__
    return isinstance(cause, GitFailed) and any(word in cause.stderr for word in words)


def _no_such_ref(ref: str, url: str) -> WorkspaceFailed:
    return WorkspaceFailed(
        ErrorClass.LAUNCH,
        f"{url} has no branch, tag or commit {ref}.",
        remedy="Name an existing branch, tag, commit, or pull/<number>/head.",
        retryable=False,
    )
