"""House rules that no linter knows: reasons, sizes and names."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath

import pytest

from tests.house.tree import Source, sources

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
DIRECTIVE = re.compile(r"#\s*(ruff:\s*)?noqa\b|#\s*(pyright|type):\s*ignore\b")
CODES = re.compile(r"\b[A-Z]+\d+\b|\breport\w+|\breason\b")
WORDS = re.compile(r"[A-Za-z’']{2,}")
REASON = re.compile(r"\breason: \S+")
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc|stuff)(_|$)")


def has_reason(source: Source, first: int, last: int) -> bool:
    """True when a comment within these lines says `reason: …`."""
    return any(
        first - 1 <= line <= last and REASON.search(text) for line, text in source.comments()
    )


def head_of(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The line of the first statement that is not the docstring, or of the docstring."""
    return node.body[min(1, len(node.body) - 1)].lineno


def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring: a contract may be as long as it must."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def explains(comment: str) -> bool:
    """True when at least two words remain after the directive and its codes."""
    return len(WORDS.findall(CODES.sub("", DIRECTIVE.sub("", comment)))) >= 2


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("# noqa: S311", False),
        ("# noqa: S311, E501", False),
        ("# pyright: ignore[reportUnknownMemberType]", False),
        ("# noqa: S311 - jitter need not be secret", True),
        ("# noqa: S311  reason: jitter, not a secret", True),
        ("# pyright: ignore[reportPrivateUsage]  # the library has no public door", True),
    ],
)
def test_a_reason_is_told_from_a_bare_directive(comment: str, explained: bool) -> None:
    assert explains(comment) is explained


def test_every_suppression_says_why_on_its_line() -> None:
    silent = [
        f"{source.path}:{line} {text}"
        for source in sources()
        if DIRECTIVE.search(source.text)  # to tell comments from strings takes much longer
        for line, text in source.comments()
        if DIRECTIVE.search(text) and not explains(text)
    ]
    assert not silent, "\n".join(["write `# noqa: RULE  reason: …`", *silent])


def test_a_long_module_says_why() -> None:
    long = [
        f"{source.path}: {len(source.lines)} lines"
        for source in sources()
        if len(source.lines) > LONGEST_MODULE and not has_reason(source, 1, head_of(source.tree))
    ]
    assert not long, "\n".join(
        [f"over {LONGEST_MODULE} lines a module starts with `# reason: …`", *long]
    )


def test_a_long_function_says_why() -> None:
    long = [
        f"{source.path}:{function.lineno} {function.name}: {length(function)} lines"
        for source in sources()
        for function in functions(source.tree)
        if length(function) > LONGEST_FUNCTION
        and not has_reason(source, function.lineno - 1, head_of(function))
    ]
    assert not long, "\n".join(
        [f"over {LONGEST_FUNCTION} lines a function carries `# reason: …` at its head", *long]
    )


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        source.path
        for source in sources()
        if any(VAGUE.search(part) for part in PurePath(source.path).with_suffix("").parts)
    ]
    assert not vague, "\n".join(["name it for what it does", *vague])
