"""What an agent may leave behind for whoever runs git after it."""

# reason: one list of traps, each a few lines

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.support.git_server import git
from tests.workspace.conftest import Run

HOOKS = (
    "post-checkout post-commit post-index-change pre-commit pre-push reference-transaction "
    "pre-auto-gc post-rewrite prepare-commit-msg commit-msg fsmonitor-watchman"
).split()


class Scene:
    """A run whose agent did its work; `trap` is a program that would tell that it ran."""

    def __init__(self, run: Run, open_folder: Path) -> None:
        self.run = run
        self.work = run.work
        self.sprung = open_folder / "sprung"
        self.trap = open_folder / "trap"
        self.trap.write_text(f"#!/bin/sh\nid -u >> {self.sprung}\ncat\n")
        self.trap.chmod(0o755)
        (self.work / "new.txt").write_text("1\n")
        (self.work / "README.md").write_text("changed\n")

    def configure(self, name: str, value: str) -> None:
        git(self.work, "config", name, value)

    def append(self, text: str) -> None:
        with (self.work / ".git" / "config").open("a") as file:
            file.write(text)


Trick = Callable[[Scene], None]


def programs(scene: Scene) -> None:
    for name in (
        "core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.gitProxy "
        "core.alternateRefsCommand credential.helper diff.external gpg.program "
        "uploadpack.packObjectsHook sequence.editor interactive.diffFilter alias.add "
        "alias.rev-parse alias.bundle"
    ).split():
        prefix = "!" if name.startswith(("credential", "alias")) else ""
        scene.configure(name, f"{prefix}{scene.trap}")
    scene.configure("commit.gpgSign", "true")


def filters(scene: Scene) -> None:
    (scene.work / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    for name in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv"):
        scene.configure(name, str(scene.trap))
    scene.configure("filter.evil.process", str(scene.trap))
    scene.configure("filter.evil.required", "true")
    scene.configure("merge.evil.driver", str(scene.trap))
    scene.configure("diff.evil.command", str(scene.trap))


def hooks(scene: Scene) -> None:
    folder = scene.work / ".git" / "hooks"
    folder.mkdir()
    for name in HOOKS:
        shutil.copy(scene.trap, folder / name)
    scene.configure("core.hooksPath", str(folder))


def lazy_fetch(scene: Scene) -> None:
    scene.configure("core.repositoryFormatVersion", "1")
    scene.configure("extensions.partialClone", "evil")
    scene.configure("remote.evil.promisor", "true")
    scene.configure("remote.evil.url", f"ext::{scene.trap}")
    scene.configure("remote.evil.uploadpack", str(scene.trap))
    scene.configure("protocol.ext.allow", "always")


def nested_repository(scene: Scene) -> None:
    inner = scene.work / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "file.txt").write_text("1")
    git(inner, "add", "-A")
    git(inner, "commit", "-qm", "inner")
    git(inner, "config", "core.fsmonitor", str(scene.trap))
    git(inner, "config", "filter.evil.clean", str(scene.trap))
    (inner / ".gitattributes").write_text("* filter=evil\n")
    (inner / "file.txt").write_text("22")


def nested_repository_committed(scene: Scene) -> None:
    nested_repository(scene)
    shutil.move(scene.work / "inner" / ".gitattributes", scene.work / "inner" / "kept")
    git(scene.work, "-c", "core.fsmonitor=false", "add", "inner")
    git(scene.work, "commit", "-qm", "with a repository in it")
    shutil.move(scene.work / "inner" / "kept", scene.work / "inner" / ".gitattributes")


def evil_submodule(scene: Scene) -> None:
    (scene.work / ".gitmodules").write_text(
        f'[submodule "x"]\n\tpath = sub\n\turl = ext::{scene.trap}\n\tupdate = !{scene.trap}\n'
    )
    scene.configure("submodule.x.url", f"ext::{scene.trap}")
    scene.configure("submodule.x.update", f"!{scene.trap}")
    scene.configure("submodule.recurse", "true")


def gitfile(scene: Scene) -> None:
    shutil.move(scene.work / ".git", scene.run.folders.tmp / "moved")
    (scene.work / ".git").write_text(f"gitdir: {scene.run.folders.tmp / 'moved'}\n")


def symlinked(scene: Scene) -> None:
    shutil.move(scene.work / ".git", scene.run.folders.tmp / "moved")
    (scene.work / ".git").symlink_to(scene.run.folders.tmp / "moved")


