"""Every curl command below examples/ is run, in the order of its README, and answered as it says.

To write the answers anew, and read the difference:
`.venv/bin/python -m tests.wire.test_example_files --write`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.http_front import HttpFront
from tests.support.wire_document import ROOT, corrected, differences, rendered

if TYPE_CHECKING:
    from tests.wire.world import World

EXAMPLES = ROOT / "examples"


def folders() -> list[Path]:
    """As the README lists them."""
    listed = re.findall(
        r"^\| \[([\w/]+)\]", (EXAMPLES / "README.md").read_text("utf-8"), re.MULTILINE
    )
    return [EXAMPLES / name for name in listed]


def answers(world: World) -> Iterator[tuple[Path, Any, Any]]:
    """Each folder with the answer it shows and the one that came."""
    with HttpFront(
        relay=lambda: lambda event, _context: world.relay.answer(event),
        session_api=lambda: lambda event, _context: world.api.answer(event),
    ) as front:
        surroundings = {"AIWEBHOOK_URL": front.url, "AIWEBHOOK_KEY": world.api.key}
        for folder in folders():
            done = subprocess.run(
                ["sh", str(folder / "curl.sh")],
                env={"PATH": os.environ["PATH"], **surroundings},  # noqa: TID251  reason: finds curl
                capture_output=True,
                check=True,
            )
            shown = json.loads((folder / "response.json").read_text("utf-8"))
            yield folder, shown, json.loads(done.stdout)


@pytest.mark.req("D4")
def test_every_example_is_answered_as_it_says(world: World) -> None:
    found = list(answers(world))
    faults = [
        f"{folder.relative_to(ROOT)} {fault}"
        for folder, shown, got in found
        for fault in differences(shown, got)
    ]
    assert faults == []
    assert {folder.name for folder, _, _ in found} >= {
        *("create_session", "conversation_batch", "store_memory", "delegate_task"),
        *("add_artifact", "batch_workflow"),
    }


def test_every_folder_is_listed_and_whole() -> None:
    kept = {path.parent for path in EXAMPLES.rglob("curl.sh")}
    assert kept == set(folders())
    assert {p.parent for p in EXAMPLES.rglob("response.json")} == kept
    sending = {p for p in kept if "request.json" in (p / "curl.sh").read_text("utf-8")}
    assert {p.parent for p in EXAMPLES.rglob("request.json")} == sending


@pytest.mark.req("D4")
def test_an_error_is_the_one_that_its_folder_is_called() -> None:
    """Where a folder shows one case of a code that has several, it is called after the case."""
    cases = {"no_key": "key_unknown", "invalid_value": "invalid", "missing_field": "invalid"}
    for folder in (EXAMPLES / "errors").iterdir():
        shown = json.loads((folder / "response.json").read_text("utf-8"))
        assert shown["code"] == cases.get(folder.name, folder.name)
        assert 400 <= shown["status"] < 500


@pytest.mark.skipif("--write" not in sys.argv, reason="writes")
def test_write(world: World) -> None:
    for folder, shown, got in answers(world):
        (folder / "response.json").write_text(rendered(corrected(shown, got)) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-k", "test_write"]))
