"""The repository of one run, from the clone to the pull request."""

# reason: the steps of one run stand in their order; what each does is in a module of its own
# ruff: noqa: PLC0415 - reason: the agent waits for what is imported here, not for its own end

import contextlib
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.run import RepositoryRequest
from aiwebhook.json_log import JsonLog
from aiwebhook_runner.jsons import JsonObject
from aiwebhook_runner.process.isolation import AgentUser
from aiwebhook_runner.process.workspace import Workspace
from aiwebhook_runner.repository import checkpoint
from aiwebhook_runner.repository.address import RepositoryAccess, RepositoryAddress, address_of
from aiwebhook_runner.repository.checkpoint import CheckpointTooLarge, CliState, Saved, Unreadable
from aiwebhook_runner.repository.clone import Checkout, populate
from aiwebhook_runner.repository.failures import WorkspaceFailed, described_as
from aiwebhook_runner.repository.git import NOT_STARTED, Git, GitFailed, never
from aiwebhook_runner.repository.layout import FIRST_COMMIT, HEAD, OWN_REFS, RESULT
from aiwebhook_runner.repository.pristine import Pristine
from aiwebhook_runner.repository.remote import SHA, Remote, Wanted
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

if TYPE_CHECKING:
    from aiwebhook_runner.repository.bundles import Needs, Snapshot
    from aiwebhook_runner.repository.work import Published, Work

_UNFIT_IN_BRANCH = re.compile(r":|\.(?=\.|lock$|$)")
"""Characters of ids (aiwebhook.ids) that git does not allow in branch names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOptions:
    """Options shared by all runs of this runner."""

    access: RepositoryAccess
    search_path: str
    """The PATH that git is found on."""
    limits: WorkspaceLimits = field(default_factory=WorkspaceLimits)
    aside: tuple[str, ...] = ()
    """Paths that are moved away while the agent works; its own commits must keep them."""
    called_off: Callable[[], bool] = never
    """Whether prepare must end with WorkspaceFailed at once: the run is no longer wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where and when the work began."""

    base: str
    began: float
    """In seconds since the epoch; of the first attempt."""
    upstream: str | None
    """The branch that a pull request goes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundled:
    """Temporary files; the snapshot says whether they contain anything."""

    work: Path
    others: Path
    snapshot: "Snapshot"


