"""What documents, docstrings and comments refer to is in this repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from tests.house.tree import ROOT, files, sources

pytestmark = pytest.mark.xdist_group("sources")  # one process reads them once

PATH = re.compile(
    r"(?<![\w/.<>{}~$%*:=\-])([\w.\-]+(?:/[\w.\-]+)*\.(?:md|py|sql|toml|txt|json|sh|yml))\b(?![\w/<{*\-])"
)
"""A file's name, with or without folders; no part of an address or of a pattern."""
FOLDER = re.compile(r"`([\w.\-]+(?:/[\w.\-]+)+)/?`")
TEST = re.compile(r"\b(tests/[\w/]+\.py)::(\w+)")
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
PAPER = re.compile(
    r"\b(?:WIRE|DESIGN|REQUIREMENTS|STYLE)\b(?:\.md)?(?! =)|\bfaults [A-G]\d|\b[Ii]ssue [A-Z]\b"
    r"|\bthe issue (?:asks|allows|says|wants)|(?<!RFC \d{4} )(?<!RFC \d{4}, )§"
)
"""Papers that lie elsewhere; a section sign belongs to an RFC."""
DECISION = re.compile(r"\bADR (\d{4})\b")
ELSEWHERE = frozenset(
    {
        ".local/secrets.json",  # the local stack writes them
        ".local/stack.json",
        "output.json",  # runs leave them
        "checkpoint.json",
        "template.json",  # `make sam` makes them
        "variables.json",
        "opencode.json",  # files of the CLIs
        ".mcp.json",
        ".cursor/mcp.json",
        ".vscode/mcp.json",
        "AGENTS.md",
        "stages.toml",  # the user writes it
        "payload.json",
        "rules.toml",
        "session.json",  # the earlier system's folders
        "full_transcript.txt",
        "a.txt",  # examples
        "carbon_plan.md",
        "FILE.json",
        "claim_task.sql",
        "NNNN-what-we-chose.md",
        "layers/core/python/aiwebhook/agents/reviewer.toml",
        "functions/relay.zip",  # the name of an asset in infra/synth
    }
)
"""Names of files that no checkout has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Something written for people."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@cache
def passages() -> tuple[Passage, ...]:
    """Docstrings and comments of all code, and documents without their blocks."""
    found = [*_of_python(), *_of_lines(".sql", "--"), *_of_lines(".toml", "#"), *_of_documents()]
    return tuple(passage for passage in found if passage.path != "tests/house/test_references.py")


def _of_python() -> Iterator[Passage]:
    wanted = (PATH, FOLDER, TEST, PAPER, DECISION)
    # Reading Python is slow: only files in which something may be named at all.
    for source in (each for each in sources() if any(p.search(each.text) for p in wanted)):
        for line, text in source.comments():
            yield Passage(path=source.path, line=line, text=text)
        for node in ast.walk(source.tree):
            # A text that is a statement: a docstring, or what is written below a constant.
            match node:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield Passage(path=source.path, line=node.lineno, text=text)
                case _:
                    pass


def _of_lines(kind: str, mark: str) -> Iterator[Passage]:
    for path in files():
        if path.endswith(kind):
            for number, line in enumerate(_text(path).splitlines(), 1):
                _, found, comment = line.partition(mark)
                if found:
                    yield Passage(path=path, line=number, text=comment)


def _of_documents() -> Iterator[Passage]:
    for path in files():
        if path.endswith(".md"):
            for number, line in enumerate(_without_blocks(_text(path)).splitlines(), 1):
                yield Passage(path=path, line=number, text=line)


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _without_blocks(text: str) -> str:
    block = re.compile(r"^(`{3,})[^`\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)
    return block.sub(lambda match: "\n" * match[0].count("\n"), text)


@cache
def known() -> frozenset[str]:
    """Every file and folder, and every ending of their paths: `domain/egress.py` will do."""
    paths = {"/".join(f.split("/")[:n]) for f in files() for n in range(1, f.count("/") + 2)}
    return frozenset(
        "/".join(path.split("/")[start:]) for path in paths for start in range(path.count("/") + 1)
    )


def _is_there(name: str, passage: Passage) -> bool:
    beside = (ROOT / passage.path).parent / name
    return name.rstrip("/") in known() or name in ELSEWHERE or beside.exists()


def test_every_file_that_is_named_exists() -> None:
    dangling = [
        f"{passage}: {name}"
        for passage in passages()
        for name in PATH.findall(passage.text)
        if not _is_there(name, passage)
    ]
    assert dangling == []


def test_every_folder_that_is_named_exists() -> None:
    tops = {path.partition("/")[0] for path in files()}
    dangling = [
        f"{passage}: {name}"
        for passage in passages()
        for name in FOLDER.findall(passage.text)
        if name.partition("/")[0] in tops and not _is_there(name, passage)
    ]
    assert dangling == []


def test_every_link_leads_somewhere() -> None:
    dangling = [
        f"{passage}: {name}#{anchor}"
        for passage in passages()
        if passage.path.endswith(".md")
        for name, anchor in LINK.findall(passage.text)
        if not _leads_somewhere(passage, name, anchor)
    ]
    assert dangling == []


def _leads_somewhere(passage: Passage, name: str, anchor: str) -> bool:
    target = (ROOT / passage.path).parent / name if name else ROOT / passage.path
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.+)$", _without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_test_that_is_named_exists() -> None:
    dangling = [
        f"{passage}: {path}::{name}"
        for passage in passages()
        for path, name in TEST.findall(passage.text)
        if path not in files() or f"def {name}(" not in _text(path)
    ]
    assert dangling == []


def test_no_paper_is_named_that_is_not_here() -> None:
    found = [f"{p}: {match[0]}" for p in passages() for match in PAPER.finditer(p.text)]
    assert found == []


def test_every_decision_that_is_named_exists() -> None:
    numbers = {path[len("docs/adr/") :][:4] for path in files() if path.startswith("docs/adr/")}
    named = [(p, number) for p in passages() for number in DECISION.findall(p.text)]
    assert [f"{p}: {number}" for p, number in named if number not in numbers] == []
