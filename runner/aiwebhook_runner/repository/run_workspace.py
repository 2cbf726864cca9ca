"""The repository of one run, from the clone to the pull request."""

# reason: the steps of one run stand in their order; what each does is in a module of its own

import contextlib
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.isolation import AgentUser
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.log import JsonLog
from aiwebhook_runner.repository import checkpoint
from aiwebhook_runner.repository.address import RepositoryAccess, RepositoryAddress, address_of
from aiwebhook_runner.repository.checkpoint import Saved, State, TooLarge, Unreadable
from aiwebhook_runner.repository.clone import Checkout, populate
from aiwebhook_runner.repository.failures import WorkspaceFailed, told_as
from aiwebhook_runner.repository.git import NOT_STARTED, Git, GitFailed, never
from aiwebhook_runner.repository.layout import START
from aiwebhook_runner.repository.limits import WorkspaceLimits
from aiwebhook_runner.repository.pristine import HEAD, RESULT, Pristine
from aiwebhook_runner.repository.pull_request import GitHub, PullRequest
from aiwebhook_runner.repository.remote import SHA, Remote, Wanted
from aiwebhook_runner.repository.snapshot import Snapshot, WorkFolder
from aiwebhook_runner.repository.work import PATCH_NAME, Published, Work, changes_in
from aiwebhook_runner.runs_api import RepositoryAsked
from aiwebhook_runner.workspace import Workspace

