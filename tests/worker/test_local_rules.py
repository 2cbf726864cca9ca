"""What agent `local` may run: nothing that the configuration does not name."""

import os
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook_runner.worker.local.config import WorkerConfigInvalid, load_rules
from aiwebhook_runner.worker.local.rules import (
    SHELL,
    LocalAction,
    LocalCommand,
    LocalRequest,
    LocalRules,
    NotAllowed,
    permit,
)

pytestmark = pytest.mark.req("W3")

CONFIG = r"""
[local]
actions = ["git", "shell"]
directories = ["{allowed}", "{other}"]

[[local.allow]]
action = "git"
pattern = "git (status|log|diff)( .*)?"

[[local.allow]]
action = "shell"
pattern = "make( [a-z]+)?"

[[local.allow]]
action = "shell"
pattern = 'ls \| wc -l'
shell = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An allowed folder with a folder and traps in it, and a forbidden one beside it."""

    root: Path
    rules: LocalRules

    @property
    def allowed(self) -> Path:
        return self.root / "allowed"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    root = Path(mkdtemp()).resolve()
    for name in ("allowed/project/deep", "other", "forbidden", "allowed-not"):
        (root / name).mkdir(parents=True)
    (root / "forbidden/secret").write_text("x")
    (root / "allowed/escape").symlink_to(root / "forbidden")
    (root / "allowed/project/up").symlink_to("../..")
    (root / "allowed/loop").symlink_to("loop")
    (root / "allowed/inside").symlink_to(root / "allowed/project")
    (root / "link-to-allowed").symlink_to(root / "allowed")
    config = root / "worker.toml"
    text = CONFIG.replace("{allowed}", str(root / "link-to-allowed"))
    config.write_text(text.replace("{other}", str(root / "other")))
    yield Machine(root=root, rules=load_rules(config))
    shutil.rmtree(root)


def ask(
    machine: Machine, command: str | tuple[str, ...], *, action: str = "git", directory: str = "."
) -> LocalCommand | None:
    """None when it is refused."""
    request = LocalRequest(action=LocalAction(action), command=command, directory=directory)
    try:
        return permit(request, machine.rules)
    except NotAllowed:
        return None


def test_no_configuration_allows_nothing(machine: Machine) -> None:
    for action in LocalAction:
        with pytest.raises(NotAllowed, match="does not allow the action") as refused:
            permit(LocalRequest(action=action, command="git status"), load_rules(None))
        assert "local.actions" in refused.value.remedy


def test_an_allowed_command_runs_without_a_shell_in_the_first_allowed_directory(
    machine: Machine,
) -> None:
    assert ask(machine, ("git", "log", "--format=%H %s")) == LocalCommand(
        argv=("git", "log", "--format=%H %s"), directory=machine.allowed
    )
    assert ask(machine, "make test", action="shell") == LocalCommand(
        argv=("make", "test"), directory=machine.allowed
    )


def test_only_a_rule_for_lines_reaches_a_shell(machine: Machine) -> None:
    permitted = ask(machine, "ls | wc -l", action="shell")
    assert permitted is not None
    assert permitted.argv == (SHELL, "-c", "ls | wc -l")
    for line in ("ls | wc -l; id", "make test; id", "make $(id)", "make test && id", "make `id`"):
        assert ask(machine, line, action="shell") is None


@pytest.mark.parametrize(
    "directory",
    [
        "..", "../forbidden", "escape", "project/up", "project/up/forbidden", "loop", "missing",
        "/", "/etc", "~", "~/", "project/../../forbidden", "\0", "allowed\n", "../allowed-not",
        "escape/..", "project\0/../../forbidden", "x" * 5000, "//", "./.././forbidden",
    ],
)  # fmt: skip
def test_no_way_leads_out_of_the_allowed_directories(machine: Machine, directory: str) -> None:
    assert ask(machine, ("git", "status"), directory=directory) is None


@pytest.mark.parametrize("directory", [".", "project", "inside", "project/..", "project/deep/"])
def test_ways_that_stay_inside_are_allowed(machine: Machine, directory: str) -> None:
    permitted = ask(machine, ("git", "status"), directory=directory)
    assert permitted is not None
    assert permitted.directory.is_relative_to(machine.allowed)
    assert permitted.directory == permitted.directory.resolve()


