"""What the table of grants stands on: which refusal counts, and how long a journey waits then."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.deployed.patience import Patience
from tests.deployed.refusals import Refusals

pytestmark = pytest.mark.req("O1")
CONTENT = "arn:aws:s3:::bucket/content/*"


def line(role: str, action: str, resource: str) -> str:
    """As the emulator's process writes it."""
    return json.dumps({"role": [role], "action": action, "resource": resource}) + "\n"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """One of before the right was taken away."""
    path = tmp_path / "refusals.jsonl"
    path.write_text(line("relay", "s3:PutObject", "arn:aws:s3:::bucket/content/1"), "utf-8")
    return path


@pytest.fixture
def refusals(written: Path) -> Refusals:
    """Of the right to put content."""
    return Refusals(
        path=written, role="relay", action="s3:PutObject", resources=frozenset({CONTENT})
    )


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("role", "action", "resource"),
    [
        ("notifier", "s3:PutObject", "arn:aws:s3:::bucket/content/2"),
        ("relay", "s3:GetObject", "arn:aws:s3:::bucket/content/2"),
        ("relay", "s3:PutObject", "arn:aws:s3:::bucket/checkpoints/2"),
    ],
)
def test_a_refusal_of_another_right_does_not_count(
    refusals: Refusals, written: Path, role: str, action: str, resource: str
) -> None:
    assert not refusals.seen()  # nor does that of before
    add(written, line(role, action, resource))
    assert not refusals.seen()


def test_a_refusal_counts_once_its_line_is_whole_and_for_good(
    refusals: Refusals, written: Path
) -> None:
    text = line("relay", "s3:PutObject", "arn:aws:s3:::bucket/content/2")
    add(written, text[:20])
    assert not refusals.seen()
    add(written, text[20:])
    assert refusals.seen()
    assert refusals.seen()


def test_who_was_refused_waits_no_longer_than_a_journey_takes() -> None:
    refused = Patience(after_refusal_s=0, refused=lambda: True)
    with pytest.raises(AssertionError):
        refused.eventually(lambda: None)


def test_who_was_not_refused_waits() -> None:
    answers = iter([None, "", "found"])
    waiting = Patience(within_s=math.inf, after_refusal_s=0)
    assert waiting.eventually(lambda: next(answers), every_s=0) == "found"