def removed(scene: Scene) -> None:
    shutil.rmtree(scene.work / ".git")


def emptied(scene: Scene) -> None:
    shutil.rmtree(scene.work / ".git")
    (scene.work / ".git").mkdir()


def begun_anew(scene: Scene) -> None:
    shutil.rmtree(scene.work / ".git")
    git(scene.work, "init", "-q")
    git(scene.work, "add", "-A")
    git(scene.work, "commit", "-qm", "anew")


def another_hash(scene: Scene) -> None:
    shutil.rmtree(scene.work / ".git")
    git(scene.work, "init", "-q", "--object-format=sha256")
    git(scene.work, "add", "-A")
    git(scene.work, "commit", "-qm", "sha256")


def endless_include(scene: Scene) -> None:
    os.mkfifo(scene.work / ".git" / "pipe")
    scene.append("[include]\n\tpath = pipe\n")


def broken_config(scene: Scene) -> None:
    scene.append("[core\n\0\xff")


def other_worktree(scene: Scene) -> None:
    scene.configure("core.worktree", "/etc")
    scene.configure("core.bare", "true")


def alternates(scene: Scene) -> None:
    path = scene.work / ".git" / "objects" / "info" / "alternates"
    path.write_text("/etc\n/nonexistent\n" + path.read_text())


def alternates_lost(scene: Scene) -> None:
    (scene.work / ".git" / "objects" / "info" / "alternates").unlink()


def odd_head(scene: Scene) -> None:
    (scene.work / ".git" / "HEAD").unlink()
    (scene.work / ".git" / "HEAD").symlink_to("/etc/passwd")


def head_nowhere(scene: Scene) -> None:
    (scene.work / ".git" / "HEAD").write_text("f" * 40 + "\n")


def locks(scene: Scene) -> None:
    (scene.work / ".git" / "index.lock").touch()
    (scene.work / ".git" / "HEAD.lock").touch()


def broken_objects(scene: Scene) -> None:
    git(scene.work, "add", "-A")
    git(scene.work, "commit", "-qm", "mine")
    for file in (scene.work / ".git" / "objects").glob("??/*"):
        file.chmod(0o644)
        file.write_bytes(b"garbage")


def replaced_objects(scene: Scene) -> None:
    git(scene.work, "commit", "-qm", "mine", "--allow-empty")
    git(scene.work, "replace", "HEAD", "HEAD~1")
    (scene.work / ".git" / "info").mkdir(exist_ok=True)
    head = git(scene.work, "rev-parse", "HEAD")
    (scene.work / ".git" / "info" / "grafts").write_text(f"{head} {head}\n")


def deceptive_attributes(scene: Scene) -> None:
    (scene.work / ".gitattributes").write_text("* working-tree-encoding=UTF-16LE-BOM text\n")


def pipes_and_sockets(scene: Scene) -> None:
    os.mkfifo(scene.work / "pipe")
    (scene.work / "src" / "main.py").unlink()
    os.mkfifo(scene.work / "src" / "main.py")


def ghostly_names(scene: Scene) -> None:
    for name in ("-rf", "a\nb", 'q"uote', "ünïcode", "\udcff\udcfe", ":(top)x", "*", " ", "a\\b"):
        (scene.work / name).write_text("x")


def names_of_git(scene: Scene) -> None:
    for name in (".GIT", "git~1", ".git\u200c"):
        (scene.work / "deep" / name).mkdir(parents=True)
        (scene.work / "deep" / name / "config").write_text("[core]\n")


def deep_folders(scene: Scene) -> None:
    path = scene.work / "/".join(["d"] * 200)
    path.mkdir(parents=True)
    (path / "file").write_text("x")


def other_index(scene: Scene) -> None:
    (scene.work / ".git" / "index").write_bytes(b"DIRC garbage")


def hidden_changes(scene: Scene) -> None:
    git(scene.work, "update-index", "--assume-unchanged", "README.md")
    (scene.work / ".git" / "info").mkdir(exist_ok=True)
    (scene.work / ".git" / "info" / "exclude").write_text("*\n")


def on_a_branch_without_history(scene: Scene) -> None:
    git(scene.work, "checkout", "-q", "--orphan", "fresh")
    git(scene.work, "add", "-A")
    git(scene.work, "commit", "-qm", "an orphan")


