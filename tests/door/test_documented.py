"""docs/commands.md: its examples are sent, in their order, and answered as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from aiwebhook.commands.synonyms import commands_like
from tests.relay.conftest import RelayClient

DOCUMENT = Path(__file__).parents[2] / "docs" / "commands.md"
BLOCK = re.compile(r"^(`{3,})(?:json|text) (\w+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def holds(whole: Any, part: Any) -> bool:
    """Whether all of the part is there; objects may have more."""
    if isinstance(part, dict) and isinstance(whole, dict):
        has = cast("dict[str, Any]", whole)
        return all(
            name in has and holds(has[name], value)
            for name, value in cast("dict[str, Any]", part).items()
        )
    if isinstance(part, list) and isinstance(whole, list):
        return len(cast("list[Any]", part)) == len(cast("list[Any]", whole)) and all(
            map(holds, cast("list[Any]", whole), cast("list[Any]", part))
        )
    return whole == part


@pytest.mark.req("W2", "D1")
def test_the_examples_are_answered_as_they_say(relay: RelayClient) -> None:
    blocks = BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert [kind for _, kind, _ in blocks].count("reply") >= 3
    body: dict[str, Any] = {}
    for _, kind, text in blocks:
        if kind == "reply":
            assert holds(body, json.loads(text)), f"{text}\n{json.dumps(body)}"
            continue
        answer = relay.post(text)
        body = answer.body
        assert answer.status == int(kind), (text, body)
        assert bool(body.get("notes")) == ("StoreMemory" in text), body


@pytest.mark.req("W2")
def test_the_synonym_that_it_names_is_one() -> None:
    ((named, meant),) = re.findall(
        r"a synonym if there is one \(`(\w+)`: `(\w+)`\)", DOCUMENT.read_text(encoding="utf-8")
    )
    assert commands_like(named) == (meant,)
