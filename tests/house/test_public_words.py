"""Public text uses the glossary's words, and none of those that it lists under "Not"."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.house.tree import ROOT, files
from tests.support.wire_document import tables

ELSEWHERE = frozenset(
    """
    account beat client config fault fetch hint hook index integration kill lock login message note
    notification offset password permission ping provider proxy queue quota read record role
    snapshot summary token tool turn user version warning
    """.split()
)
"""Words that public text needs for something else: a git fetch, an AWS quota, a `note`."""
_CODE = re.compile(r"^(`{3,}).*?^\1|`[^`\n]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


def banned() -> dict[str, str]:
    """What is not said, with the glossary's word for it."""
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    return {
        word: row["Word"]
        for row in tables(glossary, "Word", "Meaning", "Not")
        for word in filter(None, (each.strip() for each in row["Not"].split(",")))
        if word not in ELSEWHERE
    }


def found(text: str, words: dict[str, str]) -> list[str]:
    """The banned words in a text's prose, singular or plural, with the word to use."""
    prose = _CODE.sub(" ", text)
    return [
        f"{match[0]} (say {words[word]})"
        for word in words
        for match in re.finditer(rf"\b{re.escape(word)}s?\b", prose, re.IGNORECASE)
    ]


def public_texts() -> Iterator[tuple[str, str]]:
    """Documents, OpenAPI descriptions, what is spoken, and the help of the command line."""
    for name in files():
        if name == "README.md" or (name.startswith("docs/") and name.count("/") == 1):
            if name.endswith(".md") and name != "docs/glossary.md":
                yield name, (ROOT / name).read_text("utf-8")
            elif name.endswith(".json"):
                described = _described(json.loads((ROOT / name).read_text("utf-8")))
                yield name, "\n".join(described)
        elif name.startswith("cli/") and name.endswith(".py"):
            yield name, "\n".join(_help((ROOT / name).read_text("utf-8")))
    yield "say", (ROOT / "tests/golden/say.txt").read_text("utf-8")


def _described(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            if key in {"description", "summary"} and isinstance(inner, str):
                yield inner
            else:
                yield from _described(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _described(inner)


def _help(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in {"help", "epilog"}:
            for text in ast.walk(node.value):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A job waits.", ["job (say task)"]),
        ("Jobs wait; `job` is code, and so is\n```\na job\n```\nthis.", ["Jobs (say task)"]),
        ("Jobless [threads](job.md)", ["threads (say session)"]),
        ("A task of a session.", []),
    ],
)
def test_a_banned_word_is_found_in_prose_only(text: str, words: list[str]) -> None:
    assert found(text, {"job": "task", "thread": "session"}) == words


def test_public_text_says_the_glossarys_words() -> None:
    words = banned()
    assert len(words) >= 25
    said = [f"{name}: {word}" for name, text in public_texts() for word in found(text, words)]
    assert said == []
