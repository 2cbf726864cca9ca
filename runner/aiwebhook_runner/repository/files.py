"""Puts the files of a folder into an index of ours: everything except what git cannot or
may not take.

A repository that the agent made inside is taken as the plain files it contains; git by itself would
record only the name of its commit, which exists nowhere else.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiwebhook_runner.jsons import cleaned_text
from aiwebhook_runner.process.isolation import acting_as
from aiwebhook_runner.repository.git import Git, GitFailed
from aiwebhook_runner.repository.workspace_limits import MIB, WorkspaceLimits

SOME_PASSED_OVER = 1
"""The exit code of `git add --ignore-errors` when its index has only part of the files."""
NONE_IGNORED = 1
MAX_LISTED = 50
MAX_NESTED = 50
_ADDED = frozenset({stat.S_IFREG, stat.S_IFLNK})
_GITLINK = b"160000 "
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SUBMODULE_PATH = re.compile(rb"(?m)^[ \t]*path[ \t]*=[ \t]*(.*?)[ \t\r]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Paths as they are reported, and submodules that contain files."""

    left_out: tuple[str, ...] = ()
    submodules: tuple[bytes, ...] = ()
    """Paths where the index has a commit of another repository."""


@dataclass(slots=True)
class _Sorted:
    """Listed paths that `git add` cannot take by itself."""

    unwanted: list[bytes] = field(default_factory=list[bytes])
    nested: list[bytes] = field(default_factory=list[bytes])
    submodules: list[bytes] = field(default_factory=list[bytes])
    worktrees: set[bytes] = field(default_factory=set[bytes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of one folder; the Git passed in uses the index to be filled."""

    folder: Path
    limits: WorkspaceLimits
    base: str | None = None
    """The commit whose submodules stay submodules, declared or not."""
    untouched: tuple[str, ...] = ()
    """Paths taken as they are in the index, whatever is there now."""
    worktrees: frozenset[Path] = frozenset()
    """Folders that belong to the same repository and are collected separately."""

    def add_to(self, git: Git) -> Added:
        """Add the folder's files to the index of `git`. Raises GitFailed."""
        everything = ("ls-files", "-z", "--exclude-standard", "-o")
        found = self._sort(git, _paths(git.raw(*everything, "-c")))
        excluded = [path.rstrip(b"/") for path in found.unwanted]
        excluded += [os.fsencode(path) for path in self.untouched]
        pathspecs = b"\0".join([b":/", *(b":(exclude,literal)" + path for path in excluded)])
        add = ("add", "-A", "--ignore-errors", "--pathspec-from-file=-", "--pathspec-file-nul")
        complete = not excluded
        try:
            git.text(*add, stdin=pathspecs)
        except GitFailed as exc:
            if exc.code != SOME_PASSED_OVER:
                raise
            complete = False
        left = set(self._add_nested(git, found.nested))
        if not complete:
            taken = {*found.worktrees, *found.nested, *found.submodules}
            left |= {
                path
                for path in _paths(git.raw(*everything, "-m"))
                if path not in taken and not path.startswith(tuple(found.nested))
            }
        return Added(
            left_out=tuple(_shown_path(path) for path in sorted(left)[:MAX_LISTED]),
            submodules=tuple(found.submodules),
        )

    def _sort(self, git: Git, paths: Iterable[bytes]) -> _Sorted:
        found = _Sorted()
        undeclared: list[bytes] = []
        declared: frozenset[bytes] | None = None
        for path in sorted(paths):
            file = self.folder / os.fsdecode(path)
            mode = _mode(file)
            if mode is None or not stat.S_ISDIR(mode):
                if not self._wanted(file):
                    found.unwanted.append(path)
                continue
            declared = self._declared(git) if declared is None else declared
            is_repository = os.path.lexists(file / ".git")
            if is_repository:
                found.unwanted.append(path)
            if file in self.worktrees:
                found.worktrees.add(path)
            elif not path.endswith(b"/"):  # the index has a commit there
                if is_repository and path not in declared:
                    undeclared.append(path)
                else:
                    found.submodules.append(path)
            elif is_repository and path.rstrip(b"/") not in declared:
                found.nested.append(path)
        of_base = self._gitlinks_of_base(git, undeclared)
        found.submodules += of_base
        found.nested += [path + b"/" for path in undeclared if path not in of_base]
        return found

    def _declared(self, git: Git) -> frozenset[bytes]:
        """Paths in .gitmodules."""
        content = b""
        with acting_as(git.user), suppress(OSError):
            descriptor = os.open(self.folder / ".gitmodules", _OPEN)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(MIB)
        return frozenset(match.strip(b'"') for match in _SUBMODULE_PATH.findall(content))

    def _gitlinks_of_base(self, git: Git, paths: list[bytes]) -> list[bytes]:
        if not paths or self.base is None:
            return []
        listed = git.raw("ls-tree", "-z", "--full-tree", self.base, "--", *map(os.fsdecode, paths))
        links = (entry for entry in listed.split(b"\0") if entry.startswith(_GITLINK))
        return [entry.split(b"\t", 1)[1] for entry in links]

    # ── repositories inside ───────────────────────────────────────────────────────────────────────

    def _add_nested(self, git: Git, roots: list[bytes]) -> list[bytes]:
        """Returns what could not be added."""
        if not roots:
            return []
        left = roots[MAX_NESTED:]
        try:
            files = list(self._nested_files(git, roots[:MAX_NESTED], left))
            ignored = self._ignored(git, files)
            files = [path for path in files if path not in ignored]
            with acting_as(git.user):
                fit = [path for path in files if self._fit(path)]
            options = ("--add", "--remove", "--replace", "-z", "--stdin")
            git.text("update-index", *options, stdin=b"".join(path + b"\0" for path in fit))
            return left + sorted(set(files) - set(fit))
        except GitFailed as exc:
            if exc.reason != "exit":
                raise
            return roots

    def _nested_files(self, git: Git, roots: list[bytes], left: list[bytes]) -> Iterator[bytes]:
        waiting, seen = list(roots), len(roots)
        while waiting:
            root = waiting.pop()
            folder = self.folder / os.fsdecode(root)
            inside = replace(
                git,
                cwd=folder,
                environment={
                    **git.environment,
                    "GIT_WORK_TREE": str(folder),
                    "GIT_INDEX_FILE": f"{git.environment['GIT_DIR']}/none",
                },
            )
            for path in _paths(inside.raw("ls-files", "-z", "--exclude-standard", "-o")):
                whole = root + path
                if not path.endswith(b"/"):
                    yield whole
                elif seen < MAX_NESTED:
                    seen += 1
                    waiting.append(whole)
                else:
                    left.append(whole)

    def _ignored(self, git: Git, paths: list[bytes]) -> set[bytes]:
        """Paths ignored by the .gitignore files above the repository."""
        try:
            stdin = b"".join(path + b"\0" for path in paths)
            return _paths(git.raw("check-ignore", "-z", "--no-index", "--stdin", stdin=stdin))
        except GitFailed as exc:
            if exc.code != NONE_IGNORED:
                raise
            return set()

    def _fit(self, path: bytes) -> bool:
        """Whether it is wanted and readable: `update-index` gives up at the first that is not."""
        file = self.folder / os.fsdecode(path)
        if not self._wanted(file):
            return False
        if file.is_symlink():
            return True
        try:
            os.close(os.open(file, _OPEN))
        except OSError:
            return False
        return True

    def _wanted(self, file: Path) -> bool:
        """Whether it is neither too large nor special; a deleted file is a change, too."""
        try:
            found = file.lstat()
        except OSError:
            return True
        too_large = found.st_size > self.limits.max_file_bytes
        return stat.S_IFMT(found.st_mode) in _ADDED and not too_large


def _paths(listed: bytes) -> set[bytes]:
    return {path for path in listed.split(b"\0") if path}


def _mode(file: Path) -> int | None:
    try:
        return file.lstat().st_mode
    except OSError:
        return None


def _shown_path(path: bytes) -> str:
    return cleaned_text(path.decode("utf-8", "replace"))