class RunWorkspace:
    """Call in this order: prepare, (hand_over,) the agent with save now and then, collect once its
    processes are gone, publish. `remove` of the Workspace cleans everything up."""

    def __init__(
        self,
        folders: Workspace,
        *,
        task_id: str,
        request: RepositoryRequest | None,
        options: WorkspaceOptions,
        log: JsonLog,
    ) -> None:
        self.branch = f"aiwebhook/{_UNFIT_IN_BRANCH.sub('-', task_id)}"
        self._folders = folders
        self._request = request
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

    # ── before the agent ──────────────────────────────────────────────────────────────────────────

    def prepare(self, archive: Path | None = None) -> JsonObject | None:
        """Fill the work folder: the clone, or an empty repository. With the archive of an
        earlier attempt's checkpoint it continues from there, and returns its data; None: started
        afresh. Raises WorkspaceFailed.
        """
        with described_as("Preparing the workspace"):
            self._preparing = True
            try:
                return self._prepare(archive, time.monotonic() + self._limits.clone_s)
            finally:
                self._preparing = False

    def _prepare(self, archive: Path | None, deadline: float) -> JsonObject | None:
        if shutil.which("git", path=self._options.search_path) is None:
            raise GitFailed(("init",), reason="exit", stderr=NOT_STARTED)
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
        if self._request is None:
            return None, None
        self._address = address_of(self._request.repo, self._options.access)
        remote = Remote(self._address, self._pristine.git(deadline), self._limits)
        return remote.resolve(self._request.ref), remote

    def _fetch_base(
        self,
        wanted: Wanted | None,
        remote: Remote | None,
        deadline: float,
        commit: str | None = None,
    ) -> str:
        if wanted is None or remote is None:
            self._pristine.start_empty()
            base = FIRST_COMMIT
        else:
            ref = self._request.ref if self._request else ""
            source = replace(wanted, source=commit) if commit else wanted
            base = remote.fetch(source, commit or ref, into=self._pristine.objects)
            self._pristine.check_files(base, self._limits, deadline)
        upstream = wanted.branch if wanted else None
        self._start = _Start(base=base, began=time.time(), upstream=upstream)
        return base

    def _populate(
        self, head: str, files: str, deadline: float, others: Mapping[str, str] | None = None
    ) -> None:
        start = self._started
        refs: Mapping[str, str] = {}
        stashes: tuple[str, ...] = ()
        if others:
            from aiwebhook_runner.repository.lines import restored_refs

            beside = restored_refs(others, branch=self.branch)
            refs, stashes = beside.refs, beside.stashes
        checkout = Checkout(
            branch=self.branch,
            head=head,
            files=files,
            url=self._address.url if self._address else None,
            upstream=start.upstream,
            base=start.base,
            aside=self._options.aside,
            others=refs,
            stashes=stashes,
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
                with contextlib.suppress(GitFailed):  # there is none if it committed nothing
                    head = self._pristine.commit_of(HEAD, deadline)
                self._pristine.check_files(files, self._limits, deadline)
            began = data.get("began")
            if isinstance(began, int | float):
                self._start = replace(self._started, began=began)
            others = self._others_of(folder / checkpoint.OTHERS, deadline)
            self._populate(head, files, deadline, others)
            self._refill_submodules(others, folder / "index", deadline)
            home = folder / checkpoint.HOME
            if home.is_dir():
                shutil.copytree(home, self._folders.home, dirs_exist_ok=True)
        return data

    def _others_of(self, bundle: Path, deadline: float) -> dict[str, str]:
        """Refs → commits, of work beside HEAD."""
        if not bundle.exists():
            return {}
        self._pristine.accept(bundle, deadline, refs=OWN_REFS)
        return self._pristine.refs_below(OWN_REFS, deadline)

    def _refill_submodules(self, others: Mapping[str, str], index: Path, deadline: float) -> None:
        from aiwebhook_runner.repository.lines import LineKind

        for ref, commit in others.items():
            if not ref.startswith(f"{OWN_REFS}{LineKind.SUBMODULE.value}/"):
                continue
            path = os.fsdecode(self._pristine.message_of(commit, deadline))
            folder = (self._folders.work / path).resolve()
            # git has made the folder, empty, if there is such a submodule.
            if (
                folder == self._folders.work / path
                and folder.is_dir()
                and not any(folder.iterdir())
            ):
                self._pristine.check_out(commit, folder, index, deadline)
                index.unlink(missing_ok=True)

    def _empty_folders(self) -> None:
        for folder in (self._folders.work, self._folders.home):
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)

    # ── while the agent runs ──────────────────────────────────────────────────────────────────────

    def save(
        self,
        state_paths: tuple[str, ...],
        data: JsonObject,
        *,
        user: AgentUser | None,
        within_s: float | None = None,
        untouched: tuple[str, ...] = (),
    ) -> Saved:
        """A checkpoint of the work as it is, uncommitted and new files included, and of the CLI's
        state. The agent may continue meanwhile. `untouched` are paths moved away for now: they stay
        as last committed. Raises WorkspaceFailed.
        """
        deadline = time.monotonic() + (within_s or self._limits.checkpoint_s)
        limit = self._limits.max_checkpoint_bytes
        state = CliState(home=self._folders.home, paths=state_paths, limit=limit)
        wanted = self._wanted(limit=limit, deadline=deadline, may_choose=False)
        bundled = self._bundled(user, wanted, untouched=untouched)
        with described_as("Saving a checkpoint"):
            try:
                with bundled as it:
                    start: JsonObject = {
                        "branch": self.branch,
                        "base": self._started.base,
                        "began": self._started.began,
                    }
                    told = {**data, **start, "commit": it.snapshot.commit}
                    work = (it.work,) if it.snapshot.bundled else ()
                    others = (it.others,) if it.snapshot.others_bundled else ()
                    return self._pack(told, (*work, *others), state, user)
            except GitFailed as exc:
                if exc.reason != "too_large":
                    raise
                return Saved(data=_without_session(data))

    def _pack(
        self, data: JsonObject, bundles: tuple[Path, ...], state: CliState, user: AgentUser | None
    ) -> Saved:
        archive = self._folders.root / "checkpoint.tar.gz"
        none = replace(state, paths=())
        # A conversation without the files it refers to would be worse than none.
        for told, wanted in ((data, state), (_without_session(data), none)):
            with contextlib.suppress(CheckpointTooLarge):
                checkpoint.pack(archive, told, bundles=bundles, state=wanted, user=user)
                return Saved(
                    data=told,
                    archive=archive,
                    sha256=checkpoint.digest_of(archive),
                    size=archive.stat().st_size,
                )
        return Saved(data=_without_session(data))

    # ── after the agent ───────────────────────────────────────────────────────────────────────────

    def collect(self, *, user: AgentUser | None) -> "Work":
        """Everything the agent changed, as commits in the supervisor's own repository, and as a
        patch. Its processes must have ended. Raises WorkspaceFailed.
        """
        from aiwebhook_runner.repository.work import Work, changes_in

        deadline = time.monotonic() + self._limits.collect_s
        base = self._started.base
        wanted = self._wanted(limit=self._limits.max_work_bytes, deadline=deadline)
        with described_as("Collecting the work"):
            with _readable(), self._bundled(user, wanted) as it:
                snapshot = it.snapshot
                if snapshot.bundled:
                    self._pristine.seal()
                    self._pristine.accept(it.work, deadline)
                other_bundle = self._kept_others(it, deadline)
            if snapshot.bundled:
                commit = self._pristine.commit_of(RESULT, deadline)
                raw = self._pristine.compare(base, commit, deadline)
            else:
                commit, raw = base, b""
            files, insertions, deletions = changes_in(raw)
            return Work(
                repo=self._request.repo if self._request else None,
                ref=(self._request.ref or self._started.upstream) if self._request else None,
                base=base,
                branch=self.branch,
                commit=commit,
                files=files,
                insertions=insertions,
                deletions=deletions,
                patch=self._patch(base, commit, deadline) if files else None,
                left_out=snapshot.left_out,
                squashed=snapshot.squashed,
                taken=snapshot.taken,
                others=snapshot.others,
                other_bundle=other_bundle,
                lost=snapshot.lost,
                unmerged=snapshot.unmerged,
                unfinished=snapshot.unfinished,
            )

    def _kept_others(self, bundled: _Bundled, deadline: float) -> Path | None:
        """The bundle of work beside HEAD, once git has checked it."""
        from aiwebhook_runner.repository.work import OTHER_NAME

        if not bundled.snapshot.others_bundled:
            return None
        try:
            self._pristine.seal()
            self._pristine.accept(bundled.others, deadline, refs=OWN_REFS)
        except GitFailed as exc:
            self._log.warning("other_work_unreadable", reason=str(exc))
            return None
        path = self._folders.root / OTHER_NAME
        bundled.others.replace(path)
        return path

    def without_secrets(self, work: "Work", *, holds: Callable[[Path], bool]) -> "Work":
        """A bundle cannot be masked. One that contains a secret becomes a log, which can; if it
        cannot be searched, there is none.
        """
        from aiwebhook_runner.repository.work import OTHER_LOG

        if work.other_bundle is None:
            return work
        deadline = time.monotonic() + self._limits.collect_s
        limit = self._limits.max_work_bytes
        log = self._folders.root / OTHER_LOG
        where = (work.base, OWN_REFS, log)
        try:
            self._pristine.write_contents(*where, limit=limit, deadline=deadline)
            if not holds(log):
                log.unlink()
                return work
            self._pristine.write_log(*where, limit=limit, deadline=deadline)
        except GitFailed as exc:
            self._log.warning("other_work_not_searched", reason=str(exc))
            log.unlink(missing_ok=True)
            return replace(work, other_bundle=None)
        return replace(work, other_bundle=log)

    def _patch(self, base: str, commit: str, deadline: float) -> Path | None:
        from aiwebhook_runner.repository.work import PATCH_NAME

        path = self._folders.root / PATCH_NAME
        limit = self._limits.max_patch_bytes
        written = self._pristine.write_patch(base, commit, path, limit=limit, deadline=deadline)
        return path if written else None

    def publish(self, work: "Work", *, title: str, body: str) -> "Published":
        """Push the branch and open the pull request, as far as the task asked for it. Does not
        raise for the server's errors: they are reported, and the work stays a patch.
        """
        from aiwebhook_runner.repository.work import Published

        published = Published(branch=work.branch)
        address, request = self._address, self._request
        if request is None or address is None or request.pr == "none" or not work.changed:
            return published
        try:
            with described_as(f"Publishing the branch {work.branch}"):
                git = self._pristine.git(time.monotonic() + self._limits.push_s)
                self._pristine.seal()
                remote = Remote(address, git, self._limits)
                done = remote.push(work.commit, work.branch, base=work.base)
            published = replace(
                published, pushed=True, branch=done.branch, blocked_by=done.blocked_by
            )
            if request.pr != "branch":
                draft = request.pr == "draft"
                url = self._open(address, done.branch, title, body, draft=draft)
                published = replace(published, pull_request=url, draft=draft)
        except WorkspaceFailed as exc:
            self._log.warning("not_published", reason=str(exc), pushed=published.pushed)
            published = replace(published, problem=exc)
        return published

    def _open(
        self, address: RepositoryAddress, branch: str, title: str, body: str, *, draft: bool
    ) -> str:
        from aiwebhook_runner.repository.pull_request import GitHub, PullRequest

        access, upstream = self._options.access, self._started.upstream
        if address.slug is None or upstream is None or not access.token:
            raise WorkspaceFailed(
                ErrorClass.REFUSED,
                "A pull request needs a GITHUB_TOKEN and a repository on GitHub with a branch.",
                remedy="The branch is pushed; open it by hand.",
            )
        pull_request = PullRequest(
            slug=address.slug,
            head=branch,
            base=upstream,
            title=title,
            body=body,
            draft=draft,
        )
        return GitHub(api_url=access.api_url, token=access.token).open(pull_request)

    # ── shared ────────────────────────────────────────────────────────────────────────────────────

    @property
    def _started(self) -> _Start:
        if self._start is None:
            raise AssertionError("prepare() comes first")
        return self._start

    def _wanted(self, *, limit: int, deadline: float, may_choose: bool = True) -> "Needs":
        from aiwebhook_runner.repository.bundles import Needs

        start = self._started
        return Needs(
            base=start.base,
            began=start.began,
            limit=limit,
            deadline=deadline,
            may_choose=may_choose,
        )

    @contextlib.contextmanager
    def _bundled(
        self, user: AgentUser | None, wanted: "Needs", *, untouched: tuple[str, ...] = ()
    ) -> Generator[_Bundled]:
        from aiwebhook_runner.repository.snapshot import WorkFolder

        work = WorkFolder(
            work=self._folders.work,
            scratch=self._scratch,
            pristine=self._pristine,
            git=Git(
                search_path=self._options.search_path,
                cwd=self._folders.root,
                user=user,
                deadline=wanted.deadline,
            ),
            limits=self._limits,
            untouched=untouched,
        )
        with self._one_at_a_time, self._temporary_folder() as folder:
            paths = folder / checkpoint.BUNDLE, folder / checkpoint.OTHERS
            with paths[0].open("w+b") as file, paths[1].open("w+b") as others:
                snapshot = work.bundle(wanted, file, others)
            if snapshot.left_out:
                self._log.warning("files_left_out", count=len(snapshot.left_out))
            if snapshot.others or snapshot.lost:
                self._log.info("other_work", kept=len(snapshot.others), not_kept=len(snapshot.lost))
            yield _Bundled(work=paths[0], others=paths[1], snapshot=snapshot)

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
    """Reports what git cannot read as the agent's fault, since the agent wrote it."""
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
