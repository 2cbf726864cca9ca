"""`aiwebhook cloud keys`: what is no key, or somebody else's, is not stored."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import pytest

from aiwebhook_cli.cloud import agent_keys
from aiwebhook_cli.exits import ExitCode
from tests.cloud.conftest import Cloud

pytestmark = pytest.mark.req("O1")


def piped(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, str]:
    """The problem that is told."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    outcome = cloud("keys", "--json")
    assert outcome.code == 1, outcome.out
    problem: dict[str, str] = json.loads(outcome.err)
    return problem


@pytest.mark.parametrize("text", ["", "sk-ant-a-key-without-a-name\n", "OTHER=value\n"])
def test_input_that_names_no_key_is_told_instead_of_changing_nothing(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    cloud.deploy()
    problem = piped(cloud, monkeypatch, text)
    assert problem["code"] == "key_form"
    assert "ANTHROPIC_API_KEY=…" in problem["remedy"]
    assert "a-key-without" not in json.dumps(problem)


def test_the_second_half_of_a_key_is_not_left_behind(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    problem = piped(cloud, monkeypatch, "OPENAI_API_KEY=sk-first-half\nsecond-half\n")
    assert problem["detail"] == "Line 2 of standard input is not NAME=value."
    assert set(cloud.secret_values().values()) == {"-"}


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("OPENAI_API_KEY=sk-ant-api03-abc", "ANTHROPIC_API_KEY"),
        ("ANTHROPIC_API_KEY=sk-proj-abcdef", "OPENAI_API_KEY"),
        ("OPENAI_API_KEY=AIzaSyABCDEF", "GEMINI_API_KEY"),
        ("ANTHROPIC_API_KEY=github_pat_abcdef", "GITHUB_TOKEN"),
    ],
)
def test_a_key_of_another_provider_is_told_by_its_beginning(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, line: str, owner: str
) -> None:
    cloud.deploy()
    problem = piped(cloud, monkeypatch, f"GITHUB_TOKEN=ghp_good-one\n{line}\n")
    assert f"is one for {owner}, not {line.partition('=')[0]}" in problem["detail"]
    assert line.partition("=")[2] not in json.dumps(problem)
    assert set(cloud.secret_values().values()) == {"-"}, "none of them is stored"


@pytest.mark.parametrize("value", ["sk-ümlaut-key", "sk-with\x00nul-in-it", "“sk-quoted-key”"])
def test_a_key_has_only_characters_that_a_header_can_hold(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    cloud.deploy()
    assert piped(cloud, monkeypatch, f"OPENAI_API_KEY={value}\n")["code"] == "key_form"
    assert set(cloud.secret_values().values()) == {"-"}


def test_a_file_of_a_shell_is_taken_as_it_is(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.deploy()
    text = "# keys\n\nexport OPENAI_API_KEY=sk-of-a-gateway\r\nHOME=/root\nGEMINI_API_KEY=\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert cloud("keys", "--json").json == {"changed": ["OPENAI_API_KEY"]}
    assert cloud.secret_values()["OPENAI_API_KEY"] == "sk-of-a-gateway"


def test_a_byte_order_mark_costs_no_key(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notepad and PowerShell begin a file with it: the first name would be nobody's."""
    cloud.deploy()
    text = "\ufeffOPENAI_API_KEY=sk-of-a-gateway\nGITHUB_TOKEN=ghp_good-one\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert cloud("keys", "--json").json == {"changed": ["OPENAI_API_KEY", "GITHUB_TOKEN"]}


def test_input_that_is_not_utf_8_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.deploy()
    text = io.BytesIO("OPENAI_API_KEY=sk-of-a-gateway\n".encode("utf-16"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(text, "utf-8"))
    outcome = cloud("keys")
    assert outcome.code == ExitCode.USAGE
    assert "standard input is not UTF-8 text" in outcome.err
    assert set(cloud.secret_values().values()) == {"-"}


def test_who_types_is_asked_again_and_keeps_what_was_stored_before_an_interruption(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.deploy()
    monkeypatch.setattr("sys.stdin", Terminal())
    said = ["short", "sk-ant-good-key", "", interrupted]
    monkeypatch.setattr(agent_keys.typer, "prompt", answers(said))
    outcome = cloud("keys")
    assert outcome.code != 0
    assert "This is not a key for ANTHROPIC_API_KEY." in outcome.err
    assert "ANTHROPIC_API_KEY is stored." in outcome.err
    assert cloud.secret_values()["ANTHROPIC_API_KEY"] == "sk-ant-good-key"


class Terminal(io.StringIO):
    """Somebody types."""

    def isatty(self) -> bool:
        return True


def interrupted() -> str:
    raise KeyboardInterrupt


def answers(given: list[str | Callable[[], str]]) -> Callable[..., str]:
    """What is typed, one after the other."""
    waiting: Iterator[str | Callable[[], str]] = iter(given)

    def prompt(_name: str, **_options: object) -> str:
        found = next(waiting)
        return found if isinstance(found, str) else found()

    return prompt


def test_a_release_that_knows_fewer_keys_says_so(cloud: Cloud) -> None:
    """The clone is newer than what is deployed."""
    outputs = {"PublicUrl": "https://x", "AgentSecrets": '{"GITHUB_TOKEN": "arn"}'}
    cloud.stack("AiWebhook-dev-service", outputs)
    problem = json.loads(cloud("keys", "--only", "GEMINI_API_KEY", "--json").err)
    assert "has no key GEMINI_API_KEY" in problem["detail"]
    assert "cloud deploy" in problem["remedy"]