Bundle = tuple[Path, Snapshot]
_UNFIT_IN_BRANCH = re.compile(r":|\.(?=\.|lock$|$)")
"""Of what an id may hold (aiwebhook.ids), git takes this in no name of a branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOptions:
    """What is the same for every run of this runner."""

    access: RepositoryAccess
    search_path: str
    """The PATH that git is found on."""
    limits: WorkspaceLimits = field(default_factory=WorkspaceLimits)
    aside: tuple[str, ...] = ()
    """Paths that are put away while the agent works; its own commits shall keep them."""
    called_off: Callable[[], bool] = never
    """Whether prepare shall end with WorkspaceFailed at once: the run is not wanted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where the work began."""

    base: str
    upstream: str | None
    """The branch that a pull request goes to."""


class RunWorkspace:
    """Call in this order: prepare, (hand_over,) the agent with save now and then, collect once its
    processes are gone, publish. `remove` of the Workspace cleans everything up."""

    def __init__(
        self,
        folders: Workspace,
        *,
        task_id: str,
        asked: RepositoryAsked | None,
        options: WorkspaceOptions,
        log: JsonLog,
    ) -> None:
        self.branch = f"aiwebhook/{_UNFIT_IN_BRANCH.sub('-', task_id)}"
        self._folders = folders
        self._asked = asked
        self._options = options
        self._limits = options.limits
        self._log = log
        self._address: RepositoryAddress | None = None
        self._start: _Start | None = None
        self._one_at_a_time = threading.Lock()
        git = Git(search_path=options.search_path, cwd=folders.root, deadline=0.0)
        self._preparing = False
        self._git = replace(
            git,
            environment=options.access.environment,
            called_off=lambda: self._preparing and options.called_off(),
        )
        self._pristine = Pristine(folders.root / "repository", self._git)
        self._scratch = folders.root / "scratch"

    # ── before the agent ──────────────────────────────────────────────────────────────────────

    def prepare(self, archive: Path | None = None) -> JsonObject | None:
        """Fills the work folder: the clone, or an empty repository. With the archive of an earlier
        attempt's checkpoint it goes on from there, and returns its data; None: started afresh.
        Raises WorkspaceFailed."""
        with told_as("Preparing the workspace"):
            self._preparing = True
            try:
                return self._prepare(archive, time.monotonic() + self._limits.clone_s)
            finally:
                self._preparing = False

    def _prepare(self, archive: Path | None, deadline: float) -> JsonObject | None:
        if shutil.which("git", path=self._options.search_path) is None:
            raise GitFailed(("init",), reason="exit", said=NOT_STARTED)
        self._scratch.mkdir(mode=0o711)
        self._pristine.create()
        wanted, remote = self._look_up(deadline)
        if archive is not None:
            try:
                return self._resume(archive, wanted, remote, deadline)
            except (Unreadable, WorkspaceFailed, GitFailed) as exc:
                self._log.warning("checkpoint_unusable", reason=str(exc))
                self._empty_folders()
        base = self._fetch_base(wanted, remote, deadline)
        self._populate(base, base, deadline)
        return None

    def _look_up(self, deadline: float) -> tuple[Wanted | None, Remote | None]:
        if self._asked is None:
            return None, None
        self._address = address_of(self._asked.repo, self._options.access)
        remote = Remote(self._address, self._pristine.git(deadline), self._limits)
        return remote.resolve(self._asked.ref), remote

    def _fetch_base(
        self,
        wanted: Wanted | None,
        remote: Remote | None,
        deadline: float,
        commit: str | None = None,
    ) -> str:
        if wanted is None or remote is None:
            self._pristine.start_empty()
            base = START
        else:
            ref = self._asked.ref if self._asked else ""
            source = replace(wanted, source=commit) if commit else wanted
            base = remote.fetch(source, commit or ref, into=self._pristine.objects)
            self._pristine.check_files(base, self._limits, deadline)
        self._start = _Start(base=base, upstream=wanted.branch if wanted else None)
        return base

    def _populate(self, head: str, files: str, deadline: float) -> None:
        start = self._started
        checkout = Checkout(
            branch=self.branch,
            head=head,
            files=files,
            url=self._address.url if self._address else None,
            upstream=start.upstream,
            base=start.base,
            aside=self._options.aside,
        )
        git = replace(self._git, deadline=deadline)
        populate(self._folders.work, checkout, pristine=self._pristine, git=git)

    def _resume(
        self, archive: Path, wanted: Wanted | None, remote: Remote | None, deadline: float
    ) -> JsonObject:
        with self._temporary_folder() as folder:
            limit = self._limits.max_checkpoint_bytes
            data = checkpoint.unpack(archive, folder, limit=limit)
            commit = str(data.get("base"))
            if len(commit) != SHA or self._fetch_base(wanted, remote, deadline, commit) != commit:
                raise Unreadable("the base is another one")
            head = files = commit
            bundle = folder / checkpoint.BUNDLE
            if bundle.exists():
                self._pristine.accept(bundle, deadline)
                files = self._pristine.commit_of(RESULT, deadline)
                with contextlib.suppress(GitFailed):  # there is none when it committed nothing
                    head = self._pristine.commit_of(HEAD, deadline)
                self._pristine.check_files(files, self._limits, deadline)
            self._populate(head, files, deadline)
            home = folder / checkpoint.HOME
            if home.is_dir():
                shutil.copytree(home, self._folders.home, dirs_exist_ok=True)
        return data

    def _empty_folders(self) -> None:
        for folder in (self._folders.work, self._folders.home):
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)

    # ── while the agent runs ──────────────────────────────────────────────────────────────────

    def save(
        self,
        state_paths: tuple[str, ...],
        data: JsonObject,
        *,
        user: AgentUser | None,
        within_s: float | None = None,
        untouched: tuple[str, ...] = (),
    ) -> Saved:
        """A checkpoint of the work as it lies there, uncommitted and new files included, and of
        the CLI's state. The agent may go on meanwhile. `untouched` are paths that somebody else
        has put away for now: they stay as last committed. Raises WorkspaceFailed."""
        deadline = time.monotonic() + (within_s or self._limits.checkpoint_s)
        limit = self._limits.max_checkpoint_bytes
        state = State(home=self._folders.home, paths=state_paths, limit=limit)
        bundled = self._bundled(user, limit=limit, deadline=deadline, untouched=untouched)
        with told_as("Saving a checkpoint"):
            try:
                with bundled as (bundle, snapshot):
                    start: JsonObject = {"branch": self.branch, "base": self._started.base}
                    told = {**data, **start, "commit": snapshot.commit}
                    packed = bundle if snapshot.bundled else None
                    return self._pack(told, packed, state, user)
            except GitFailed as exc:
                if exc.reason != "too_large":
                    raise
                return Saved(data=_without_session(data))

    def _pack(
        self, data: JsonObject, bundle: Path | None, state: State, user: AgentUser | None
    ) -> Saved:
        archive = self._folders.root / "checkpoint.tar.gz"
        none = replace(state, paths=())
        # A conversation without the files it is about would be worse than none.
        for told, wanted in ((data, state), (_without_session(data), none)):
            with contextlib.suppress(TooLarge):
                checkpoint.pack(archive, told, bundle=bundle, state=wanted, user=user)
                return Saved(
                    data=told,
                    archive=archive,
                    sha256=checkpoint.digest_of(archive),
                    size=archive.stat().st_size,
                )
        return Saved(data=_without_session(data))

    # ── after the agent ───────────────────────────────────────────────────────────────────────

    def collect(self, *, user: AgentUser | None) -> Work:
        """Everything the agent changed, as commits in the supervisor's own repository, and as a
        patch. Its processes must be gone. Raises WorkspaceFailed."""
        deadline = time.monotonic() + self._limits.collect_s
        base = self._started.base
        bundled = self._bundled(user, limit=self._limits.max_work_bytes, deadline=deadline)
        with told_as("Collecting the work"):
            with _readable(), bundled as (bundle, snapshot):
                if snapshot.bundled:
                    self._pristine.seal()
                    self._pristine.accept(bundle, deadline)
            if snapshot.bundled:
                commit = self._pristine.commit_of(RESULT, deadline)
                raw = self._pristine.compare(base, commit, deadline)
            else:
                commit, raw = base, b""
            files, insertions, deletions = changes_in(raw)
            return Work(
                repo=self._asked.repo if self._asked else None,
                ref=(self._asked.ref or self._started.upstream) if self._asked else None,
                base=base,
                branch=self.branch,
                commit=commit,
                files=files,
                insertions=insertions,
                deletions=deletions,
                patch=self._patch(base, commit, deadline) if files else None,
                left_out=snapshot.left_out,
                squashed=snapshot.squashed,
            )

    def _patch(self, base: str, commit: str, deadline: float) -> Path | None:
        path = self._folders.root / PATCH_NAME
        limit = self._limits.max_patch_bytes
        written = self._pristine.write_patch(base, commit, path, limit=limit, deadline=deadline)
        return path if written else None

    def publish(self, work: Work, *, title: str, body: str) -> Published:
        """Pushes the branch and opens the pull request, as far as the task asked for it. Does not
        raise for what the server says: a problem is told, and the work stays a patch."""
        published = Published(branch=work.branch)
        address, asked = self._address, self._asked
        if asked is None or address is None or asked.pr == "none" or not work.changed:
            return published
        try:
            with told_as(f"Publishing the branch {work.branch}"):
                git = self._pristine.git(time.monotonic() + self._limits.push_s)
                self._pristine.seal()
                Remote(address, git, self._limits).push(work.commit, work.branch, base=work.base)
            published = replace(published, pushed=True)
            if asked.pr != "branch":
                draft = asked.pr == "draft"
                url = self._open(address, title, body, draft=draft)
                published = replace(published, pull_request=url, draft=draft)
        except WorkspaceFailed as exc:
            self._log.warning("not_published", reason=str(exc), pushed=published.pushed)
            published = replace(published, problem=exc)
        return published

    def _open(self, address: RepositoryAddress, title: str, body: str, *, draft: bool) -> str:
        access, upstream = self._options.access, self._started.upstream
        if address.slug is None or upstream is None or not access.token:
            raise WorkspaceFailed(
                ErrorClass.REFUSED,
                "A pull request needs a GITHUB_TOKEN and a repository on GitHub with a branch.",
                remedy="The branch is pushed; open it by hand.",
            )
        asked = PullRequest(
            slug=address.slug,
            head=self.branch,
            base=upstream,
            title=title,
            body=body,
            draft=draft,
        )
        return GitHub(api_url=access.api_url, token=access.token).open(asked)

    # ── shared ────────────────────────────────────────────────────────────────────────────────

    @property
    def _started(self) -> _Start:
        if self._start is None:
            raise AssertionError("prepare() comes first")
        return self._start

    @contextlib.contextmanager
    def _bundled(
        self,
        user: AgentUser | None,
        *,
        limit: int,
        deadline: float,
        untouched: tuple[str, ...] = (),
    ) -> Generator[Bundle]:
        work = WorkFolder(
            work=self._folders.work,
            scratch=self._scratch,
            pristine=self._pristine,
            git=Git(
                search_path=self._options.search_path,
                cwd=self._folders.root,
                user=user,
                deadline=deadline,
            ),
            limits=self._limits,
            untouched=untouched,
        )
        with self._one_at_a_time, self._temporary_folder() as folder:
            path = folder / checkpoint.BUNDLE
            with path.open("w+b") as file:
                snapshot = self._take(work, file, limit, deadline)
            yield path, snapshot

    def _take(self, work: WorkFolder, file: IO[bytes], limit: int, deadline: float) -> Snapshot:
        snapshot = work.bundle(self._started.base, file, limit=limit, deadline=deadline)
        if snapshot.left_out:
            self._log.warning("files_left_out", count=len(snapshot.left_out))
        return snapshot

    @contextlib.contextmanager
    def _temporary_folder(self) -> Generator[Path]:
        folder = Path(tempfile.mkdtemp(prefix="own-", dir=self._folders.root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _without_session(data: JsonObject) -> JsonObject:
    return {**data, "cli_session_id": None}


@contextlib.contextmanager
def _readable() -> Generator[None]:
    """That git cannot read what lies there is the agent's doing, not ours."""
    try:
        yield
    except GitFailed as exc:
        if exc.reason != "exit":
            raise
        raise WorkspaceFailed(
            ErrorClass.BAD_OUTPUT,
            "What the agent left in its folder cannot be read by git.",
            remedy="Read the run's log, then retry the task.",
            retryable=True,
        ) from exc
