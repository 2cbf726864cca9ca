"""The agent's work as commits, taken without disturbing it: its index, refs and configuration stay
unchanged, and nothing it configured is obeyed.

A temporary repository with our own configuration reads the agent's files, and borrows the agent's
objects for the commits it made. All of it runs as the agent's user.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from aiwebhook_runner.jsons import cleaned_text
from aiwebhook_runner.repository.agent_repository import UntrustedState, read_untrusted
from aiwebhook_runner.repository.beside import ALTERNATES, LEFTOVERS, Search
from aiwebhook_runner.repository.bundles import (
    Needs,
    Snapshot,
    bundle_line,
    bundle_others,
    bundle_work,
)
from aiwebhook_runner.repository.files import MAX_LISTED, Added, Files
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.layout import EMPTY_TREE, FIRST_COMMIT, Layout
from aiwebhook_runner.repository.lines import choose_result_line
from aiwebhook_runner.repository.pristine import Pristine
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tsymlinks = true\n"
_RAW = "* -text -filter -ident -working-tree-encoding\n"
"""Overrides attributes that make `git add` give up, such as an encoding the file does not have."""
_UNMERGED, _SKIPPED = b"M", b"S"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFolder:
    """The agent's folder. Every method may raise GitFailed."""

    work: Path
    scratch: Path
    """Where temporary repositories may be created."""
    pristine: Pristine
    git: Git
    """As the agent's user, with nothing of ours in its environment."""
    limits: WorkspaceLimits
    untouched: tuple[str, ...] = ()
    """Paths taken as they were in the last commit, whatever is there now."""

    def bundle(self, wanted: Needs, file: IO[bytes], others: IO[bytes]) -> Snapshot:
        """Bundle everything since the base into `file`, as RESULT and HEAD, and work beside HEAD
        into `others`, under OWN_REFS. Raises GitFailed if it exceeds the limit. With the agent's
        own commits if they can be read; if its attributes or its repository prevent that, the files
        become one commit.
        """
        if self.work.is_symlink() or not self.work.is_dir():
            raise GitFailed(("add",), reason="exit", stderr="the work folder is no folder any more")
        seen = read_untrusted(replace(self.git, deadline=wanted.deadline), self.work)
        base, head = wanted.base, seen.head
        if head == base == FIRST_COMMIT and self._is_empty() and _nothing_beside(seen, {base}):
            return Snapshot(head=base, commit=base, unfinished=seen.unfinished)
        ways = [(head, seen.objects, False), (head, seen.objects, True), (None, "", True)]
        while True:
            commit, objects, raw = ways.pop(0)
            try:
                with self._repository(objects, raw=raw, deadline=wanted.deadline) as git:
                    snapshot = self._take(git, commit or base, wanted, seen)
                    bundled = bundle_work(git, snapshot, wanted, file)
                    squashed = commit is None and head not in (None, base)
                    snapshot = replace(snapshot, bundled=bundled, squashed=squashed)
                    return self._with_others(git, wanted, seen, snapshot, (file, others))
            except GitFailed:
                if not ways or time.monotonic() >= wanted.deadline:
                    raise
                file.seek(0)
                file.truncate()

    @contextmanager
    def _repository(self, objects: str, *, raw: bool, deadline: float) -> Generator[Git]:
        """Made of files that we write, then handed over: what runs in it has none of our rights."""
        folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=self.scratch))
        layout = Layout(
            config=_CONFIG,
            branch="none",
            borrowed=self.pristine.objects,
            shallow=self.pristine.shallow(),
            attributes=_RAW if raw else "",
        )
        try:
            layout.write(folder)
            self._hand_over(folder)
            yield replace(
                self.git,
                cwd=self.work,
                environment={
                    "GIT_DIR": str(folder),
                    "GIT_WORK_TREE": str(self.work),
                    ALTERNATES: objects,
                },
                deadline=deadline,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _hand_over(self, folder: Path) -> None:
        user = self.git.user
        if user is None:
            return
        # From the leaves to the root: nobody else can enter before the root is theirs.
        for parent, _, names in os.walk(folder, topdown=False):
            for name in names:
                os.chown(Path(parent, name), user.uid, user.gid, follow_symlinks=False)
            os.chown(parent, user.uid, user.gid)

    def _take(self, git: Git, head: str, wanted: Needs, seen: UntrustedState) -> Snapshot:
        head, tree_of_head = _commit_and_tree(git, head)
        if tree_of_head != EMPTY_TREE:
            git.text("read-tree", head)
        unmerged = self._heed_index(git, seen)
        added = self._add_files(git, wanted.base, seen)
        tree = git.text("write-tree")
        commit = head
        if tree != tree_of_head:
            commit = git.text("commit-tree", tree, "-p", head, "-m", LEFTOVERS)
        return Snapshot(
            head=head,
            commit=commit,
            left_out=added.left_out,
            submodules=added.submodules,
            unmerged=unmerged,
            unfinished=seen.unfinished,
        )

    def _add_files(self, git: Git, base: str, seen: UntrustedState) -> Added:
        return Files(
            folder=self.work,
            limits=self.limits,
            base=base,
            untouched=self.untouched,
            worktrees=frozenset(worktree.folder for worktree in seen.worktrees),
        ).add_to(git)

    def _heed_index(self, git: Git, seen: UntrustedState) -> tuple[str, ...]:
        """What only the agent's index knows: unmerged paths, which are returned, and files that a
        sparse checkout has removed, which are not deleted.
        """
        if seen.index is None:
            return ()
        environment = {**git.environment, "GIT_INDEX_FILE": str(seen.index)}
        try:
            listed = replace(git, environment=environment).raw("ls-files", "-z", "-s", "-t")
        except GitFailed as exc:
            if exc.reason not in ("exit", "too_large"):
                raise
            return ()
        unmerged: set[bytes] = set()
        skipped: list[bytes] = []
        for entry in listed.split(b"\0"):
            path = entry.partition(b"\t")[2]
            if entry.startswith(_UNMERGED):
                unmerged.add(path)
            elif entry.startswith(_SKIPPED) and not os.path.lexists(self.work / os.fsdecode(path)):
                skipped.append(path)
        if skipped:
            known = git.raw("ls-files", "-z")
            kept = set(known.split(b"\0")).intersection(skipped)
            stdin = b"".join(path + b"\0" for path in sorted(kept))
            git.raw("update-index", "-z", "--skip-worktree", "--stdin", stdin=stdin)
        listing = (cleaned_text(path.decode("utf-8", "replace")) for path in sorted(unmerged))
        return tuple(listing)[:MAX_LISTED]

    # ── beside HEAD ───────────────────────────────────────────────────────────────────────────────

    def _with_others(
        self,
        git: Git,
        wanted: Needs,
        seen: UntrustedState,
        snapshot: Snapshot,
        files: tuple[IO[bytes], IO[bytes]],
    ) -> Snapshot:
        """Never raises: work beside it must not cost the work itself."""
        known = {wanted.base, snapshot.head}
        if not snapshot.submodules and _nothing_beside(seen, known):
            return snapshot
        file, others = files
        now = time.monotonic()
        git = replace(
            git,
            environment={**git.environment, ALTERNATES: seen.objects},
            deadline=now + (wanted.deadline - now) / 2,  # the other half is for taking it over
        )
        search = self._search(git, wanted, seen, snapshot)
        result = snapshot
        try:
            beside = search.run(snapshot.submodules, self.work)
            result = replace(result, lost=beside.lost[:MAX_LISTED])
            unchanged = wanted.may_choose and snapshot.commit == wanted.base
            taken, kept = choose_result_line(beside.lines, unchanged=unchanged)
            if taken is not None:
                result = bundle_line(beside.git, taken, result, wanted, file)
            return bundle_others(beside, kept, result, wanted, others)
        except GitFailed:
            for opened in (others, *(() if snapshot.bundled or result.bundled else (file,))):
                opened.seek(0)
                opened.truncate()
            lost = (*(line.name for line in seen.lines), *map(os.fsdecode, snapshot.submodules))
            listing = dict.fromkeys(cleaned_text(name) for name in lost)
            return replace(result, lost=tuple(listing)[:MAX_LISTED])

    def _search(self, git: Git, wanted: Needs, seen: UntrustedState, snapshot: Snapshot) -> Search:
        return Search(
            git=git,
            seen=seen,
            base=wanted.base,
            head=snapshot.head,
            commit=snapshot.commit,
            began=wanted.began,
            limits=self.limits,
        )

    def _is_empty(self) -> bool:
        """Nothing but the repository is there, so there is nothing to ask git about."""
        with suppress(OSError):
            return os.listdir(self.work) == [".git"]  # noqa: PTH208 - reason: names are enough
        return False


def _nothing_beside(seen: UntrustedState, known: set[str]) -> bool:
    lines = (*seen.lines, *seen.reflog.left)
    return not seen.worktrees and all(line.commit in known for line in lines)


def _commit_and_tree(git: Git, head: str) -> tuple[str, str]:
    """Of a commit that the agent names. Raises GitFailed if it cannot be read."""
    wanted = f"{head}^{{commit}}\n{head}^{{tree}}\n".encode()
    listing = git.text("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=wanted)
    match [line.split(" ") for line in listing.splitlines()]:
        case [[commit, "commit"], [tree, "tree"]]:
            return commit, tree
        case _:
            raise GitFailed(("cat-file",), reason="exit", stderr=listing)