@pytest.mark.parametrize(
    "argv",
    [
        ("git", "push"), ("git",), ("git status",), ("git", "status\n"), ("git", "status", "a\nb"),
        ("git", "-C", "/etc", "status"), ("git", "--git-dir=/etc", "status"),
        ("git", "-c", "core.pager=id", "log"), ("/usr/bin/git", "status"), ("./git", "status"),
        ("git", "diff", "--no-index", "/etc/passwd", "x"), ("git", "log", "--output=/tmp/x"),
        ("git", "diff", "../forbidden/secret"), ("git", "diff", "escape/secret"),
        ("git", "diff", "-O/etc/passwd"), ("git", "log", "--output=escape/x"), ("", "status"),
        ("GIT", "status"), (" git", "status"), ("git", "", "status"), ("git", "statusx"),
    ],
)  # fmt: skip
def test_a_git_command_stays_what_its_pattern_says(machine: Machine, argv: tuple[str, ...]) -> None:
    assert ask(machine, argv) is None


PIECES = st.sampled_from(
    [
        *(
            "git",
            "status",
            "log",
            "make",
            "test",
            "ls",
            "|",
            "wc",
            "-l",
            ";",
            "&&",
            "$(id)",
            "`id`",
        ),
        *("-C", "-c", "..", "../forbidden", "escape/secret", "/etc/passwd", "--output=", "'", '"'),
        *("\n", "\r", "\0", "\t", " ", "\\", "~", "\u2028", "\x85", "--git-dir=..", "inside"),
    ]
)
WORDS = st.lists(PIECES | st.text(max_size=6), min_size=1, max_size=4).map("".join)
PATHS = st.lists(
    st.sampled_from(["..", ".", "project", "deep", "up", "escape", "inside", "loop", "", "secret"])
    | st.text(max_size=4),
    max_size=6,
).map("/".join)


@given(
    action=st.sampled_from(list(LocalAction)),
    command=WORDS | st.lists(WORDS, min_size=1, max_size=5).map(tuple),
    directory=PATHS,
    rooted=st.booleans(),
)
def test_nothing_outside_the_rules_is_ever_permitted(
    machine: Machine,
    action: LocalAction,
    command: str | tuple[str, ...],
    directory: str,
    rooted: bool,
) -> None:
    where = f"{machine.allowed}/{directory}" if rooted else directory
    permitted = ask(machine, command, action=action, directory=where)
    if permitted is None:
        return
    real = Path(os.path.realpath(permitted.directory))
    assert real == permitted.directory
    assert real.is_relative_to(machine.allowed) or real.is_relative_to(machine.root / "other")
    text = shlex.join(permitted.argv)
    assert not any(ord(character) < 32 for character in text)
    match action:
        case LocalAction.GIT:
            assert permitted.argv[:1] == ("git",)
            assert permitted.argv[1] in ("status", "log", "diff")
        case LocalAction.SHELL:
            words = text.split(" ")
            is_make = words[0] == "make" and len(words) <= 2
            assert is_make or permitted.argv == (SHELL, "-c", "ls | wc -l")


@given(words=st.lists(WORDS, min_size=1, max_size=4))
def test_what_a_line_runs_is_what_was_matched(machine: Machine, words: list[str]) -> None:
    line = shlex.join(["make", *words])
    permitted = ask(machine, line, action="shell")
    if permitted is not None:
        assert permitted.argv == ("make", *words)
        assert words[0].isalpha()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[local", "cannot be read"),
        ("[locla]", "locla is not a key"),
        ('[local]\nactions = ["rm"]', "must be one of git, shell"),
        ('[local]\nactions = "git"', "must be a list of strings"),
        ('[local]\ndirectories = ["projects"]', "must be absolute"),
        ('[[local.allow]]\naction = "git"', "pattern must be a regular expression"),
        ('[[local.allow]]\naction = "git"\npattern = "("', "pattern '('"),
        ('[[local.allow]]\naction = "git"\npattern = "x"\nshell = true', "shell may be true"),
        ('[local]\nallow = "git"', "must be tables"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "worker.toml"
    path.write_text(text)
    with pytest.raises(WorkerConfigInvalid) as wrong:
        load_rules(path)
    assert str(path) in wrong.value.detail
    assert problem in wrong.value.detail
