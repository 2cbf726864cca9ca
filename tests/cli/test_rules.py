"""Rules on the command line: a reviewed file, and what it would do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.support.rules import labelled_issue

pytestmark = pytest.mark.req("W9")
SAMPLES = str(Path(__file__).resolve().parents[2] / "examples/rules/github.toml")


def test_a_file_of_rules_is_tried_applied_listed_shown_and_pruned(
    cli: CommandLine, tmp_path: Path
) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(labelled_issue()))
    tried = cli("rules", "test", str(payload), "--event", "issues", "--file", SAMPLES, "--json")
    assert tried.code == 0, tried.err
    assert [item["starts"] for item in tried.json["items"]] == [True, False, False]
    assert "No rules" in cli("rules", "list").out

    assert "3 kept, 0 forgotten" in cli("rules", "apply", SAMPLES).out
    assert "agent-issues" in cli("rules", "list").out
    assert "claude_code" in cli("rules", "show", "agent-issues").out
    assert "matched nothing" in cli("rules", "runs", "agent-issues").out
    in_words = cli("rules", "test", str(payload), "--event", "issues").out
    assert "The pipes leak" in in_words
    assert "it is for the event workflow_run" in in_words

    fewer = tmp_path / "fewer.toml"
    fewer.write_text(Path(SAMPLES).read_text("utf-8").split("# Someone who may write")[0])
    assert "1 kept, 2 forgotten" in cli("rules", "apply", str(fewer), "--prune").out
    assert cli("rules", "delete", "agent-issues").code == 0
    refused = cli("rules", "show", "agent-issues")
    assert refused.code == 1
    assert "agent-issues" in refused.err


@pytest.mark.parametrize("text", ["", "no toml", "rule = 1", "[other]\na = 1"])
def test_a_file_that_holds_no_rules_is_refused_before_anything_is_sent(
    cli: CommandLine, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text)
    assert cli("rules", "apply", str(file)).code == 2
    assert cli("rules", "apply", str(tmp_path / "absent.toml")).code == 2
