"""Which command-line agent runs, and what of its answer is said aloud."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiwebhook.domain.agent import AgentKind, AgentManifest
from aiwebhook.domain.attempt import ErrorClass
from aiwebhook.domain.say_text import LONGEST_CHARS
from aiwebhook_runner.adapters import AgentCannotStart
from aiwebhook_runner.adapters.cli_kinds import installed_version
from aiwebhook_runner.model.model_choice import choose_model
from aiwebhook_runner.output.say_answer import say_of_answer

pytestmark = pytest.mark.req("T4", "T5")


def template(**changes: Any) -> AgentManifest:
    fields = {
        "name": "any_template",
        "kind": "template",
        "description": "Any.",
        "runs_on": ["claude_code", "gemini", "codex"],
        "entrypoint": "any.module",
    }
    fields = {name: value for name, value in (fields | changes).items() if value}
    return AgentManifest.from_mapping(fields, source="test")


def keys(*providers: str) -> Callable[[], frozenset[str]]:
    return lambda: frozenset(providers)


def test_the_version_of_a_cli_that_tells_none_is_that_of_its_package(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@openai" / "codex-linux-x64"
    program = package / "vendor" / "bin" / "codex"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    shelf = tmp_path / "bin"
    shelf.mkdir()
    (shelf / "codex").symlink_to(program)
    assert installed_version(AgentKind.CODEX, str(shelf)) is None
    (tmp_path / "package.json").write_text('{"version": "1.0.0"}')  # of somebody's project
    assert installed_version(AgentKind.CODEX, str(shelf)) is None
    (package / "package.json").write_text('{"version": "0.169.0-linux-x64"}')
    assert installed_version(AgentKind.CODEX, str(shelf)) == "0.169.0"
    assert installed_version(AgentKind.GEMINI, str(shelf)) is None


def test_a_template_runs_on_the_first_cli_that_is_there_and_has_a_key() -> None:
    present = frozenset({AgentKind.GEMINI, AgentKind.CODEX})
    choice = choose_model(template(), present=present, with_key=keys("anthropic", "openai"))
    assert choice is not None
    assert choice.manifest.kind is AgentKind.CODEX
    assert choice.provider == "openai"


def test_a_template_without_cli_or_key_is_its_own_module_if_it_has_one() -> None:
    present = frozenset({AgentKind.CLAUDE_CODE})
    assert choose_model(template(), present=present, with_key=keys()) is None
    assert choose_model(template(), present=frozenset(), with_key=keys("anthropic")) is None
    with pytest.raises(AgentCannotStart, match="no key for Anthropic"):
        choose_model(template(entrypoint=""), present=present, with_key=keys())


def cli_agent(kind: str, **changes: Any) -> AgentManifest:
    fields = {"name": "any_cli", "kind": kind, "description": "Any."} | changes
    return AgentManifest.from_mapping(fields, source="test")


@pytest.mark.parametrize(
    ("agent", "present", "providers", "error_class", "remedy"),
    [
        (cli_agent("codex"), (), ("openai",), ErrorClass.NOT_INSTALLED, "make agents"),
        (cli_agent("codex"), ("codex",), ("anthropic",), ErrorClass.NO_KEY, "OPENAI_API_KEY"),
        (
            cli_agent("opencode", model="mistral/large"),
            ("opencode",),
            ("openai",),
            ErrorClass.MODEL,
            "anthropic, openai, google",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(
    agent: AgentManifest,
    present: tuple[str, ...],
    providers: tuple[str, ...],
    error_class: ErrorClass,
    remedy: str,
) -> None:
    kinds = frozenset(AgentKind(kind) for kind in present)
    with pytest.raises(AgentCannotStart) as refused:
        choose_model(agent, present=kinds, with_key=keys(*providers))
    assert refused.value.error_class is error_class
    assert remedy in str(refused.value.remedy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Done\n\n- **one**\n- `two`", "Done. one."),
        ("It works.\n```py\nx = 1\n```\nReally.", "It works. Really."),
        ("See https://www.example.com/a/b?c=d.", "See example.com."),
        ("| a | b |\n|---|---|\nA table was there.", "A table was there."),
        ("```\nonly code\n```", ""),
        ('{"summary": "Two **sources** agree.", "findings": []}', "Two sources agree."),
        ('{"say": 3}', ""),
        ("snake_case and 2 * 3 * 4 stay", "snake_case and 2 * 3 * 4 stay."),
    ],
)
def test_an_answer_is_made_fit_to_be_spoken(text: str, said: str) -> None:
    assert say_of_answer(text) == said


def test_what_is_said_ends_with_a_sentence_and_is_no_more_than_a_breath() -> None:
    assert say_of_answer("A sentence of six words here. " * 40).endswith("here.")
    assert len(say_of_answer("A sentence of six words here. " * 40)) <= LONGEST_CHARS
    endless = say_of_answer("word " * 200)
    assert endless.endswith(" …")
    assert len(endless) <= LONGEST_CHARS
