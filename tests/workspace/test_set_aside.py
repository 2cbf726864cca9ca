"""Files that a CLI would obey are put away while it works, and nobody takes them for deleted."""

from __future__ import annotations

import pytest

from aiwebhook_runner.process.isolation import AgentUser
from aiwebhook_runner.run.workbench import SetAside
from tests.support.git_server import git, write_files
from tests.workspace.conftest import SLUG, Run, Runs

pytestmark = pytest.mark.req("T4", "T5")

ASIDE = (".gemini", "opencode.json")
FILES = {".gemini/settings.json": "{}\n", ".gemini/.env": "A=1\n", "opencode.json": "{}\n"}


@pytest.fixture
def run(runs: Runs, user: AgentUser | None) -> Run:
    """On a repository that has such files."""
    runs.host.commit(SLUG, FILES)
    started = runs.start(user=user, aside=ASIDE)
    started.prepare()
    return started


def put_away(run: Run) -> SetAside:
    return SetAside(run.work, run.folders.root / "aside", ASIDE)


def committed(run: Run, commit: str = "HEAD") -> set[str]:
    return set(git(run.work, "ls-tree", "-r", "--name-only", commit).splitlines())


def test_what_the_agent_commits_meanwhile_keeps_them(run: Run) -> None:
    with put_away(run):
        assert not (run.work / ".gemini").exists()
        write_files(run.work, {"new.txt": "new\n"})
        git(run.work, "add", "-A")
        git(run.work, "commit", "-qam", "Mine")
    assert committed(run) >= {"new.txt", *FILES}
    work = run.workspace.collect(user=run.user)
    assert [file.path for file in work.files] == ["new.txt"]


def test_a_checkpoint_taken_meanwhile_keeps_them(run: Run, runs: Runs) -> None:
    with put_away(run):
        write_files(run.work, {"new.txt": "new\n"})
        saved = run.workspace.save((), {}, user=run.user, untouched=ASIDE)
    second = runs.start(user=run.user, aside=ASIDE)
    second.prepare(saved.archive)
    assert {name for name in FILES if (second.work / name).exists()} == set(FILES)
    assert (second.work / "new.txt").exists()


def test_they_come_back_and_may_be_changed_between_turns(run: Run) -> None:
    with put_away(run):
        pass
    assert (run.work / ".gemini/.env").read_text() == "A=1\n"
    (run.work / "opencode.json").write_text("[]\n")
    work = run.workspace.collect(user=run.user)
    assert [file.path for file in work.files] == ["opencode.json"]
