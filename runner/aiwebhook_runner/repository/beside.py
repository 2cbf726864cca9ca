"""Work that the agent left beside its HEAD and its files: found, and committed where it is not.

All of it happens in the temporary repository of a snapshot, which borrows the agent's objects. The
number of git processes does not depend on the number of refs.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aiwebhook_runner.process.isolation import acting_as
from aiwebhook_runner.repository.agent_repository import (
    MAX_WORKTREES,
    UntrustedState,
    Worktree,
    first_line,
    read_untrusted,
)
from aiwebhook_runner.repository.files import Files
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.layout import EMPTY_TREE
from aiwebhook_runner.repository.lines import MAX_LINES, Graph, Line, LineKind
from aiwebhook_runner.repository.workspace_limits import WorkspaceLimits

LEFTOVERS = "Changes that the agent had not committed"
MAX_COMPARED = 50
MAX_SUBMODULES = 20
STASH_PARENTS = 2
"""HEAD and the index. A stash with untracked files has a third parent, which holds them."""
MAX_HALVINGS = 60
"""Failed git processes after which the search for unreadable refs is given up."""
ALTERNATES = "GIT_ALTERNATE_OBJECT_DIRECTORIES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Work found beside HEAD; `git` can read the commit of every line."""

    git: Git
    lines: tuple[Line, ...] = ()
    lost: tuple[str, ...] = ()
    """Refs whose work cannot be read, and submodules whose files could not be kept."""


