"""What an attempt leaves for the next one, and how the next one goes on from it."""

import io
import json
import signal
import tarfile
from typing import Any

import pytest

from aiwebhook_runner.exits import RunExitCode
from tests.runner.cli.stand_in import CliRunner
from tests.runner.fake_runs_api import FakeRunsApi

pytestmark = pytest.mark.req("T4", "T7")

WORKING = """
state = pathlib.Path(os.environ["HOME"], ".claude/projects/p")
state.mkdir(parents=True, exist_ok=True)
init(); pathlib.Path("half.txt").write_text("half\\n")
(state / f"{session}.jsonl").write_text("what was said")
say("Working.")
"""


def saved(api: FakeRunsApi) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The last checkpoint: its data, and the files of its archive."""
    body = api.bodies("checkpoint")[-1]
    archive = api.uploads[body["content_sha256"]]
    assert len(archive) == body["size"]
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar}  # pyright: ignore[reportOptionalMemberAccess] (plain files)
    return body["data"], files


def interrupted(cli: CliRunner, api: FakeRunsApi, **env: str) -> None:
    """A first attempt that is drained in the middle of its work."""
    cli.claude(WORKING + "forever()", heartbeat_s=1)
    cli.start(**env)
    api.wait_for(lambda: bool(api.events("message")))
    cli.signal(signal.SIGTERM)
    assert cli.exit_code() == RunExitCode.RELEASED


def test_a_drain_saves_the_work_and_the_conversation(cli: CliRunner, api: FakeRunsApi) -> None:
    interrupted(cli, api)
    data, files = saved(api)
    assert data["agent"] == "claude_code"
    assert data["turn"] == 1
    session_id = data["cli_session_id"]
    assert files[f"home/.claude/projects/p/{session_id}.jsonl"] == b"what was said"
    assert "work.bundle" in files
    assert [call.action for call in api.calls if call.action in ("checkpoint", "release")] == [
        "checkpoint",
        "release",
    ]


def test_every_few_minutes_a_checkpoint_is_saved_while_the_agent_works(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    cli.claude(WORKING + "while not (scratch / 'go').exists(): time.sleep(0.01)\nanswer('Done.')")
    cli.start(AIWEBHOOK_CHECKPOINT_S="0.5")
    api.wait_for(lambda: api.count("checkpoint") >= 2)
    (cli.scratch / "go").touch()
    assert cli.exit_code() == RunExitCode.RECORDED
    assert saved(api)[0]["cli_session_id"]


@pytest.mark.parametrize(("status", "count"), [(529, 1), (401, 0)])
def test_a_failure_leaves_a_checkpoint_only_when_it_is_tried_again(
    cli: CliRunner, api: FakeRunsApi, status: int, count: int
) -> None:
    cli.claude(WORKING + f"answer('No.', is_error=True, api_error_status={status}); sys.exit(1)")
    cli.start().exit_code()
    assert api.count("checkpoint") == count


def test_the_next_attempt_goes_on_with_work_and_conversation(
    cli: CliRunner, api: FakeRunsApi
) -> None:
    api.reply("Seen before.")
    interrupted(cli, api)
    body = api.bodies("checkpoint")[-1]
    cli.gateway.opened.clear()  # each run has a gateway of its own
    cli.claude(
        """
        init(); state = pathlib.Path(os.environ["HOME"], ".claude/projects/p")
        answer(json.dumps({
            "resumed": resumed, "half": pathlib.Path("half.txt").read_text(),
            "said": (state / f"{resumed}.jsonl").read_text(),
        }))
        """,
        checkpoint={
            "data": body["data"],
            "url": f"{api.url}/bucket/{body['content_sha256']}",
        },
    )
    api.reply("New since.")
    assert cli.start().exit_code() == RunExitCode.RECORDED
    completed = api.bodies("complete")[-1]
    told = json.loads(completed["output"]["text"])
    assert told["resumed"] == body["data"]["cli_session_id"]
    assert told["half"] == "half\n"
    assert told["said"] == "what was said"
    prompt = cli.prompts()[-1]
    assert "New since." in prompt
    assert "Seen before." not in prompt
    assert completed["messages_seen"] == 2
    assert completed["output"]["turns"] == 2


def test_an_unreadable_checkpoint_means_to_start_afresh(cli: CliRunner, api: FakeRunsApi) -> None:
    api.uploads["broken"] = b"no archive"
    cli.claude(
        "init(); answer(str(bool(resumed)))",
        checkpoint={"data": {"agent": "claude_code"}, "url": f"{api.url}/bucket/broken"},
    )
    assert cli.start().exit_code() == RunExitCode.RECORDED
    assert api.bodies("complete")[0]["output"]["text"] == "False"
    assert "checkpoint_unusable" in cli.output