def behind_the_base(scene: Scene) -> None:
    git(scene.work, "update-ref", "--no-deref", "HEAD", "HEAD~1")


def tree_that_holds_a_repository(scene: Scene) -> None:
    hook = git(scene.work, "hash-object", "-w", str(scene.trap))
    inner = git(scene.work, "mktree", stdin=f"100755 blob {hook}\tpost-checkout\n")
    hooks = git(scene.work, "mktree", stdin=f"040000 tree {inner}\thooks\n")
    tree = git(scene.work, "mktree", stdin=f"040000 tree {hooks}\t.git\n")
    commit = git(scene.work, "commit-tree", tree, "-p", "HEAD", "-m", "evil")
    git(scene.work, "update-ref", "HEAD", commit)


def endless_history(scene: Scene) -> None:
    """Larger than may be pushed, though nothing of it is left."""
    for size in (1, 2, 3):
        (scene.work / "noise").write_bytes(os.urandom(size * 1_000_000))
        git(scene.work, "add", "noise")
        git(scene.work, "commit", "-qm", "noise")
    (scene.work / "noise").unlink()


def odd_refs(scene: Scene) -> None:
    """Refs to nothing, to no commits, with marks that turn text around, and logs that never end."""
    blob = git(scene.work, "hash-object", "-w", "README.md")
    folder = scene.work / ".git"
    packed = (folder / "packed-refs").read_text()
    more = "".join(f"{n:040x} refs/heads/n{n}\n" for n in range(1, 500))
    odd = f"{blob} refs/heads/blob\n{'e' * 40} refs/stash\n{'d' * 40} refs/tags/\u202egpj\n"
    (folder / "packed-refs").write_text(packed + more + odd)
    (folder / "logs" / "refs").mkdir(parents=True, exist_ok=True)
    os.mkfifo(folder / "logs" / "refs" / "stash")
    (folder / "logs" / "HEAD").unlink(missing_ok=True)
    (folder / "logs" / "HEAD").symlink_to("/dev/zero")
    (folder / "MERGE_AUTOSTASH").symlink_to("/etc/shadow")


def odd_worktrees(scene: Scene) -> None:
    """One that claims to be the root of the machine, one whose folder is the work itself."""
    for name, place in (("root", "/"), ("self", str(scene.work)), ("etc", "/etc")):
        admin = scene.work / ".git" / "worktrees" / name
        admin.mkdir(parents=True)
        (admin / "gitdir").write_text(f"{place}/.git\n")
        (admin / "commondir").write_text("../..\n")
        (admin / "HEAD").write_text(git(scene.work, "rev-parse", "HEAD") + "\n")


def branch_that_traps(scene: Scene) -> None:
    """Beside HEAD, with attributes and a tree that would do harm when checked out."""
    programs(scene)
    trap = git(scene.work, "hash-object", "-w", str(scene.trap))
    attributes = git(scene.work, "hash-object", "-w", "--stdin", stdin="* filter=evil diff=evil\n")
    inner = git(scene.work, "mktree", stdin=f"100755 blob {trap}\tpost-checkout\n")
    hooks = git(scene.work, "mktree", stdin=f"040000 tree {inner}\thooks\n")
    entries = f"040000 tree {hooks}\t.git\n100644 blob {attributes}\t.gitattributes\n"
    tree = git(scene.work, "mktree", stdin=entries)
    commit = git(scene.work, "commit-tree", tree, "-p", "HEAD", "-m", "evil")
    git(scene.work, "update-ref", "refs/heads/--upload-pack=x", commit)
    git(scene.work, "update-ref", "refs/agent/submodule/0", commit)


TRICKS: list[Trick] = [
    odd_refs,
    odd_worktrees,
    branch_that_traps,
    tree_that_holds_a_repository,
    endless_history,
    programs,
    filters,
    hooks,
    lazy_fetch,
    nested_repository,
    nested_repository_committed,
    evil_submodule,
    gitfile,
    symlinked,
    removed,
    emptied,
    begun_anew,
    another_hash,
    endless_include,
    broken_config,
    other_worktree,
    alternates,
    alternates_lost,
    odd_head,
    head_nowhere,
    locks,
    broken_objects,
    replaced_objects,
    deceptive_attributes,
    pipes_and_sockets,
    ghostly_names,
    names_of_git,
    deep_folders,
    other_index,
    hidden_changes,
    on_a_branch_without_history,
    behind_the_base,
]