@dataclass(slots=True, kw_only=True)
class Search:
    """For one snapshot: its `head`, and `commit`, which has the files too. Use once."""

    git: Git
    seen: UntrustedState
    base: str
    head: str
    commit: str
    began: float
    """When the run began, in seconds since the epoch."""
    limits: WorkspaceLimits

    def run(self, submodules: Iterable[bytes], folder: Path) -> Beside:
        """Raises GitFailed when nothing can be read."""
        of_folders, lost = self._submodules(submodules, folder)
        known = {self.base, self.head, self.commit}
        lines = [line for line in self.seen.lines if line.commit not in known]
        lines += self._worktrees(folder)
        reflog = [line for line in self.seen.reflog.left if line.commit not in known]
        if lines or reflog:
            lines, unreadable = self._tips(lines, reflog)
            lost += unreadable
        return Beside(git=self.git, lines=(*lines, *of_folders), lost=tuple(lost))

    # ── commits ───────────────────────────────────────────────────────────────────────────────────

    def _tips(self, lines: list[Line], reflog: list[Line]) -> tuple[list[Line], list[str]]:
        seen = self.seen
        lines, more = _without_repeats(lines)
        names = {line.commit for line in (*lines, *reflog)}
        read = self._existing({*names, *seen.fetched, *seen.reflog.rewritten})
        lost = [*more, *(line.name for line in lines if line.commit not in read)]
        lines = [replace(line, commit=read[line.commit]) for line in lines if line.commit in read]
        known = [self.base, self.head, *(read[name] for name in seen.fetched if name in read)]
        graph, broken = self._graph(lines, known)
        lost += broken
        tips = list(graph.tips(lines))
        reflog = [line for line in reflog if line.commit in read]
        if reflog:
            replaced = [name for name in seen.reflog.rewritten if name in read]
            left, _ = self._graph(reflog, [*known, *replaced, *(line.commit for line in tips)])
            old = left.tips(reflog)
            graph = graph.joined(left)
            tips += old
        tips = self._not_in_the_work(tips, graph)
        return [
            replace(
                tip,
                is_result=graph.could_be_result(tip, base=self.base, began=self.began),
            )
            for tip in tips
        ], lost

    def _existing(self, names: Iterable[str]) -> dict[str, str]:
        """Name → commit of those branches and tags that exist."""
        queried = sorted(names)
        stdin = "".join(f"{name}^{{commit}}\n" for name in queried).encode()
        listing = self.git.text(
            "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=stdin
        )
        found: dict[str, str] = {}
        for name, answer in zip(queried, listing.splitlines(), strict=False):
            commit, _, kind = answer.partition(" ")
            if kind == "commit":
                found[name] = commit
        return found

    def _graph(self, lines: list[Line], without: list[str]) -> tuple[Graph, list[str]]:
        """Commits not reachable from `without`, and the names of broken lines. One line with
        incomplete history makes git refuse all of them, so the lines are bisected.
        """
        graph, broken, left = Graph(parents={}, times={}), list[str](), MAX_HALVINGS
        waiting = [lines] if lines else []
        excluded = "".join(f"^{commit}\n" for commit in dict.fromkeys(without))
        while waiting:
            part = waiting.pop()
            wanted = "".join(f"{line.commit}\n" for line in part)
            try:
                stdin = (wanted + excluded).encode()
                listed = self.git.text(
                    "rev-list", "--timestamp", "--parents", "--stdin", stdin=stdin
                )
                graph = graph.joined(Graph.of(listed))
            except GitFailed as exc:
                left -= 1
                if exc.reason != "exit":
                    raise
                if len(part) == 1 or left <= 0:
                    broken += [line.name for line in part]
                else:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
        return graph, broken

    def _not_in_the_work(self, tips: list[Line], graph: Graph) -> list[Line]:
        """The lines that have a change the result lacks. Squash-merged or cherry-picked lines and
        applied stashes have none.
        """
        if len(tips) > MAX_COMPARED or self.commit == self.base:
            return tips
        try:
            contents = [self._content(tip, graph) for tip in tips]
            pairs = "".join(f"{it} {self.base}\n{it} {self.commit}\n" for it in contents)
            options = ("-r", "-z", "--raw", "--always", "--no-renames", "--no-ext-diff", "--stdin")
            changed = _changed_paths(self.git.raw("diff-tree", *options, stdin=pairs.encode()))
        except GitFailed:
            return tips
        both = zip(tips, changed[::2], changed[1::2], strict=True)
        return [tip for tip, mine, differing in both if mine & differing]

    def _content(self, tip: Line, graph: Graph) -> str:
        """The commit that has all of its files."""
        has_untracked = (
            tip.kind is LineKind.STASH and len(graph.parents[tip.commit]) > STASH_PARENTS
        )
        return flattened(self.git, tip.commit) if has_untracked else tip.commit

    # ── folders ───────────────────────────────────────────────────────────────────────────────────

    def _worktrees(self, work: Path) -> list[Line]:
        """Their uncommitted changes, each on top of its HEAD."""
        lines: list[Line] = []
        for number, worktree in enumerate(self.seen.worktrees[:MAX_WORKTREES]):
            if worktree.head is None or not self._is_ours(worktree, work):
                continue
            git = self._looking_at(worktree.folder, f"worktree-{number}")
            with suppress(GitFailed):
                commit = self._commit_of(git, worktree)
                if commit != worktree.head:
                    lines.append(
                        Line(kind=LineKind.WORKTREE, name=worktree.folder.name, commit=commit)
                    )
        return lines

    def _commit_of(self, git: Git, worktree: Worktree) -> str:
        head = str(worktree.head)
        git.text("read-tree", head)
        Files(
            folder=worktree.folder,
            limits=self.limits,
            base=self.base,
            worktrees=frozenset(other.folder for other in self.seen.worktrees),
        ).add_to(git)
        tree = git.text("write-tree")
        if tree == git.text("rev-parse", f"{head}^{{tree}}"):
            return head
        return git.text("commit-tree", tree, "-p", head, "-m", LEFTOVERS)

    def _is_ours(self, worktree: Worktree, work: Path) -> bool:
        """Whether the folder is the agent's and says it belongs to this repository: its name comes
        from a file that the agent wrote, and could be any folder it may read.
        """
        with acting_as(self.git.user):
            try:
                found = worktree.folder.lstat()
            except OSError:
                return False
            pointer = first_line(worktree.folder / ".git")
        owner = self.git.user.uid if self.git.user else os.geteuid()
        admin = Path(self.seen.objects).parent / "worktrees"
        return (
            stat.S_ISDIR(found.st_mode)
            and found.st_uid == owner
            and not work.is_relative_to(worktree.folder)
            and Path(pointer.removeprefix("gitdir: ")).parent == admin
        )

    def _submodules(self, paths: Iterable[bytes], folder: Path) -> tuple[list[Line], list[str]]:
        """Files in a submodule's folder belong to no commit of this repository: they become a
        commit of their own, with the path as the first line of its message.
        """
        lines: list[Line] = []
        lost: list[str] = []
        for number, path in enumerate(paths):
            name = os.fsdecode(path)
            shown = path.decode("utf-8", "replace")
            if number >= MAX_SUBMODULES:
                lost.append(shown)
                continue
            try:
                commit = self._submodule(folder / name, name, number)
            except GitFailed:
                lost.append(shown)
            else:
                if commit:
                    lines.append(Line(kind=LineKind.SUBMODULE, name=shown, commit=commit))
        return lines, lost

    def _submodule(self, folder: Path, name: str, number: int) -> str | None:
        git = self._looking_at(folder, f"submodule-{number}")
        before = EMPTY_TREE
        if os.path.lexists(folder / ".git"):  # it was fetched
            objects = read_untrusted(replace(self.git, environment={}), folder).objects
            alternates = f"{git.environment[ALTERNATES]}:{objects}"
            self.git = replace(
                self.git, environment={**self.git.environment, ALTERNATES: alternates}
            )
            git = replace(git, environment={**git.environment, ALTERNATES: alternates})
            with suppress(GitFailed):
                commit = git.text("rev-parse", "--verify", f"{self.commit}:{name}")
                before = git.text("rev-parse", "--verify", f"{commit}^{{tree}}")
                git.text("read-tree", before)
        Files(folder=folder, limits=self.limits).add_to(git)
        tree = git.text("write-tree")
        if tree in (before, EMPTY_TREE):
            return None
        return git.text("commit-tree", tree, "-F", "-", stdin=os.fsencode(name))

    def _looking_at(self, folder: Path, index: str) -> Git:
        environment = {
            **self.git.environment,
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": f"{self.git.environment['GIT_DIR']}/{index}",
        }
        return replace(self.git, cwd=folder, environment=environment)


