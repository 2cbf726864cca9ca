"""Expand, then contract: an older release's own journeys pass on the schema of this tree.

A deployment runs the `pre` migrations while the release before is live, and a rollback brings its
code back to the new schema. What an older release was is in the repository's history.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from aiwebhook_local.settings import developers_path

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = "layers/core/python/aiwebhook/postgres/migrations"
PLUGIN = Path(__file__).with_name("newer_schema.py")
CODE = ("layers/core/python", "functions", "runner", "agents", "cli", "local", ".")
pytestmark = [pytest.mark.req("O1"), pytest.mark.slow, pytest.mark.timeout(900)]


def git(*arguments: str) -> str:
    """What git says of this repository; nothing where there is no history."""
    ended = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return ended.stdout.strip()


def before_the_newest_schema() -> str:
    """The commit before the one that brought the newest `pre` migration."""
    newest = max(path.name for path in (ROOT / MIGRATIONS).glob("*_pre_*.sql"))
    came = git("log", "-1", "--format=%H", "--diff-filter=A", "--", f"{MIGRATIONS}/{newest}")
    return git("rev-parse", f"{came}^") if came else ""


def oldest_that_can_be_updated() -> str:
    """The last commit that changed a migration which an older one had: from then on, no file of
    theirs may change, or its database is refused.
    """
    return git("rev-parse", "--verify", "--quiet", "e22ecf832de5")


def checked_out(commit: str, folder: Path) -> Path:
    """The files of the commit, apart from this repository, with a Python that finds no others."""
    tree = folder / "older"
    tree.mkdir()
    with subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE) as packed:
        subprocess.run(["tar", "-x", "-C", str(tree)], stdin=packed.stdout, check=True)
    assert packed.returncode == 0
    (tree / PLUGIN.name).write_bytes(PLUGIN.read_bytes())
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tree / ".venv")], check=True)
    (found,) = (tree / ".venv/lib").glob("python*/site-packages")
    # What is installed here, without the .pth files there: one of them leads to this tree's code.
    paths = [*(str(tree / path) for path in CODE), sysconfig.get_path("purelib")]
    (found / "older.pth").write_text("\n".join(paths), "utf-8")
    return tree


@pytest.mark.parametrize("release", [before_the_newest_schema, oldest_that_can_be_updated])
def test_the_journeys_of_an_older_release_pass_on_this_schema(
    release: Callable[[], str], tmp_path: Path
) -> None:
    commit = release()
    if not commit:
        pytest.skip("this clone has no history: git fetch --unshallow")
    tree = checked_out(commit, tmp_path)
    note = tmp_path / "applied"
    ended = subprocess.run(
        [str(tree / ".venv/bin/python"), "-m", "pytest", "-p", PLUGIN.stem, "-q", "tests/journeys"],
        cwd=tree,
        env={
            "PATH": f"{tree / '.venv/bin'}:{developers_path()}",
            "HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(str(tree / path) for path in CODE),
            "NEWER_PYTHON": sys.executable,
            "NEWER_PATH": str(ROOT / CODE[0]),
            "NEWER_NOTE": str(note),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:]
    assert "applied 0" in note.read_text("utf-8"), "the schema is newer than the code"
