"""How the end of a task is told: cause first, remedy next, fit to be spoken."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiwebhook.domain.attempt import FailureReport, decide_failure
from aiwebhook.domain.failure import RULES, ErrorClass, RunError
from aiwebhook.domain.say_ending import agent_display_name, for_statement, say_of_end
from aiwebhook.domain.say_text import LONGEST_CHARS, say_text, sentences, speakable_sentence
from aiwebhook.domain.task import TERMINAL

MARKS = re.compile(r"[_{}\[\]<>|\\`*#]|[\x00-\x1f\x7f-\x9f]|https?:|\b[0-9a-f]{12,}\b")
MOST_CHARS = 400


def assert_spoken(say: str) -> None:
    """The rule of N5 for every `say`."""
    assert say.strip() == say != ""
    assert len(say) <= MOST_CHARS
    assert sentences(say) <= 2, say
    assert not MARKS.search(say), say
    assert not say[0].islower(), say


def failed(error_class: ErrorClass, message: str, *, remedy: str | None = None) -> str:
    error = RunError.of(error_class, message, remedy=remedy)
    return say_of_end("failed", agent="Claude Code", error=error.as_json())


@pytest.mark.req("N5")
def test_a_failure_is_told_by_its_cause_and_then_by_what_to_do() -> None:
    assert failed(ErrorClass.NOT_INSTALLED, "Claude Code is not installed here.") == (
        "Claude Code is not installed here. Install it there, then try again."
    )
    assert failed(ErrorClass.NO_KEY, "There is no key for Anthropic.") == (
        "There is no key for Anthropic. Add the key, then try again."
    )
    assert failed(ErrorClass.TIMEOUT, "The deadline passed before the task was done.") == (
        "The deadline passed before the task was done. Give it more time, or split the task."
    )


@pytest.mark.req("N5")
def test_our_own_messages_speak_of_the_agent_by_its_name() -> None:
    said = failed(ErrorClass.KILLED, "The agent was ended by signal 15.")
    assert said == "Claude Code was ended by signal 15. Try again."
    said = failed(ErrorClass.MODEL, "The agents of this team were lost.")
    assert said.startswith("The agents of this team were lost.")


@pytest.mark.req("N5")
@pytest.mark.parametrize(
    "message",
    [
        "CannotPullContainerError: failed to resolve ref docker.io/x:1",
        "The agent's secrets are not set: FOO_KEY.",
        'Traceback: File "/work/x.py"',
        "Task task_0199 failed",
        "it broke at 3f2a9c1d",
        "\x1b]52;c;aGk=\x07",
        "",
        "x" * 400,
    ],
)
def test_what_cannot_be_spoken_is_told_by_its_class(message: str) -> None:
    said = failed(ErrorClass.NO_SECRET, message)
    assert said == "A secret that Claude Code needs is missing. Store the secret, then try again."


@pytest.mark.req("N5")
def test_a_remedy_of_the_run_is_spoken_when_it_can_be() -> None:
    top_up = "Top up the account at the provider, then retry the task."
    assert failed(ErrorClass.BUDGET, "There is no credit left.", remedy=top_up).endswith(top_up)
    raised = failed(ErrorClass.BUDGET, "There is no credit left.", remedy="Raise max_cost_usd.")
    assert raised == "There is no credit left. Raise the budget, then try again."


@pytest.mark.req("N5")
def test_a_result_without_words_of_its_own_is_told_as_finished() -> None:
    assert say_of_end("completed", agent="the researcher") == "The researcher has finished."
    assert say_of_end("completed", agent="Codex", said="```\nx\n```") == "Codex has finished."
    assert say_of_end("cancelled", agent="Codex", said="Half done.") == "The task was cancelled."


@pytest.mark.req("N5")
def test_an_agent_is_called_by_its_title_or_by_its_name_as_words() -> None:
    assert agent_display_name("claude_code", "Claude Code") == "Claude Code"
    assert agent_display_name("code_reviewer") == "the code reviewer"


@pytest.mark.req("N5")
@pytest.mark.parametrize("error_class", list(ErrorClass))
def test_every_class_can_be_spoken(error_class: ErrorClass) -> None:
    rule = RULES[error_class]
    for agent in ("Claude Code", "the researcher"):
        assert_spoken(say_of_end("failed", agent=agent, error={"error_class": error_class.value}))
    assert speakable_sentence(rule.advice) == rule.advice
    filled = rule.cause.replace("{agent}", "Codex")
    assert speakable_sentence(filled) == filled


@pytest.mark.req("N5")
@given(
    status=st.sampled_from(sorted(TERMINAL)),
    message=st.text(max_size=300),
    said=st.none() | st.text(max_size=600),
    error_class=st.sampled_from([*ErrorClass, "of_a_newer_version"]),
)
@example(status="completed", message="", said="\x1b[31m" * 500_000, error_class="")
@example(status="completed", message="", said="\u202eevil\u2066 \ud800 x", error_class="")
@example(status="completed", message="", said="One. Two. Three. Four.", error_class="")
@example(status="completed", message="", said="# Done\n\n- `a_b`\n- **bold**", error_class="")
def test_every_end_can_be_spoken(
    status: str, message: str, said: str | None, error_class: str
) -> None:
    error = {"error_class": error_class, "message": message, "remedy": message}
    say = say_of_end(status, agent="the researcher", said=said, error=error)
    assert say
    assert len(say) <= MOST_CHARS
    assert sentences(say) <= 2
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", say)


@pytest.mark.req("N5")
@given(st.text(max_size=500))
def test_spoken_text_is_never_longer_than_a_breath(text: str) -> None:
    said = say_text(text)
    assert len(said) <= LONGEST_CHARS
    assert sentences(said) <= 2


@pytest.mark.req("T9")
def test_only_what_stops_every_task_of_an_agent_is_blamed_on_it() -> None:
    def told(error_class: ErrorClass) -> dict[str, object]:
        verdict = decide_failure(FailureReport(error_class=error_class, message="the_reason"))
        assert verdict.error is not None
        return for_statement(verdict.error, verdict)

    fault = told(ErrorClass.NOT_INSTALLED)
    assert fault["agent_fault"] == "{agent} is not installed where it should run."
    assert "shows_start" not in fault
    assert "agent_fault" not in told(ErrorClass.TIMEOUT)
    assert told(ErrorClass.TIMEOUT)["shows_start"]
    assert told(ErrorClass.LAUNCH).keys().isdisjoint({"agent_fault", "shows_start"})
