"""`aiwebhook mcp channel`, as Claude Code starts it: a process that speaks MCP on its streams."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.channel import ChannelClient, channel, environment
from tests.support.http_front import HttpFront
from tests.support.loopback import answer, answering, service
from tests.support.session_api import BRIEF, ApiDriver, session_api_handler
from tests.support.waiting import eventually

pytestmark = pytest.mark.req("N6")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One that can be stopped and started again at its address."""

    database: str
    driver: ApiDriver
    home: Path
    port: int

    def front(self) -> HttpFront:
        def handler() -> Any:
            return session_api_handler(self.database, self.driver.outside)

        return HttpFront(session_api=handler, port=self.port)

    @property
    def environment(self) -> dict[str, str]:
        return environment(f"http://127.0.0.1:{self.port}", self.driver.key, self.home)

    @property
    def kept(self) -> Json:
        """What a channel keeps on disk."""
        (path,) = (self.home / ".local/state/aiwebhook/channels").glob("*.json")
        return json.loads(path.read_text())

    @property
    def keeps_a_place(self) -> bool:
        return any((self.home / ".local/state/aiwebhook/channels").glob("*.json"))

    def channel(self, *options: str) -> Any:
        return channel(self.environment, self.home, *options)

    def completed(self, say: str, session_id: str | None = None) -> str:
        """A task that has ended with this; its id."""
        task_id = self.driver.task(session_id)
        told = self.driver.claim().post("complete", {"output": BRIEF, "say": say})
        assert told.status == 200
        return task_id


@pytest.fixture
def up(database: str, tmp_path: Path) -> Generator[Deployment]:
    """A deployment that runs."""
    driver = ApiDriver(database)
    with HttpFront(session_api=lambda: session_api_handler(database, driver.outside)) as front:
        port = int(front.url.rpartition(":")[2])
        yield Deployment(database=database, driver=driver, home=tmp_path, port=port)
    driver.outside.close()


def following(client: ChannelClient, up: Deployment) -> None:
    """Open it, and wait until it follows what happens from now on."""
    client.open()

    def is_there() -> bool:
        assert client.process.poll() is None, client.hint()
        return up.keeps_a_place

    eventually(is_there)


def test_what_an_agent_did_is_pushed_with_all_that_a_chat_needs(up: Deployment) -> None:
    with up.channel() as client:
        told = client.open()
        assert told["protocolVersion"] == "2025-11-25"
        assert told["capabilities"] == {"experimental": {"claude/channel": {}}}
        assert "data" in told["instructions"]
        eventually(lambda: up.keeps_a_place)
        session = up.driver.session()
        task = up.completed("Copper < tin.", session)
        pushed = client.pushed()
        said, more = pushed["content"].split("\n")
        assert said == "Copper &lt; tin."
        assert more == f'More: get_task {{"task": "{task}"}}'
        meta = pushed["meta"]
        assert all(isinstance(value, str) for value in meta.values())
        assert meta["event_id"]
        assert {name: meta[name] for name in ("type", "status", "agent")} == {
            "type": "task.completed",
            "status": "completed",
            "agent": "researcher",
        }
        assert (meta["task_id"], meta["session_id"]) == (task, session)
        assert client.end() == 0


def test_a_channel_that_is_killed_loses_nothing_and_repeats_nothing(up: Deployment) -> None:
    with up.channel() as client:
        following(client, up)
        up.completed("One.")
        first = client.pushed()
        eventually(lambda: up.kept["told"])
        assert client.kill() == -signal.SIGKILL
    up.completed("Two.")
    up.completed("Three.")
    with up.channel() as client:
        client.open()
        pushed = [client.pushed(), client.pushed()]
        assert [each["content"].split("\n")[0] for each in pushed] == ["Two.", "Three."]
        assert first["meta"]["event_id"] not in {each["meta"]["event_id"] for each in pushed}
        up.completed("Four.")
        assert client.pushed()["content"].startswith("Four.")


def test_one_that_was_killed_before_it_kept_its_place_pushes_that_event_again(
    up: Deployment,
) -> None:
    with up.channel() as client:
        following(client, up)
        (path,) = (up.home / ".local/state/aiwebhook/channels").glob("*.json")
        before = path.read_bytes()
        up.completed("One.")
        first = client.pushed()
        eventually(lambda: up.kept["told"])
        client.kill()
    path.write_bytes(before)
    with up.channel() as client:
        client.open()
        assert client.pushed()["meta"]["event_id"] == first["meta"]["event_id"]


