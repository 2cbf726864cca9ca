"""Kinds of events keep what they promised: readers of an older release are not broken.

`kinds.json` is events/list as it was released. A kind that grew is written there by
`python -m tests.events.test_kinds_only_grow --write`, which refuses what breaks a reader.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from session_api.mcp.events.catalogue import listed_events

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]
Change = Callable[[list[Json]], object]
RELEASED = Path(__file__).parent / "kinds.json"


def breaks(before: Sequence[Json], now: Sequence[Json]) -> Iterator[str]:
    """What a reader of `before` misses."""
    listed = {kind["name"]: kind for kind in now}
    for kind in before:
        name = kind["name"]
        if name not in listed:
            yield f"{name} is gone"
            continue
        if not set(kind["delivery"]) <= set(listed[name]["delivery"]):
            yield f"{name} is delivered in fewer ways"
        for schema in ("inputSchema", "payloadSchema"):
            yield from broken(f"{name} {schema}", kind[schema], listed[name][schema])


def broken(where: str, before: Json, now: Json) -> Iterator[str]:
    """What of an object's schema is no longer so."""
    if where.endswith("inputSchema") and set(now.get("required", ())) - set(
        before.get("required", ())
    ):
        yield f"{where} asks for more"
    if where.endswith("payloadSchema") and set(before.get("required", ())) - set(
        now.get("required", ())
    ):
        yield f"{where} promises less"
    for name, schema in before["properties"].items():
        kept = now["properties"].get(name)
        if kept is None:
            yield f"{where}.{name} is gone"
        elif kept.get("type") != schema.get("type"):
            yield f"{where}.{name} has another type"
        elif not set(schema.get("enum", ())) <= set(kept.get("enum", schema.get("enum", ()))):
            yield f"{where}.{name} takes fewer values"


def released() -> list[Json]:
    """events/list, as it was released."""
    return json.loads(RELEASED.read_text(encoding="utf-8"))


def test_every_kind_keeps_what_it_once_promised() -> None:
    assert list(breaks(released(), listed_events())) == []


def forget(*path: str) -> Change:
    """A change that takes something away from the first kind."""

    def change(kinds: list[Json]) -> None:
        place: Any = kinds[0]
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]

    return change


CHANGES: Sequence[tuple[Change, str]] = [
    (lambda kinds: kinds.pop(0), "task.updated is gone"),
    (lambda kinds: kinds[0]["delivery"].remove("webhook"), "fewer ways"),
    (forget("inputSchema", "properties", "agent"), "inputSchema.agent is gone"),
    (forget("payloadSchema", "properties", "say"), "payloadSchema.say is gone"),
    (lambda kinds: kinds[0]["inputSchema"].update(required=["agent"]), "asks for more"),
    (lambda kinds: kinds[0]["payloadSchema"].update(required=["say"]), "promises less"),
    (
        lambda kinds: kinds[0]["payloadSchema"]["properties"].update(seq={"type": "string"}),
        "another type",
    ),
    (
        lambda kinds: kinds[0]["payloadSchema"]["properties"]["type"]["enum"].pop(),
        "fewer values",
    ),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_change_that_breaks_a_reader_is_noticed(change: Change, told: str) -> None:
    changed = deepcopy(released())
    change(changed)
    (found,) = breaks(released(), changed)
    assert told in found


if __name__ == "__main__" and "--write" in sys.argv:
    if RELEASED.exists() and (found := list(breaks(released(), listed_events()))):
        sys.exit("\n".join(found))
    text = json.dumps(list(listed_events()), indent=1, ensure_ascii=False)
    RELEASED.write_text(f"{text}\n", encoding="utf-8")