def flattened(git: Git, stash: str) -> str:
    """One plain commit instead of a stash's two or three; untracked files included."""
    parents = git.text("rev-parse", f"{stash}^@").splitlines()
    index = f"{git.environment['GIT_DIR']}/stash"
    git = replace(git, environment={**git.environment, "GIT_INDEX_FILE": index})
    git.text("read-tree", stash)
    if len(parents) > STASH_PARENTS:
        untracked = git.raw("ls-tree", "-r", "-z", "--full-tree", parents[2])
        git.text("update-index", "-z", "--index-info", stdin=untracked)
    return git.text("commit-tree", git.text("write-tree"), "-p", parents[0], "-m", LEFTOVERS)


def _without_repeats(lines: list[Line]) -> tuple[list[Line], list[str]]:
    """Each commit and place once, at most MAX_LINES commits; and what to report of the rest."""
    commits = list(dict.fromkeys(line.commit for line in lines))
    kept = frozenset(commits[:MAX_LINES])
    more = [f"{len(commits) - len(kept)} more refs"] if len(commits) > len(kept) else []
    return [line for line in dict.fromkeys(lines) if line.commit in kept], more


def _changed_paths(raw: bytes) -> list[set[bytes]]:
    """Changed paths by commit, from `diff-tree --stdin -z --raw`."""
    found: list[set[bytes]] = []
    fields = iter(raw.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            found[-1].add(next(fields))
        elif field:
            found.append(set())
    return found
