"""Creates the agent's own repository in its empty folder, before the agent exists."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiwebhook_runner.repository.git import AUTHOR_NAME, EMAIL, Git
from aiwebhook_runner.repository.layout import FIRST_COMMIT, Layout, config_value
from aiwebhook_runner.repository.pristine import Pristine


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """`head` is the branch's commit, `files` the commit whose files are in the folder: where they
    differ, the agent finds uncommitted changes.
    """

    branch: str
    head: str
    files: str
    url: str | None = None
    """The URL of the remote `origin`, for information only: there is no credential."""
    upstream: str | None = None
    base: str
    aside: tuple[str, ...] = ()
    """Paths that are moved away while the agent works."""
    others: Mapping[str, str] = field(default_factory=dict[str, str])
    """Refs beside the branch, from an earlier attempt."""
    stashes: tuple[str, ...] = ()


def populate(work: Path, checkout: Checkout, *, pristine: Pristine, git: Git) -> None:
    """Borrows the objects of the pristine repository, so nothing is copied.
    Raises GitFailed, OSError.
    """
    git = replace(git, cwd=work)
    refs = {**checkout.others, f"refs/heads/{checkout.branch}": checkout.head}
    if checkout.upstream:
        refs[f"refs/remotes/origin/{checkout.upstream}"] = checkout.base
    layout = Layout(
        config=_config(checkout, capitals_matter=_capitals_matter(work)),
        branch=checkout.branch,
        borrowed=pristine.objects,
        shallow=pristine.shallow(),
        refs=refs,
        stashes=checkout.stashes,
    )
    layout.write(work / ".git")
    if checkout.files == checkout.head == FIRST_COMMIT:  # there is nothing to check out
        return
    git.text("read-tree", "--reset", "-u", checkout.files)
    if checkout.files != checkout.head:
        git.text("reset", "-q", "--mixed")
    if checkout.aside:
        _keep_in_index(checkout.aside, git)


def _config(checkout: Checkout, *, capitals_matter: bool) -> str:
    lines = [
        "[core]",
        "repositoryformatversion = 0",
        "filemode = true",
        "bare = false",
        "logallrefupdates = true",
        f"ignorecase = {'false' if capitals_matter else 'true'}",
        f"precomposeunicode = {'true' if sys.platform == 'darwin' else 'false'}",
        "[user]",
        f"name = {config_value(AUTHOR_NAME)}",
        f"email = {config_value(EMAIL)}",
    ]
    if checkout.url:
        lines += [
            '[remote "origin"]',
            f"url = {config_value(checkout.url)}",
            'fetch = "+refs/heads/*:refs/remotes/origin/*"',
        ]
    return "\n".join([*lines, ""])


def _capitals_matter(folder: Path) -> bool:
    """Whether this file system distinguishes case; `git init` checks it in the same way."""
    return not (folder.parent / folder.name.swapcase()).exists()


def _keep_in_index(paths: tuple[str, ...], git: Git) -> None:
    """So that `git add -A` and `git commit -a` of the agent do not take missing files for deleted.
    The flag alone would do, but git drops it when a file is back, except in a sparse checkout.
    """
    kept = git.raw("ls-files", "-z", "--", *paths)
    if kept:
        git.raw("update-index", "-z", "--skip-worktree", "--stdin", stdin=kept)
        git.text("config", "core.sparseCheckout", "true")
