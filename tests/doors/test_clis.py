"""The CLIs of three vendors on our server: each opens a session, delegates, and gets the update,
with an API key, and signed in by OAuth from nothing but the URL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.agents.lab import Provider
from tests.doors.clis import SERVER, Setting, Start, Started, claude, codex, gemini, with_a_browser
from tests.doors.conftest import Deployment, Door
from tests.doors.research import SAID, completed
from tests.doors.tools import SAMPLE, run, run_on_a_terminal
from tests.support.session_api import ApiDriver

pytestmark = [
    pytest.mark.doors,
    pytest.mark.req("D2", "N5"),
    pytest.mark.skipif(SAMPLE, reason="the CLIs are in the whole of make test-doors"),
]
Json = dict[str, Any]
SCRIPT: Json = {
    "door_open": [
        {"mcp": [SERVER, "start_session", {"title": "Copper"}]},
        {"mcp": [SERVER, "delegate_task", {"agent": "researcher", "instructions": "Look"}]},
        {"say": "It is under way."},
    ],
    "door_close": [{"mcp": [SERVER, "get_updates", {}]}, {"say": "That is all."}],
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of the scripted model provider, which knows our two scenarios."""
    folder = tmp_path_factory.mktemp("provider")
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    running = Provider(folder, script)
    yield running.url
    running.stop()


def does_the_whole_job(cli: Started, driver: ApiDriver, home: Path) -> str:
    """In two conversations, between which the researcher works; what the second one printed."""
    work = home / "work"
    work.mkdir()

    def play(scenario: str) -> str:
        return run(
            cli.argv,
            folder=work,
            environment={**cli.environment, "HOME": str(home)},
            stdin=f"Do it. [[scenario:{scenario}]]\n",
        )

    opened = play("door_open")
    assert "task_" in opened, opened
    completed(driver)
    told = play("door_close")
    assert SAID in told, told
    return told


@pytest.mark.parametrize("start", [claude, codex, gemini])
def test_a_real_cli_opens_a_session_delegates_and_gets_the_update(
    door: Door, provider: str, tmp_path: Path, start: Start
) -> None:
    setting = Setting(home=tmp_path, provider=provider, url=door.url, key=door.driver.key)
    does_the_whole_job(start(setting), door.driver, tmp_path)


def test_gemini_is_given_all_of_a_result_as_text(door: Door, provider: str, tmp_path: Path) -> None:
    """It shows its model nothing else: a row of session_api.mcp.profiles."""
    setting = Setting(home=tmp_path, provider=provider, url=door.url, key=door.driver.key)
    told = does_the_whole_job(gemini(setting), door.driver, tmp_path)
    assert re.search(r'\\?"times\\?":', told), told


@pytest.mark.req("O7")
@pytest.mark.parametrize(
    ("start", "registered"),
    [
        (claude, "https://claude.ai/oauth/claude-code-client-metadata"),
        (codex, "https://chatgpt.com/oauth/codex/client.json"),
        (gemini, "cli_"),
    ],
)
def test_a_real_cli_signs_in_knowing_only_the_url_and_does_the_same(
    deployment: Deployment, provider: str, tmp_path: Path, start: Start, registered: str
) -> None:
    """`registered`: how the client introduces itself, by its document or by /register."""
    setting = Setting(home=tmp_path, provider=provider, url=f"{deployment.url}/mcp")
    cli = start(setting)
    person = with_a_browser(tmp_path, deployment.code)
    signed_in = run_on_a_terminal(
        cli.login,
        folder=tmp_path,
        environment={**cli.environment, **person},
        answers=cli.answers,
    )
    connected = connections(deployment.driver)
    assert [c["client_id"].startswith(registered) for c in connected] == [True], signed_in
    does_the_whole_job(cli, deployment.driver, tmp_path)


def connections(driver: ApiDriver) -> list[Mapping[str, Any]]:
    """What people of the project have allowed."""
    return driver.get("/v1/connections").body["items"]