def test_an_event_that_was_told_is_not_told_again_from_an_older_cursor(up: Deployment) -> None:
    with up.channel() as client:
        following(client, up)
        older = up.kept["cursor"]
        up.completed("One.")
        client.pushed()
        eventually(lambda: up.kept["told"])
        client.kill()
    (path,) = (up.home / ".local/state/aiwebhook/channels").glob("*.json")
    path.write_text(json.dumps({**up.kept, "cursor": older}))
    up.completed("Two.")
    with up.channel() as client:
        client.open()
        assert client.pushed()["content"].startswith("Two.")


def test_it_outlives_a_restart_of_the_server_and_says_so(database: str, tmp_path: Path) -> None:
    driver = ApiDriver(database)
    with ExitStack() as first:
        front = first.enter_context(
            HttpFront(session_api=lambda: session_api_handler(database, driver.outside))
        )
        port = int(front.url.rpartition(":")[2])
        up = Deployment(database=database, driver=driver, home=tmp_path, port=port)
        client = first.enter_context(up.channel())
        following(client, up)
        channels = first.pop_all()
        front.__exit__(None, None, None)
        with channels:
            hint = client.hint()
            assert hint.startswith(f"No answer from http://127.0.0.1:{port} (")
            assert hint.endswith("no event is lost.")
            up.completed("While it was away.")
            with up.front():
                assert client.pushed()["content"].startswith("While it was away.")
                assert client.hint() == "The server answers again."
                assert client.end() == 0
    driver.outside.close()


def test_two_sessions_in_one_folder_are_both_told(up: Deployment) -> None:
    with up.channel() as one:
        following(one, up)
        with up.channel() as two:
            assert "this one begins now" in two.hint()
            two.open()
            # Nothing tells when it has taken its place in the log: it is told of a later event.
            eventually(lambda: _told_by(two, up))
        assert one.pushed()["content"].startswith("For both.")


def _told_by(client: ChannelClient, up: Deployment) -> bool:
    up.completed("For both.")
    return not client.said.empty()


def test_a_narrowed_channel_tells_of_that_session_alone(up: Deployment) -> None:
    session = up.driver.session()
    with up.channel("--session", session, "--agent", "researcher") as client:
        following(client, up)
        up.completed("Elsewhere.")
        up.completed("Here.", session)
        assert client.pushed()["content"].startswith("Here.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--session", "nowhere"), "Error: Unknown session."),
        (("--event", "task.dreamt"), "Error: Unknown event: task.dreamt."),
        (("--key", "aiw_wrong"), "Error: "),
        (("--url", "nonsense", "--key", "k"), "Error: 'nonsense' is no HTTP address."),
    ],
)
def test_what_no_repetition_changes_ends_it_with_a_sentence(
    up: Deployment, options: tuple[str, ...], said: str
) -> None:
    with up.channel(*options) as client:
        client.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert client.hint().startswith(said)
        assert client.process.wait(timeout=60) == 1
        assert client.said.get(timeout=60) is None


def test_without_a_deployment_it_says_what_to_set(tmp_path: Path) -> None:
    with channel({"PATH": os.defpath, "HOME": str(tmp_path)}, tmp_path) as client:
        assert client.hint().startswith("Error: No deployment is named")
        assert client.process.wait(timeout=60) == 1


@pytest.mark.parametrize("content", ["<html>Bad gateway</html>", "{}", '{"result": {}}'])
def test_a_stranger_s_page_is_an_outage_not_an_answer(tmp_path: Path, content: str) -> None:
    with (
        service(answering(answer(200, content))) as stranger,
        channel(environment(stranger.url, "aiw_key", tmp_path), tmp_path) as client,
    ):
        client.open()
        assert "Trying again" in client.hint()
        assert client.end() == 0
        assert client.said.get(timeout=60) is None


def test_ctrl_c_ends_it_without_a_trace(up: Deployment) -> None:
    with up.channel() as client:
        following(client, up)
        assert client.kill(signal.SIGINT) == 130
        assert client.hint() == ""
        assert client.errors.get(timeout=60) is None


def test_a_client_that_is_gone_ends_it_without_a_trace(up: Deployment) -> None:
    reading, writing = os.pipe()
    with channel(up.environment, up.home, stdout=writing) as client:
        os.close(writing)
        client.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        eventually(lambda: up.keeps_a_place)
        os.close(reading)
        up.completed("To nobody.")
        assert client.process.wait(timeout=60) == 0
        assert client.errors.get(timeout=60) is None
        assert up.kept["told"] == []
