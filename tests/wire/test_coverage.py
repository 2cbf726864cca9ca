"""Nothing is missing from docs/wire.md."""

from __future__ import annotations

import json

from aiwebhook.commands.catalogue import CATALOGUE, find_command
from aiwebhook.door_paths import SAY_PATH
from session_api.all_operations import OPERATIONS
from session_api.paths import Paths
from tests.support.wire_document import RELAY, Block, blocks, document


def test_every_request_is_followed_by_its_answer() -> None:
    kinds = [b.kind for b in blocks(document()) if b.kind != "meanwhile"]
    pairs = {"http": "http answer", "json command": "json data"}
    alone = [
        (number, kind)
        for number, kind in enumerate(kinds)
        if kind in pairs and kinds[number + 1 : number + 2] != [pairs[kind]]
    ]
    assert alone == []


def test_every_command_has_an_example() -> None:
    sent = [json.loads(block.body) for block in _requests() if block.kind == "json command"]
    sent.append(json.loads(_requests()[0].body))
    named = {spec.name for body in sent if (spec := find_command(body.get("command")))}
    assert named == set(CATALOGUE)


def test_every_operation_that_is_no_command_has_an_example() -> None:
    shown = {_operation(block) for block in _requests() if block.kind == "http"}
    missing = [
        f"{operation.method} {operation.path}"
        for operation in OPERATIONS
        if operation.command is None
        and operation.returns is not None
        and operation.name not in shown
    ]
    assert missing == []


def _requests() -> list[Block]:
    return [block for block in blocks(document()) if block.kind in ("http", "json command")]


def _operation(block: Block) -> str | None:
    method, target = block.head.split(" ")
    path = target.partition("?")[0]
    known = {operation.method for operation in OPERATIONS if operation.path == path} or {method}
    if path in (*RELAY, SAY_PATH) or method not in known:
        return None
    return Paths(OPERATIONS).find(method, path)[0].name
