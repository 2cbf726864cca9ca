"""The agent's own repository, made in its empty folder before the agent exists."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from aiwebhook_runner.repository.git import EMAIL, NAME, Git
from aiwebhook_runner.repository.pristine import Pristine


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """`head` is the commit of the branch, `files` the one whose files lie in the folder: where
    they differ, the agent finds changes not yet committed."""

    branch: str
    head: str
    files: str
    url: str | None = None
    """Of the remote `origin`, which only tells where this came from: there is no credential."""
    upstream: str | None = None
    base: str
    aside: tuple[str, ...] = ()
    """Paths that will be put away while the agent works."""


def populate(work: Path, checkout: Checkout, *, pristine: Pristine, git: Git) -> None:
    """Borrows the objects of the pristine one, so nothing is copied. Raises GitFailed."""
    git = replace(git, cwd=work)
    git.text("init", "-q", "--template=", f"--initial-branch={checkout.branch}")
    folder = work / ".git"
    alternates = folder / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_bytes(os.fsencode(pristine.objects) + b"\n")
    shallow = pristine.shallow()
    if shallow:
        (folder / "shallow").write_bytes(shallow)
    git.text("config", "user.name", NAME)
    git.text("config", "user.email", EMAIL)
    if checkout.url:
        git.text("config", "remote.origin.url", checkout.url)
        git.text("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    if checkout.upstream:
        git.text("update-ref", f"refs/remotes/origin/{checkout.upstream}", checkout.base)
    git.text("update-ref", f"refs/heads/{checkout.branch}", checkout.head)
    git.text("read-tree", "--reset", "-u", checkout.files)
    if checkout.files != checkout.head:
        git.text("reset", "-q", "--mixed")
    if checkout.aside:
        _keep_in_index(checkout.aside, git)


def _keep_in_index(paths: tuple[str, ...], git: Git) -> None:
    """So that `git add -A` and `git commit -a` of the agent take no missing file for deleted. The
    flag alone would do; git drops it by itself, once a file is back, only in a sparse checkout."""
    kept = git.raw("ls-files", "-z", "--", *paths)
    if kept:
        git.raw("update-index", "-z", "--skip-worktree", "--stdin", stdin=kept)
        git.text("config", "core.sparseCheckout", "true")
