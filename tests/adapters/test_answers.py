"""The last words of an agent, and why it failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwebhook.domain.attempt import ErrorClass
from aiwebhook_runner.adapters import ProcessEnd
from aiwebhook_runner.adapters.cli_failure import (
    NO_CREDIT,
    RATE_LIMIT,
    agent_error,
    cause_of,
    ended_without_result,
)
from aiwebhook_runner.adapters.codex_reader import bare_command
from aiwebhook_runner.adapters.one_line import call_summary, last_line, one_line
from aiwebhook_runner.adapters.strict_schema import as_strict
from aiwebhook_runner.output.cli_output import RunStory, SchemaBroken, run_output, text_result
from aiwebhook_runner.output.say_answer import LONGEST_CHARS

pytestmark = pytest.mark.req("T5")


def test_an_answers_lines_are_spoken_as_sentences() -> None:
    text = (
        "## Done\n\n```py\nx = 1\n```\n- one\n\n|a|b|\n|-|-|\n\nSee https://www.example.com/a?b=c."
    )

    assert text_result(text).say == "Done. one."  # two sentences are all that is said


@given(st.text())
def test_what_is_spoken_is_one_short_line(text: str) -> None:
    result = text_result(text)

    assert len(result.say or "") <= LONGEST_CHARS
    assert "\n" not in (result.say or "")
    assert result.output == {"text": text}


NEEDS_A = {"type": "object", "required": ["a"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', 1),
        ('Here it is:\n```json\n{"a": {"b": 2}}\n```\nThat is all.', {"b": 2}),
        ('{"draft": 1} and finally {"a": 1}', 1),
        ("{not json} [1, 2]", None),
        ("", None),
        ("{" * 5_000, None),
        ("[" * 100_000 + "{}", None),
    ],
)
def test_the_object_in_an_answer_is_found(text: str, found: object) -> None:
    assert in_schema(text) == found


@given(st.text(alphabet='{}[]":, a1\\\n'))
def test_no_text_breaks_the_search_for_an_object(text: str) -> None:
    in_schema(text)


def in_schema(text: str) -> object:
    """Field `a` of the output; None where the answer does not follow the schema."""
    try:
        return run_output(text_result(text), RunStory(kind="codex"), NEEDS_A)[0]["a"]
    except SchemaBroken:
        return None


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    ("status", "message", "error_class"),
    [
        (401, "", ErrorClass.AUTH),
        (403, "budget_exceeded: the run may cost 1 USD", ErrorClass.BUDGET),
        (429, "You exceeded your current quota", ErrorClass.BUDGET),
        (429, "slow down", ErrorClass.RATE_LIMIT),
        (400, "prompt is too long: 250000 tokens", ErrorClass.CONTEXT),
        (400, "bad field", ErrorClass.MODEL),
        (413, "", ErrorClass.CONTEXT),
        (500, "", ErrorClass.SERVER),
        (503, "", ErrorClass.OVERLOADED),
        (529, "", ErrorClass.OVERLOADED),
        (0, "stream disconnected before completion", ErrorClass.NETWORK),
        (0, "Incomplete response returned, reason: max_output_tokens", ErrorClass.TRUNCATED),
        (0, "Incomplete response returned, reason: content_filter", ErrorClass.REFUSED),
        (0, "No conversation found with session ID: x", ErrorClass.MODEL),
    ],
)
def test_the_cause_is_read_from_status_and_words(
    status: int, message: str, error_class: ErrorClass
) -> None:
    cause = cause_of(message, status)

    assert cause is not None
    assert cause.error_class is error_class


@pytest.mark.req("T6")
def test_what_tells_nothing_has_no_cause() -> None:
    assert cause_of("It did not work out.") is None


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("API Error: 529 Overloaded. Try again. Check 127.0.0.1:4711.", "Any: 529 Overloaded."),
        ('{"error": {"message": "no such field", "type": "x"}}', "Any: no such field"),
        ("Invalid API key · Run /login", "Any: Invalid API key"),
        (
            "status 401: wrong key, url: http://127.0.0.1:9/v1/responses",
            "Any: status 401: wrong key",
        ),
        ("Any ran out of room.", "Any: ran out of room."),
        ("", "Any: it failed without a reason."),
    ],
)
def test_a_failure_is_one_sentence(said: str, message: str) -> None:
    assert agent_error(RATE_LIMIT, "Any", said).message == message


@pytest.mark.req("T6")
def test_an_empty_account_is_worth_no_other_try() -> None:
    error = agent_error(NO_CREDIT, "Any", "credit balance is too low")

    assert error.retryable is False
    assert "Top up" in str(error.remedy)


@pytest.mark.req("T6")
@pytest.mark.parametrize(
    ("exit_code", "stderr", "error_class"),
    [
        (0, "", ErrorClass.NO_RESULT),
        (0, "Error: 401", ErrorClass.NO_RESULT),
        (1, "", ErrorClass.NO_RESULT),
        (1, "Error: connection refused", ErrorClass.NETWORK),
        (143, "", ErrorClass.KILLED),
        (137, "", ErrorClass.OOM),
    ],
)
def test_an_end_without_a_result_is_a_failure(
    exit_code: int, stderr: str, error_class: ErrorClass
) -> None:
    [error] = ended_without_result("Any", ProcessEnd(exit_code=exit_code, stderr_tail=stderr))

    assert error.error_class is error_class


def test_what_a_signal_means_is_judged_elsewhere() -> None:
    assert ended_without_result("Any", ProcessEnd(exit_code=-9)) == ()


def test_summaries_are_one_short_line() -> None:
    assert one_line("a\n  b\t" + "c" * 10_000).startswith("a b ccc")
    assert len(one_line("x" * 10_000)) == 200
    assert call_summary({"description": "why", "command": "make\ntest"}) == "make test"
    assert call_summary({"x": 1}) == '{"x":1}'
    assert call_summary({}) == ""
    assert last_line("one\ntwo\n\n") == "two"


@pytest.mark.parametrize(
    ("command", "bare"),
    [
        ("/bin/bash -lc 'make test'", "make test"),
        ("make test", "make test"),
        ("bash -lc 'unclosed", "bash -lc 'unclosed"),
    ],
)
def test_the_shell_around_a_command_is_not_shown(command: str, bare: str) -> None:
    assert bare_command(command) == bare


def test_a_schema_with_every_field_required_is_closed_for_strict_mode() -> None:
    item = {"type": "object", "required": ["b"], "properties": {"b": {"type": "number"}}}
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "array", "items": item}},
    }

    assert as_strict(schema) == {
        **schema,
        "additionalProperties": False,
        "properties": {"a": {"type": "array", "items": {**item, "additionalProperties": False}}},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "object"}}},
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "string", "pattern": "x"}},
        },
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "array"}}},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/x"}}},
        {"type": "object", "required": [7], "properties": {"a": {"type": "string"}}},
    ],
)
def test_what_strict_mode_cannot_say_is_asked_for_in_words(schema: dict[str, object]) -> None:
    assert as_strict(schema) is None
