"""The command line is nobody's conversation: it spends no news."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine
from tests.support.session_api import BRIEF


@pytest.mark.req("N5", "S8")
def test_no_command_line_uses_up_what_a_conversation_is_to_be_told(cli: CommandLine) -> None:
    session_id = cli.driver.session()
    task_id = cli.driver.task(session_id)
    cli.driver.claim().post("complete", {"output": BRIEF, "say": "Done."})

    for _ in range(3):
        for arguments in (
            ("session", "show", session_id),
            ("session", "pause", session_id),
            ("session", "resume", session_id),
            ("session", "list"),
            ("task", "list", "--session", session_id),
            ("task", "show", task_id),
        ):
            assert cli(*arguments).code == 0

    body = cli.driver.get(f"/v1/sessions/{session_id}").body
    assert [(u["task_id"], u["times"]) for u in body["updates"]] == [(task_id, 1)]
    assert [i["times"] for i in cli.driver.get("/v1/sessions").body["elsewhere"]] == [1]
