"""How Claude Code and Codex are started: as it was proven on the binaries."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import AgentCannotStart, CliTurn, Launch, adapter_for
from aiwebhook_runner.adapters.codex import as_toml
from aiwebhook_runner.adapters.prompt import system_brief
from tests.adapters.any_launch import SESSION_ID, TOKEN, any_launch

pytestmark = pytest.mark.req("T5")
KINDS = ("claude_code", "codex")
both = pytest.mark.parametrize("kind", KINDS)
PLAIN: dict[str, Any] = {}
EVERYTHING: dict[str, Any] = {
    "tools": "research",
    "model": "some-model",
    "brief": "Be exact.",
    "max_turns": 7,
    "mcp_servers": {"lab": {"command": ["server", "--stdio"]}},
    "output_schema": {
        "type": "object",
        "required": ["city"],
        "properties": {"city": {"type": "string"}},
    },
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which both are installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("claude", "codex"):
        (folder / name).touch(mode=0o755)
    return str(folder)


@both
@pytest.mark.parametrize(("name", "manifest"), [("plain", PLAIN), ("everything", EVERYTHING)])
def test_a_launch_is_the_one_that_was_proven(
    kind: str, name: str, manifest: dict[str, Any], path: str, tmp_path: Path
) -> None:
    launch = any_launch(kind, tmp_path, path=path, **manifest)
    proven = Path(__file__).with_name("launches") / f"{kind}-{name}.json"

    # After a change that was proven anew (`make test-agents`): proven.write_text(as_text(launch))
    assert as_text(launch) == proven.read_text()


@both
def test_a_later_turn_resumes_the_conversation(kind: str, path: str, tmp_path: Path) -> None:
    launch = any_launch(kind, tmp_path, path=path)
    later = replace(launch, turn=CliTurn(number=2, prompt="More.", session_id="new", resume="abc"))
    spec = adapter_for(launch.run.agent).launch(later)

    assert (
        spec.argv[spec.argv.index({"claude_code": "--resume", "codex": "resume"}[kind]) + 1]
        == "abc"
    )
    assert "--session-id" not in spec.argv
    assert spec.stdin == b"More."


@both
def test_a_secret_of_the_manifest_cannot_redirect_the_cli(
    kind: str, path: str, tmp_path: Path
) -> None:
    names = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "CODEX_HOME", "MODEL_TOKEN")
    secrets = dict.fromkeys(names, "elsewhere") | {"DEPLOY_KEY": "given"}
    launch = any_launch(kind, tmp_path, path=path, environment=secrets)
    spec = adapter_for(launch.run.agent).launch(launch)

    own = {"claude_code": names[:2], "codex": names[2:]}[kind]
    assert "elsewhere" not in {spec.environment[name] for name in own}
    assert spec.environment["DEPLOY_KEY"] == "given"


@both
def test_the_token_stands_in_one_variable_and_nowhere_else(
    kind: str, path: str, tmp_path: Path
) -> None:
    launch = any_launch(kind, tmp_path, path=path, **EVERYTHING)
    spec = adapter_for(launch.run.agent).launch(launch)

    assert [v for v in spec.environment.values() if TOKEN in v] == [TOKEN]
    assert TOKEN not in repr(spec)
    assert TOKEN not in "".join((*spec.argv, *spec.files.values()))


@both
def test_without_the_executable_the_launch_is_refused(kind: str, tmp_path: Path) -> None:
    launch = any_launch(kind, tmp_path, path=str(tmp_path))
    with pytest.raises(AgentCannotStart, match="is not installed here") as refused:
        adapter_for(launch.run.agent).launch(launch)

    assert refused.value.error_class is ErrorClass.NOT_INSTALLED
    assert refused.value.remedy


@both
def test_without_access_to_its_provider_the_remedy_names_the_key(
    kind: str, path: str, tmp_path: Path
) -> None:
    launch = replace(any_launch(kind, tmp_path, path=path), model=None)
    with pytest.raises(AgentCannotStart) as refused:
        adapter_for(launch.run.agent).launch(launch)

    assert refused.value.error_class is ErrorClass.NO_KEY
    key = {"claude_code": "ANTHROPIC_API_KEY", "codex": "OPENAI_API_KEY"}[kind]
    assert key in str(refused.value.remedy)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_codex_gets_every_text_as_it_is(text: str) -> None:
    value = {"brief": text, "servers": {text: {"args": [text], "required": True}}}

    assert tomllib.loads(f"value={as_toml(value)}") == {"value": value}


def as_text(launch: Launch) -> str:
    """The LaunchSpec as JSON, without what differs between tests and without the brief's words."""
    spec = adapter_for(launch.run.agent).launch(launch)
    briefs = {
        json.dumps(system_brief(launch.run.agent, schema_in_words=words))[1:-1]: "BRIEF"
        for words in (True, False)
    }
    places = {str(launch.workspace.root): "/run", launch.environment["PATH"]: "PATH"}
    text = json.dumps(
        {
            "argv": spec.argv,
            "environment": dict(sorted(spec.environment.items())),
            "cwd": str(spec.cwd),
            "files": spec.files,
        },
        indent=1,
    )
    for found, instead in (briefs | {SESSION_ID: "SESSION", TOKEN: "TOKEN"}).items():
        text = text.replace(json.dumps(found)[1:-1], instead).replace(found, instead)
    for found, instead in reversed(places.items()):
        text = text.replace(found, instead)
    return text + "\n"
