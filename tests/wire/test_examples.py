"""Every example of docs/wire.md is sent, in order, and answered as it says.

To write the answers anew, and read the difference:
`.venv/bin/python -m tests.wire.test_examples --write`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.support.wire_document import (
    DOCUMENT,
    Block,
    Got,
    blocks,
    corrected,
    differences,
    document,
    filled,
    rendered,
)

if TYPE_CHECKING:
    from tests.wire.world import World

ANSWERS = ("http answer", "json data", "http callback", "json cloudevent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """An answer as it is shown and as it came."""

    block: Block
    got: Got

    @property
    def faults(self) -> list[str]:
        """Where they differ."""
        shown, got = self.block, self.got
        found: list[str] = []
        if shown.kind == "http answer" and shown.head != _status(got):
            found.append(f"status {shown.head} is {_status(got)}: {got.body}")
        for name, value in shown.headers.items() if shown.kind.startswith("http") else ():
            found += differences(value, got.headers.get(name, "not there"), name)
        found += differences(shown.value, got.body)
        return [f"docs/wire.md:{shown.line} {fault}" for fault in found]


def _status(got: Got) -> str:
    reasons = {422: "Unprocessable Content"}  # RFC 9110; Python 3.11 has an older name
    return f"{got.status} {reasons.get(got.status or 0) or HTTPStatus(got.status or 0).phrase}"


def play(world: World, examples: list[Block]) -> Iterator[Played]:
    """Send the requests; yield each answer beside the one that is shown."""
    last: Got | None = None
    for block in examples:
        if block.kind == "meanwhile":
            world.meanwhile(block.text)
        elif block.kind == "http":
            method, target = filled(block.head, world.seen).split(" ")
            headers = {n: filled(v, world.seen) for n, v in block.headers.items()}
            last = world.send(method, target, headers, filled(block.body, world.seen))
        elif block.kind == "json command":
            last = world.send("POST", "/webhook", {}, filled(block.body, world.seen))
            assert last.status == 200, f"docs/wire.md:{block.line} {last.body}"
        elif block.kind in ANSWERS:
            yield Played(block=block, got=_answer(world, block, last))


def _answer(world: World, block: Block, last: Got | None) -> Got:
    if block.kind == "http callback":
        return world.callback(block)
    if block.kind == "json cloudevent":
        return world.cloud_event(block)
    assert last is not None, f"docs/wire.md:{block.line} answers nothing"
    if block.kind == "json data":
        return Got(status=last.status, headers=last.headers, body=last.body["data"])
    return last


@pytest.mark.req("W2", "W3", "T8", "N1")
def test_every_example_is_answered_as_shown(world: World) -> None:
    answers = list(play(world, blocks(document())))

    if "--write" in sys.argv:
        _write(answers)
    faults = [fault for played in answers for fault in played.faults]
    assert not faults, "\n".join(faults)
    assert world.signed_by_the_book(world.seen["secret"])


# ── writing the answers anew ──────────────────────────────────────────────────────────────────────
def _write(answers: list[Played]) -> None:
    """Put what was answered in the place of what is shown wrongly."""
    text = document()
    for played in reversed([played for played in answers if played.faults]):
        start, end = played.block.span
        fence = text[start:].partition("\n")[0]
        text = f"{text[:start]}{fence}\n{_written(played)}```{text[end:]}"
    DOCUMENT.write_text(text, encoding="utf-8")


def _written(played: Played) -> str:
    block, got = played.block, played.got
    head = block.text.partition("\n\n")[0].rstrip() + "\n"
    if block.kind == "http answer":
        head = head.replace(block.head, _status(got), 1)
    body = got.body or ""
    if isinstance(body, dict):
        body = rendered(corrected(block.value, got.body))
    body += "\n" if body else ""
    if not block.kind.startswith("http"):
        return body
    return f"{head}\n{body}" if body else head


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q"]))
